// The files of an upload: its report, the tables of its errors, and the parts of a split file.

import * as api from "./api.js";
import { answerOrTrouble, byId, html } from "./elements.js";
import { t } from "./words.js";

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
  const answer = await answerOrTrouble(asked);
  if (answer) (tab ?? window).location.replace(answer.url);
  else tab?.close();
}

/** Saves a file: the bucket sends it as an attachment, so that this page stays. */
async function save(asked) {
  const answer = await answerOrTrouble(asked);
  if (answer) html("a", { href: answer.url }).click();
}
