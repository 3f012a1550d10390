// The files of an upload: its report, the tables of its errors, and the parts of a split file.

import * as api from "./api.js";
import { byId, html, say } from "./elements.js";
import { problem as inWords, t } from "./words.js";

/** The files of an upload before it is known which exist. */
export const NOTHING = { report: [], result: [] };

/** Offers the files that exist. */
export function offer(uploadId, { report, result }) {
  const reports = (formats, open) =>
    formats.filter((it) => report.includes(it)).map((it) => button(`reports.${it}`, () => open(api.report(uploadId, it))));
  byId("downloads").replaceChildren(
    ...reports(["html"], show),
    ...reports(["errors.csv", "rows.xlsx", "rows.csv"], save),
    ...result.map((it) => button(`parts.${it}`, () => save(api.rows(uploadId, it)))),
  );
  byId("engineers-actions").replaceChildren(...reports(["jsonl"], show));
}

const button = (key, onclick) => html("button", { type: "button", onclick }, t(key));

// Addresses are valid for a few minutes, so each click asks for another one.

/** Shows a file in a tab of its own. */
async function show(asked) {
  const tab = open("", "_blank"); // at once: browsers block what opens after a request
  if (tab) tab.opener = null;
  const url = await addressOf(asked);
  if (url) (tab ?? window).location.replace(url);
  else tab?.close();
}

/** Saves a file: the bucket sends it as an attachment, so that this page stays. */
async function save(asked) {
  const href = await addressOf(asked);
  if (href) html("a", { href }).click();
}

/** Returns the address; null if there is none, and the page says why. */
async function addressOf(asked) {
  try {
    return (await asked).url;
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    say(byId("trouble"), inWords(problem));
    return null;
  }
}
