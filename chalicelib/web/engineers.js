// The part for engineers: the state machine, the counts by code, and the attempts with their actors.

import { byId, countCell, html } from "./elements.js";
import { draw, redrawOnTurn } from "./machine.js";
import { errorCount, moment, number, status, t } from "./words.js";

export class EngineersView {
  constructor() {
    redrawOnTurn(byId("machine"), () => this.upload);
  }

  close() {
    this.upload = null;
    byId("machine").replaceChildren();
    delete byId("machine").dataset.way;
    byId("codes").hidden = byId("attempts").hidden = true;
  }

  show(upload) {
    this.upload = upload;
    draw(byId("machine"), upload);
    const facts = [
      ["upload.attempt", upload.attempt ? number(upload.attempt) : null],
      ["upload.registered", moment(upload.createdAt)],
    ];
    const shown = facts.filter(([, value]) => value !== null);
    byId("particulars").replaceChildren(...shown.map(([key, value]) => html("div", {}, html("dt", {}, t(key)), html("dd", {}, value))));
    const attempts = upload.attempts ?? [];
    byId("attempts").hidden = attempts.length === 0;
    byId("attempts").lastElementChild.replaceChildren(table(attemptHeadings, attempts.map(attempt)));
  }

  /** Shows how many errors of which code are in which column. */
  count(causes) {
    byId("codes").hidden = causes.length === 0;
    const headings = ["code", "column", "count"];
    byId("codes").lastElementChild.replaceChildren(table(headings, causes.map(cause)));
  }
}

const attemptHeadings = ["attempt", "verdict", "errors", "began", "by", "reason"];

function table(headings, rows) {
  const head = headings.map((name) => html("th", { scope: "col" }, t(`engineers.${name}`)));
  return html("table", { class: "past" }, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...rows));
}

const cause = ({ code, column, count }) =>
  html(
    "tr",
    {},
    html("th", { scope: "row" }, html("code", {}, code)),
    html("td", {}, column === null ? html("em", {}, t("engineers.noColumn")) : html("bdi", {}, column)),
    countCell(number(count), "error"),
  );

const attempt = (it) =>
  html(
    "tr",
    {},
    html("th", { scope: "row" }, number(it.attempt)),
    html("td", { class: `status ${it.systemFailure ? "unknown" : it.status}` }, status(it)),
    countCell(errorCount(it), "error"),
    html("td", { class: "when" }, it.beganAt ? html("time", { datetime: it.beganAt }, moment(it.beganAt)) : ""),
    html("td", {}, it.actor ?? ""),
    html("td", { class: "reason" }, it.reason ?? ""),
  );
