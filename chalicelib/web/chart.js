// The number of errors by column and code, as a table with bars. Choosing a row filters the list of errors.

import { html, svg } from "./elements.js";
import { advice, number } from "./words.js";

const MAX_ROWS = 12; // until the user asks for all

/** Draws the counts of an ErrorList; `onChoose` receives {column, code}, or null to remove the filter. */
export function drawChart(place, list, { isWhole, onChoose, onWhole }) {
  const counts = [...list.counts].map(([key, count]) => [...JSON.parse(key), count]).sort((a, b) => b[2] - a[2]);
  const shown = isWhole ? counts : counts.slice(0, MAX_ROWS);
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const rows = shown.map(([column, code, count]) => row({ column, code, count, most: counts[0][2], list, onChoose }));
  const headings = ["Column", "Error", "Share", "Count"].map((text) => html("th", { scope: "col" }, text));
  place.replaceChildren(html("table", { class: "chart" }, html("thead", {}, html("tr", {}, ...headings)), html("tbody", {}, ...rows)));
  if (shown.length < counts.length) {
    place.append(html("button", { type: "button", onclick: onWhole }, `Show all ${number(counts.length)} kinds`));
  }
  // The pressed button was replaced: focus its successor.
  if (focused) [...place.querySelectorAll("button")].find((button) => button.dataset.key === focused)?.focus();
}

function row({ column, code, count, most, list, onChoose }) {
  const isChosen = list.filter !== null && list.filter.column === column && list.filter.code === code;
  const name = column ?? "without a column";
  const choose = html(
    "button",
    {
      type: "button",
      "data-key": JSON.stringify([column, code]),
      "aria-pressed": String(isChosen),
      "aria-label": `${name}, ${code}: ${number(count)}. Show only these`,
      onclick: () => onChoose(isChosen ? null : { column, code }),
    },
    html("bdi", {}, name),
  );
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, choose),
    html("td", {}, html("code", {}, code), html("small", {}, advice(code))),
    html("td", {}, bar(count / most)),
    html("td", {}, number(count)),
  );
}

function bar(share) {
  const length = Math.max(share * 100, 1);
  return svg(
    "svg",
    { viewBox: "0 0 100 10", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true" },
    svg("rect", { width: length, height: 10 }),
  );
}
