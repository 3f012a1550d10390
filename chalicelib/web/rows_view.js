// Which rows share the value of a key, and the rows before and after the one in error.

import { html } from "./elements.js";
import { visible } from "./visible_text.js";
import { letters, number, t } from "./words.js";

const NEAR = 2; // columns on each side of the wrong one
const MAX_LENGTH = 60; // characters of a cell

/** Returns the value of a key, and the rows that have it. */
export function sharedRows({ code, key }) {
  const isReference = code === "foreign-key";
  const more = key.rowCount - key.rows.length;
  const rows = `${key.rows.map(number).join(", ")}${more > 0 ? ` ${t("keys.more", { count: more })}` : ""}`;
  const value = key.values.flatMap((text, at) => [at ? ", " : "", html("bdi", {}, key.columns[at] ?? ""), ": ", html("code", {}, ...visible(text))]);
  const fact = (name, ...content) => html("div", {}, html("dt", {}, t(`keys.${name}`)), html("dd", {}, ...content));
  return html(
    "dl",
    { class: "key" },
    fact("value", ...value),
    isReference ? null : fact("first", number(key.rows[0])),
    fact(isReference ? "referring" : "all", rows),
  );
}

/**
 * Returns the row in error between its neighbours, as a spreadsheet shows them. `rows` are {row, cells}; `fields` and
 * `labels` are those of the cells. `source` is a key below `around` in the words.
 */
export function around({ row, field }, rows, fields, labels, source) {
  const isShown = (at) => !field || fields.length <= 2 * NEAR + 2 || at === fields[0] || Math.abs(at - field) <= NEAR;
  const shown = fields.flatMap((at, index) => (isShown(at) ? [index] : []));
  const heading = (index) => html("th", { scope: "col" }, html("span", { class: "letter" }, letters(fields[index])), " ", html("bdi", {}, labels[index] ?? ""));
  const cell = (text, isWrong) => html("td", { class: isWrong ? "wrong" : null }, ...visible(text ?? "", MAX_LENGTH));
  const line = (it) =>
    html(
      "tr",
      { class: it.row === row ? "this" : null },
      html("th", { scope: "row" }, number(it.row)),
      ...shown.map((index) => cell(it.cells[index], it.row === row && fields[index] === field)),
    );
  const ordered = [...rows].sort((one, other) => one.row - other.row);
  const table = html(
    "table",
    {},
    html("caption", {}, t(`around.${source}`)),
    html("thead", {}, html("tr", {}, html("th", { scope: "col" }, t("errors.row")), ...shown.map(heading))),
    html("tbody", {}, ...ordered.map(line)),
  );
  return html("div", { class: "wide around", tabindex: 0, role: "group", "aria-label": t(`around.${source}`) }, table);
}
