// Watches an upload until it has its verdict.

import { upload as ask } from "./api.js";
import { isVerdict } from "./words.js";

const SOONEST = 500; // milliseconds
const LATEST = 15_000;
const AFTER_VERDICT = 30_000;

/**
 * Tells of an upload whenever it has changed, and, up to its verdict, of each problem on the way (null when there is none
 * any more), and whether that is the end. After its verdict it is looked after now and then, while somebody sees the page:
 * a partner may send a repaired file.
 *
 * What is gone for good (4xx) ends it; what may come back is asked for again, ever more slowly, and at once when the
 * connection is back. As long as no later attempt than `after` has begun, what is known is of another file: the upload
 * still waits for this one. Where a file has been sent just now (`isSent`), it is there sooner than the API can know.
 */
export async function watch(id, { after, isSent, onUpload, onProblem, signal }) {
  let etag = null;
  let pause = SOONEST;
  let troubled = false;
  let status = null;
  while (!signal.aborted) {
    try {
      const answer = await ask(id, etag, signal);
      if (troubled) onProblem(null, false);
      troubled = false;
      etag = answer.etag;
      if (answer.upload) {
        pause = SOONEST;
        const upload = answer.upload.attempt > after ? answer.upload : waiting(answer.upload);
        status = upload.status;
        onUpload(upload);
      }
      if (isVerdict(status)) {
        await rest(AFTER_VERDICT, signal);
        while (document.hidden && !signal.aborted) await rest(AFTER_VERDICT, signal);
        continue;
      }
      const isHurried = isSent && status === "PENDING";
      await rest(Math.max(pause, isHurried ? 0 : (answer.retryAfter ?? 0) * 1000), signal);
    } catch (problem) {
      if (signal.aborted) return;
      if (problem.status === undefined) throw problem;
      const isOver = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
      if (!isVerdict(status)) onProblem(problem, isOver);
      troubled = !isVerdict(status);
      if (isOver) return;
      await rest(Math.max(pause, (problem.retryAfter ?? 0) * 1000), signal);
    }
    pause = Math.min(pause * 1.6, LATEST);
  }
}

const waiting = (upload) => ({ ...upload, status: "PENDING", rowCount: null, errorCount: null, errors: [] });

/** Waits; somebody who comes back to the page, or back on line, does not. */
function rest(milliseconds, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = () => {
      clearTimeout(timer);
      over.abort();
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    const listening = { signal: over.signal };
    signal.addEventListener("abort", end, listening);
    addEventListener("online", end, listening);
    document.addEventListener("visibilitychange", () => document.hidden || end(), listening);
  });
}
