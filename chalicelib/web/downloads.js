// The files of an upload: its report, the tables of its errors, and the parts of a split file.

import * as api from "./api.js";
import { answerOrTrouble, byId, html } from "./elements.js";
import { t } from "./words.js";

/** The files of an upload before it is known which exist. */
export const NOTHING = { report: [], result: [] };

/** Offers the files that exist. */
export function offer(uploadId, { report, result }) {
  const reports = (formats) => formats.filter((it) => report.includes(it)).map((it) => button(`reports.${it}`, () => saveReport(uploadId, it)));
  byId("downloads").replaceChildren(
    ...(report.includes("html") ? [html("a", { class: "button", href: api.placeOf(uploadId, "/report") }, t("reports.html"))] : []),
    ...reports(["errors.csv", "rows.xlsx", "rows.csv"]),
    ...result.map((it) => button(`parts.${it}`, () => save(api.rows(uploadId, it)))),
  );
  byId("engineers-actions").replaceChildren(...reports(["jsonl"]));
}

const button = (key, onclick) => html("button", { type: "button", onclick }, t(key));

/** Saves a file of the report. */
export const saveReport = (uploadId, format) => save(api.report(uploadId, format));

/**
 * Saves a file: the bucket sends it as an attachment, so that this page stays. Its address is valid for a few minutes, so
 * each click asks for another one.
 */
async function save(asked) {
  const answer = await answerOrTrouble(asked);
  if (answer) html("a", { href: answer.url }).click();
}
