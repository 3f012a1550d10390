// One upload: its verdict, its path through the state machine, and its errors.

import * as api from "./api.js";
import { drawChart } from "./chart.js";
import { announce, byId, countCell, html, say } from "./elements.js";
import { ErrorGrid } from "./error_grid.js";
import { ErrorList } from "./error_list.js";
import { draw, redrawOnTurn } from "./machine.js";
import { offerLink } from "./partner_link.js";
import { RecordView } from "./record_view.js";
import { watch } from "./watching.js";
import { counted, duration, errorCount, isSystemFailure, isVerdict, moment, number, problem as inWords, status, verdict } from "./words.js";

export class UploadView {
  /** `fileOf(uploadId)` returns the LocalFile that was uploaded from this page, or null. */
  constructor({ fileOf, onReplay }) {
    Object.assign(this, { fileOf, onReplay });
    this.record = new RecordView(byId("record"), () => this.fileOf(this.upload.uploadId));
    this.grid = new ErrorGrid(byId("grid"), (error) => this.record.show(error));
    redrawOnTurn(byId("machine"), () => this.upload);
  }

  /**
   * Shows an upload and follows it; `id` is null on the page of a link. After a file was sent, `sent` is the number of
   * the attempt before it: only verdicts of later attempts are shown.
   */
  open(id, sent = null) {
    this.close();
    this.upload = null;
    this.watching = new AbortController();
    for (const part of ["kind", "filename", "verdict", "machine", "facts", "actions", "partner"]) byId(part).replaceChildren();
    byId("filename").textContent = "Looking for the upload";
    delete byId("machine").dataset.way;
    byId("errors").hidden = byId("attempts").hidden = true;
    watch(id, {
      after: sent ?? -1,
      isSent: sent !== null,
      signal: this.watching.signal,
      onUpload: (upload) => this.#show(upload),
      onProblem: (problem, isOver) => this.#trouble(problem, isOver),
    });
  }

  close() {
    this.watching?.abort();
    this.list?.close();
    this.list = null;
    clearInterval(this.clock);
    say(byId("trouble"), null);
  }

