// Sends a file to the bucket, with its presigned form.

import { Problem } from "./problem.js";

/** Posts the file; `onProgress` receives the number of sent bytes. The signal cancels it. */
export function send(form, file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted(); // it may have been cancelled while the form was requested
    const request = new XMLHttpRequest(); // fetch does not report the progress of a body
    request.open("POST", form.url);
    request.upload.addEventListener("progress", ({ loaded }) => onProgress(Math.min(loaded, file.size)));
    request.addEventListener("load", () => (request.status < 300 ? resolve() : reject(refusal(request))));
    request.addEventListener("error", () => reject(new Problem({ title: "BucketUnreachable" })));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(fields(form, file));
  });
}

function fields(form, file) {
  const data = new FormData();
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value);
  data.append("file", file); // last, because S3 ignores fields after the file
  return data;
}

/** Parses S3's error response, which is XML. */
function refusal({ status, responseText }) {
  const xml = new DOMParser().parseFromString(responseText, "application/xml");
  const text = (name) => xml.querySelector(name)?.textContent ?? "";
  return new Problem({ status, title: text("Code"), detail: text("Message") });
}
