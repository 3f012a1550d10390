// Watches an upload until it has its verdict.

import { upload as ask } from "./api.js";
import { isVerdict } from "./words.js";

const MIN_PAUSE = 500; // milliseconds
const MAX_PAUSE = 15_000;
const AFTER_VERDICT = 30_000;

/**
 * Calls `onUpload` whenever the upload changes. Until the verdict, calls `onProblem` with each problem, with null once it
 * is over, and with whether watching has ended. After the verdict the upload is polled slowly while the page is visible,
 * because a partner may send a repaired file.
 *
 * A 4xx response ends watching. After other failures the request is repeated at growing intervals, and at once when the
 * browser is online again. Attempts up to `after` concern an earlier file: the upload is then shown as waiting. Just after
 * a file was sent (`isSent`), the API may still be behind, so its Retry-After is ignored.
 */
export async function watch(id, { after, isSent, onUpload, onProblem, signal }) {
  let etag = null;
  let pause = MIN_PAUSE;
  let troubled = false;
  let status = null;
  while (!signal.aborted) {
    try {
      const response = await ask(id, etag, signal);
      if (troubled) onProblem(null, false);
      troubled = false;
      etag = response.etag;
      if (response.upload) {
        pause = MIN_PAUSE;
        const upload = response.upload.attempt > after ? response.upload : waiting(response.upload);
        status = upload.status;
        onUpload(upload);
      }
      if (isVerdict(status)) {
        await rest(AFTER_VERDICT, signal);
        while (document.hidden && !signal.aborted) await rest(AFTER_VERDICT, signal);
        continue;
      }
      const isHurried = isSent && status === "PENDING";
      await rest(Math.max(pause, isHurried ? 0 : (response.retryAfter ?? 0) * 1000), signal);
    } catch (problem) {
      if (signal.aborted) return;
      if (problem.status === undefined) throw problem;
      const isOver = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
      if (!isVerdict(status)) onProblem(problem, isOver);
      troubled = !isVerdict(status);
      if (isOver) return;
      await rest(Math.max(pause, (problem.retryAfter ?? 0) * 1000), signal);
    }
    pause = Math.min(pause * 1.6, MAX_PAUSE);
  }
}

const waiting = (upload) => ({ ...upload, status: "PENDING", parts: null, rowCount: null, rejectedRows: null, sameAs: null, loadedRows: null, errorCount: null, errors: [] });

/** Waits; returning to the page or going online ends the wait. */
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