  #trouble(problem, isOver) {
    say(byId("trouble"), problem && inWords(problem) + (isOver ? "" : " This page tries again automatically."));
    if (problem && !this.upload) byId("filename").textContent = "This upload cannot be shown";
  }

  #show(upload) {
    if (!this.upload && !api.isLink) offerLink(byId("partner"), upload.uploadId);
    this.upload = upload;
    document.title = `${upload.filename}: ${status(upload)}`;
    byId("filename").textContent = upload.filename;
    byId("kind").textContent = `Upload ${upload.uploadId} by ${upload.owner}`;
    byId("verdict").textContent = verdict(upload);
    byId("verdict").className = `verdict ${isSystemFailure(upload) ? "unknown" : upload.status}`;
    announce(`${upload.filename}: ${verdict(upload)}`);
    draw(byId("machine"), upload);
    this.#facts();
    this.#actions();
    this.#attempts();
    if (isVerdict(upload.status)) this.#errors();
    else byId("errors").hidden = true;
    byId("repair").hidden = !api.isLink || !upload.schema || !["PENDING", "VALIDATION_FAILED"].includes(upload.status);
  }

  #facts() {
    clearInterval(this.clock);
    const { upload } = this;
    const took = html("dd", {}, duration(elapsed(upload)));
    if (upload.status === "VALIDATING") this.clock = setInterval(() => (took.textContent = duration(elapsed(upload))), 500);
    const facts = [
      ["Rows", upload.rowCount === null ? null : number(upload.rowCount)],
      ["Errors", errorCount(upload) || null],
      ["Time", upload.status === "PENDING" ? null : took],
      ["Schema", upload.schema],
      ["Attempt", upload.attempt ? number(upload.attempt) : null],
      ["Registered", moment(upload.createdAt)],
    ];
    const shown = facts.filter(([, value]) => value !== null);
    byId("facts").replaceChildren(
      ...shown.map(([name, value]) => html("div", {}, html("dt", {}, name), value.nodeName ? value : html("dd", {}, value))),
    );
    byId("unchecked").hidden = upload.unchecked.length === 0;
    byId("unchecked").replaceChildren(
      ...upload.unchecked.map((sentence) => html("p", { class: "bound" }, `Not checked: ${sentence}`)),
    );
  }

  #actions() {
    const { upload } = this;
    const hasReport = isVerdict(upload.status) && !isSystemFailure(upload);
    const report = (format, text) => html("button", { type: "button", onclick: () => this.#openReport(format) }, text);
    byId("actions").replaceChildren(
      ...(hasReport ? [report("html", "Open the report"), report("jsonl", "Errors as JSON lines")] : []),
      ...(isVerdict(upload.status) && !api.isLink ? [html("button", { type: "button", onclick: () => this.onReplay(upload) }, "Validate again")] : []),
    );
  }

  async #openReport(format) {
    const tab = open("", "_blank"); // at once: browsers block what opens after a request
    if (tab) tab.opener = null;
    try {
      const { url } = await api.report(this.upload.uploadId, format);
      (tab ?? window).location.replace(url);
    } catch (problem) {
      tab?.close();
      if (problem.status === undefined) throw problem;
      say(byId("trouble"), inWords(problem));
    }
  }

  #errors() {
    const { upload } = this;
    const hasErrors = upload.errorCount > 0;
    byId("errors").hidden = !hasErrors;
    byId("where").hidden = upload.errorCount === 1; // a single error needs no counts
    this.list?.close();
    if (!hasErrors) return;
    this.isWhole = false;
    this.list = new ErrorList({
      total: upload.errorCount,
      fetchPage: (limit, cursor) => api.errors(upload.uploadId, limit, cursor),
      onChange: () => this.#listChanged(),
    });
    this.grid.show(this.list);
    this.record.show(null);
    this.list.begin();
  }

  #listChanged() {
    this.grid.refresh();
    this.#counted();
    this.#chosen();
    drawChart(byId("chart"), this.list, {
      isWhole: this.isWhole,
      onWhole: () => this.#wholeChart(),
      onChoose: (filter) => this.#choose(filter),
    });
  }

  #wholeChart() {
    this.isWhole = true;
    this.#listChanged();
  }

  #choose(filter) {
    this.list.choose(filter);
    this.grid.show(this.list);
    if (filter) announce(`Showing only ${filter.code} of ${filter.column ?? "no column"}.`);
  }

  #countAll() {
    this.list.want(this.list.total);
    this.#counted();
    byId("counted").focus(); // the button was removed
  }

  #counted() {
    const { list, upload } = this;
    const all = counted(upload.errorCount, "error");
    if (list.loaded.length >= upload.errorCount) return say(byId("counted"), null);
    if (list.isComplete) return say(byId("counted"), `The first ${number(list.loaded.length)} of ${all} are listed and counted here.`);
    const count = html("button", { type: "button", onclick: () => this.#countAll() }, "Count them all");
    say(byId("counted"), `Counted in the first ${number(list.loaded.length)} of ${all}. `, list.wanted >= list.total ? null : count);
  }

  #chosen() {
    const { list } = this;
    const parts = [];
    if (list.filter) {
      const { column, code } = list.filter;
      const searching = list.isComplete || list.problem ? "" : `, ${number(list.loaded.length)} looked through`;
      parts.push(html("output", {}, `${counted(list.matching.length, "error")} ${code} of ${column ?? "no column"}${searching}`));
      parts.push(html("button", { type: "button", onclick: () => this.#choose(null) }, "Show all errors"));
    }
    if (list.problem) parts.push(...this.#listProblem());
    byId("chosen").replaceChildren(...parts);
  }

  #listProblem() {
    const { list } = this;
    const alert = (sentence) => html("span", { role: "alert" }, sentence);
    const button = (text, onclick) => html("button", { type: "button", onclick }, text);
    // The cursor belongs to an earlier attempt, or to a deleted report.
    if (list.problem.title === "FieldInvalid") {
      return [alert("Another attempt has begun."), button("Show that attempt", () => this.open(api.isLink ? null : this.upload.uploadId))];
    }
    return [alert(inWords(list.problem)), button("Try again", () => list.want(list.filter ? list.total : list.loaded.length + 1))];
  }

  #attempts() {
    const attempts = this.upload.attempts ?? [];
    byId("attempts").hidden = attempts.length === 0;
    // The newest first. Only of that one the API separates a system failure from an invalid file.
    const marked = attempts.map((it, at) => (at === 0 ? { ...it, systemFailure: isSystemFailure(this.upload) } : it));
    byId("attempts").lastElementChild.replaceChildren(attemptsTable(marked));
  }
}

/** Returns the seconds that the current attempt has taken so far. */
function elapsed({ attempts, status: now, createdAt, updatedAt }) {
  const { beganAt, endedAt } = attempts?.[0] ?? {};
  const end = isVerdict(now) ? new Date(endedAt ?? updatedAt) : Date.now();
  return Math.max(0, (end - new Date(beganAt ?? createdAt)) / 1000);
}

function attemptsTable(attempts) {
  const headings = ["Attempt", "Verdict", "Errors", "Began", "By", "Reason"].map((text) => html("th", { scope: "col" }, text));
  const row = (it) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, number(it.attempt)),
      html("td", { class: `status ${it.status}` }, status(it)),
      countCell(errorCount(it), "error"),
      html("td", { class: "when" }, it.beganAt ? html("time", { datetime: it.beganAt }, moment(it.beganAt)) : ""),
      html("td", {}, it.actor ?? ""),
      html("td", { class: "reason" }, it.reason ?? ""),
    );
  return html("table", { class: "past" }, html("thead", {}, html("tr", {}, ...headings)), html("tbody", {}, ...attempts.map(row)));
}
