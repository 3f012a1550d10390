// Requests to the HTTP API. URLs are relative to this file, so that a stage in the path makes no difference.

import { Problem } from "./problem.js";
import { authorization, isUsed } from "./session.js";

const root = new URL("../../", import.meta.url);
// The token of a link is in the fragment, which browsers send to no server. Older links have it in the path.
const [, older] = location.pathname.match(/\/links(?:\/([^/]+))?\/?$/) ?? [null, null];
const given = () => location.hash.match(/^#?([^/]*)/)[1];
const token = older === null ? null : (older ?? given());

/** Whether this is the page of a partner link, which shows one upload. */
export const isLink = token !== null;

/** Whether the link in the address has become another one, which this page does not show. */
export const isOtherLink = () => isLink && !older && given() !== token;

/** Returns the fragment of an upload, or of its report. */
export const placeOf = (id, part = "") => (isLink ? `#${older ? "" : token}${part}` : `#/uploads/${id}${part}`);

const ofUpload = (id, part) => (isLink ? `link/${part}` : `uploads/${encodeURIComponent(id)}/${part}`);
const pathOf = (id) => (isLink ? "link/upload" : `uploads/${encodeURIComponent(id)}`);

export const caller = () => ask("caller");
export const register = (upload) => ask("uploads", { body: upload });
export const newForm = async (id) => read(await send(ofUpload(id, "form"), { method: "POST" }));
export const link = async (id) => read(await send(ofUpload(id, "links"), { method: "POST" }));
export const uploads = (query) => ask(`uploads?${new URLSearchParams(query)}`);
export const schemas = () => ask("schemas");
export const schema = (name) => ask(`schemas/${encodeURIComponent(name)}`);
export const replay = (id, reason, attempt) => ask(ofUpload(id, "attempts"), { body: { reason, attempt } });
export const errors = (id, limit, cursor) =>
  ask(`${ofUpload(id, "errors")}?${new URLSearchParams({ limit, ...(cursor && { cursor }) })}`);
export const causes = (id) => ask(ofUpload(id, "causes"));
export const agreement = (name) => ask(isLink ? "link/agreement" : `schemas/${encodeURIComponent(name)}/agreement`);
export const template = (name, format) =>
  ask(`${isLink ? "link" : `schemas/${encodeURIComponent(name)}`}/template?format=${format}`);
export const downloads = (id) => ask(ofUpload(id, "downloads"));
export const report = (id, format) => ask(`${ofUpload(id, "report-url")}?format=${format}`);
export const rows = (id, part) => ask(`${ofUpload(id, "result-url")}?part=${part}`);

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

async function send(path, options = {}) {
  const response = await sendOnce(path, options, isLink ? { Authorization: `Bearer ${token}` } : await authorization());
  // API Gateway refuses a token that it does not accept any more. The API's own refusals are problem details.
  const isRefused = [401, 403].includes(response.status) && !response.headers.get("Content-Type")?.includes("problem");
  return isRefused && !isLink && isUsed() ? sendOnce(path, options, await authorization({ refused: true })) : response;
}

async function sendOnce(path, options, authorized) {
  try {
    return await fetch(new URL(path, root), { ...options, headers: { ...options.headers, ...authorized } });
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
