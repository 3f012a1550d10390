// Requests to the HTTP API. URLs are relative to this file, so that a stage in the path makes no difference.

const root = new URL("../../", import.meta.url);
const token = location.pathname.match(/\/links\/([^/]+)\/?$/)?.[1] ?? null;

/** Whether this is the page of a partner link, which shows one upload. */
export const isLink = token !== null;

/** An error response, with the members of problem details; status 0 means that there was no response. */
export class Problem extends Error {
  constructor({ title = "", detail = "", status = 0, retryAfter = null }) {
    super(detail || title);
    Object.assign(this, { title, detail, status, retryAfter });
  }
}

const ofUpload = (id, part) => (isLink ? `links/${token}/${part}` : `uploads/${encodeURIComponent(id)}/${part}`);
const pathOf = (id) => (isLink ? `links/${token}/upload` : `uploads/${encodeURIComponent(id)}`);

export const register = (upload) => ask("uploads", { body: upload });
export const newForm = async () => read(await send(`links/${token}/form`, { method: "POST" }));
export const link = async (id) => read(await send(ofUpload(id, "links"), { method: "POST" }));
export const uploads = (query) => ask(`uploads?${new URLSearchParams(query)}`);
export const schemas = () => ask("schemas");
export const schema = (name) => ask(`schemas/${encodeURIComponent(name)}`);
export const replay = (id, reason, attempt) => ask(ofUpload(id, "attempts"), { body: { reason, attempt } });
export const errors = (id, limit, cursor) =>
  ask(`${ofUpload(id, "errors")}?${new URLSearchParams({ limit, ...(cursor && { cursor }) })}`);
export const reportUrl = (id, format) => new URL(`${ofUpload(id, "report")}?format=${format}`, root).href;

/** Gets an upload; `upload` is null if its ETag is unchanged. `retryAfter` is in seconds. */
export async function upload(id, etag, signal) {
  const response = await send(pathOf(id), { signal, headers: etag ? { "If-None-Match": etag } : {} });
  const retryAfter = seconds(response);
  if (response.status === 304) return { upload: null, etag, retryAfter };
  return { upload: await read(response), etag: response.headers.get("ETag"), retryAfter };
}

async function ask(path, { body } = {}) {
  const options = body && { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  return read(await send(path, options));
}

async function send(path, options) {
  try {
    return await fetch(new URL(path, root), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "Unreachable" });
  }
}

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const title = body.title ?? response.headers.get("x-amzn-errortype")?.split(":")[0];
  throw new Problem({ detail: body.detail, title, status: response.status, retryAfter: seconds(response) });
}

const seconds = (response) => Number(response.headers.get("Retry-After")) || null;
