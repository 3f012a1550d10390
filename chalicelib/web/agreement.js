// What was agreed about a file: the columns as a table, and an empty file to fill in.

import * as api from "./api.js";
import { holds } from "./causes.js";
import { answerOrTrouble, html } from "./elements.js";
import { known, t } from "./words.js";

/** Returns the parts of the section. */
export function agreed(agreement) {
  const headings = ["column", "holds", "examples", "required", "allowed"].map((name) => html("th", { scope: "col" }, t(`agreed.${name}`)));
  const table = html(
    "table",
    { class: "agreed" },
    html("thead", {}, html("tr", {}, ...headings)),
    html("tbody", {}, ...agreement.columns.map(row)),
  );
  return [
    html("p", {}, t("agreed.lead", { name: agreement.title ?? agreement.name })),
    html("div", { class: "wide", tabindex: 0, role: "group", "aria-labelledby": "agreed-title" }, table),
    html("p", { class: "bound" }, rules(agreement).join(" ")),
    html("p", { class: "actions" }, html("span", {}, t("agreed.templates")), template(agreement, "csv"), template(agreement, "xlsx")),
  ];
}

function row(column) {
  const about = [column.title, column.description].filter(Boolean).map((text) => html("small", {}, text));
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, html("bdi", {}, column.name), ...about),
    html("td", {}, holds(column), ...conditions(column).map((text) => html("small", {}, text))),
    html("td", { "data-label": t("agreed.examples") }, ...listed(column.examples)),
    html("td", { "data-label": t("agreed.required") }, t(column.required ? "agreed.yes" : "agreed.no")),
    html("td", { "data-label": t("agreed.allowed") }, ...listed(column.allowed), more(column)),
  );
}

function more({ allowed, allowedCount }) {
  return allowedCount > allowed.length ? ` ${t("agreed.more", { count: allowedCount - allowed.length })}` : "";
}

const listed = (texts) => texts.flatMap((text, at) => [at ? ", " : "", html("code", {}, text)]);

function conditions({ limits, unique }) {
  const sentences = limits.map(({ name, limit }) => t(`limits.${name}`, { limit, count: Number(limit) }));
  return unique ? [...sentences, t("agreed.unique")] : sentences;
}

function rules({ anyOrder, allowsMore, allowsFewer, keys, delimiter, encoding }) {
  const name = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe" }[delimiter];
  return [
    t(anyOrder ? "agreed.anyOrder" : "agreed.order"),
    allowsMore && t("agreed.moreColumns"),
    allowsFewer && t("agreed.fewerColumns"),
    ...keys.map((columns) => t("agreed.key", { count: columns.length, columns: columns.join(", ") })),
    t("agreed.delimiter", { delimiter: known(`agreed.${name}`) ? t(`agreed.${name}`) : delimiter }),
    t("agreed.encoding", { encoding }),
  ].filter(Boolean);
}

/** Returns a button that downloads an empty file with these columns. */
function template({ name }, format) {
  const onclick = async () => {
    const answer = await answerOrTrouble(api.template(name, format));
    if (!answer) return;
    const content = Uint8Array.from(atob(answer.content), (byte) => byte.charCodeAt(0));
    download(new Blob([content], { type: answer.mediaType }), answer.filename);
  };
  return html("button", { type: "button", onclick }, t(`templates.${format}`));
}

/** Saves a blob as a file. */
export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
