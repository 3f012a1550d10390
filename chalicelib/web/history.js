// The list of uploads, newest first, with filters.

import * as api from "./api.js";
import { byId, countCell, html } from "./elements.js";
import { errorCount, isSystemFailure, moment, number, problem as inWords, status, t } from "./words.js";

const LIMIT = 20;
const TYPING_PAUSE = 300; // milliseconds after the last key

export class History {
  constructor() {
    this.sieve = byId("sieve");
    this.place = byId("past");
    this.behind = []; // the cursors of the previous pages
    this.cursor = null;
    this.turn = 0;
    this.sieve.addEventListener("input", () => this.#soon());
    this.sieve.addEventListener("reset", () => this.#soon());
    this.sieve.addEventListener("submit", (event) => event.preventDefault());
    byId("older").addEventListener("click", () => this.#older());
    byId("newer").addEventListener("click", () => this.behind.length && this.#turn(this.behind.pop()));
  }

  /** Loads and shows the current page. */
  async show() {
    const turn = ++this.turn;
    try {
      const { uploads, next } = await api.uploads(this.#query());
      if (turn !== this.turn) return; // another page was requested meanwhile
      this.next = next;
      this.#draw(uploads);
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      if (turn !== this.turn) return;
      const again = html("button", { type: "button", onclick: () => this.show() }, t("history.tryAgain"));
      this.place.replaceChildren(html("p", { class: "empty" }, inWords(problem), " ", again));
    }
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.behind = [];
      this.cursor = null;
      this.show();
    }, TYPING_PAUSE);
  }

  #older() {
    if (!this.next) return; // there is none, or the requested page is not loaded yet
    this.behind.push(this.cursor);
    this.#turn(this.next);
  }

  #turn(cursor) {
    this.cursor = cursor ?? null;
    this.next = null;
    this.show();
  }

  #query() {
    const { filename, owner, status: chosen, createdAfter, createdBefore } = Object.fromEntries(new FormData(this.sieve));
    const query = { limit: LIMIT };
    if (filename.trim()) query.filenameContains = filename.trim();
    if (owner.trim()) query.ownerContains = owner.trim();
    if (chosen) query.status = chosen;
    if (createdAfter) query.createdAfter = new Date(`${createdAfter}T00:00`).toISOString();
    if (createdBefore) query.createdBefore = new Date(`${createdBefore}T24:00`).toISOString(); // including that day
    if (this.cursor) query.cursor = this.cursor;
    return query;
  }

  #draw(uploads) {
    // Not disabled: a disabled button loses the keyboard focus.
    byId("older").ariaDisabled = !this.next;
    byId("newer").ariaDisabled = this.behind.length === 0;
    byId("older").parentElement.hidden = !this.next && this.behind.length === 0;
    this.place.replaceChildren(uploads.length ? table(uploads) : html("p", { class: "empty" }, this.#nothing()));
  }

  #nothing() {
    const isFiltered = [...new FormData(this.sieve).values()].some(Boolean);
    return t(isFiltered ? "history.noMatch" : "history.none");
  }
}

function table(uploads) {
  const headings = ["file", "verdict", "rows", "errors", "owner", "when"].map((name) => html("th", { scope: "col" }, t(`history.${name}`)));
  return html("table", { class: "past" }, html("thead", {}, html("tr", {}, ...headings)), html("tbody", {}, ...uploads.map(row)));
}

function row(upload) {
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, html("a", { href: `#/uploads/${upload.uploadId}` }, html("bdi", {}, upload.filename))),
    html("td", { class: `status ${isSystemFailure(upload) ? "unknown" : upload.status}` }, status(upload)),
    countCell(upload.rowCount === null ? "" : number(upload.rowCount), "row"),
    countCell(errorCount(upload), "error"),
    html("td", { class: "owner" }, upload.owner),
    html("td", { class: "when" }, html("time", { datetime: upload.createdAt }, moment(upload.createdAt))),
  );
}
