// Sends a file to the bucket, by the form that was signed for it.

import { Problem } from "./api.js";

/** Posts the file; `onProgress` is told the bytes that are under way. The signal's abort cancels it. */
export function send(form, file, { onProgress, signal }) {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted(); // somebody may have cancelled while the form was on its way
    const request = new XMLHttpRequest(); // fetch does not tell how much of a body has gone out
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
  data.append("file", file); // S3 ignores whatever comes after the file
  return data;
}

/** Reads S3's refusal, which is XML. */
function refusal({ status, responseText }) {
  const told = new DOMParser().parseFromString(responseText, "application/xml");
  const text = (name) => told.querySelector(name)?.textContent ?? "";
  return new Problem({ status, title: text("Code"), detail: text("Message") });
}
