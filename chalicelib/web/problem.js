// A request that failed.

/** An error response, with the members of problem details; status 0 means that there was no response. */
export class Problem extends Error {
  constructor({ title = "", detail = "", status = 0, retryAfter = null }) {
    super(detail || title);
    Object.assign(this, { title, detail, status, retryAfter });
  }
}
