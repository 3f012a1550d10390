// The header of a file beside the one that was agreed, if it is in error.

import { byId, html } from "./elements.js";
import { visible } from "./visible_text.js";
import { letters, t } from "./words.js";

/** Shows the header of the first page of errors; hides the section if there is none that can be compared. */
export function showHeader(header) {
  const columns = header?.columns ?? [];
  byId("header").hidden = columns.length === 0;
  if (columns.length === 0) return;
  const headings = ["agreed", "found", "difference"].map((name) => html("th", { scope: "col" }, t(`header.${name}`)));
  const isCut = columns.length < Math.max(header.found.length, header.expected.length);
  byId("header").lastElementChild.replaceChildren(
    html("table", { class: "headers" }, html("thead", {}, html("tr", {}, ...headings)), html("tbody", {}, ...columns.map(row))),
    isCut ? html("p", { class: "bound" }, t("header.cut")) : "",
  );
}

function row({ expected, expectedField, found, field, difference }) {
  const mark = difference ? html("b", {}, t(`header.${difference}`)) : t("header.same");
  return html(
    "tr",
    { class: difference ? "wrong" : null },
    html("td", {}, ...label(expectedField, expected === null ? quiet("none") : html("bdi", {}, ...visible(expected)))),
    html("td", {}, ...label(field, field === null ? quiet("none") : foundLabel(found))),
    html("td", {}, mark),
  );
}

const quiet = (key) => html("em", {}, t(`header.${key}`));

function foundLabel(text) {
  if (text === null) return quiet("unreadable");
  return text === "" ? quiet("empty") : html("bdi", {}, ...visible(text));
}

const label = (field, name) => (field === null ? [name] : [html("span", { class: "letter" }, letters(field)), " ", name]);
