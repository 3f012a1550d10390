// The record of an error with the cell marked: from the user's file if it is at hand, else from the report.

import { expectation } from "./causes.js";
import { html } from "./elements.js";
import { around, sharedRows } from "./rows_view.js";
import { visible } from "./visible_text.js";
import { known, letters, t } from "./words.js";

const MAX_CELLS = 24; // of a wider record, those near the wrong cell
const NEAR = 2;
const SHORTENED = 200; // characters of a cell in the report
const MAX_LENGTH = 400; // characters of a cell

export class RecordView {
  /** `file` returns the LocalFile, or null; `repair` is the RepairView, which takes changes of single cells. */
  constructor(place, file, repair) {
    Object.assign(this, { place, file, repair });
    this.agreement = null;
    this.turn = 0;
  }

  /** Shows an error; null means that it is not loaded yet. */
  async show(error) {
    const turn = ++this.turn;
    if (!error) {
      this.place.replaceChildren(html("p", { class: "bound" }, t("record.loading")));
      return;
    }
    const contents = html("div", { class: "contents" });
    this.place.replaceChildren(...heading(error, this.agreement), contents, this.#mend(error));
    const isCurrent = () => turn === this.turn;
    contents.replaceChildren(...(await this.#contents(error, contents, isCurrent)));
  }

  /** Returns a form that changes the wrong cell in the reader's file. */
  #mend(error) {
    const { row, field, record, suggestion, choices } = error;
    const written = record?.cells[record.fields.indexOf(field)];
    if (row === null || row < 2 || !field || written === undefined || written?.length >= SHORTENED) return "";
    if (!this.repair.isReady) return note(t("repair.chooseFirst"));
    const present = this.repair.edits.get(`${row}:${field}`);
    const input = html("input", { value: present ?? suggestion ?? written ?? "", spellcheck: "false" });
    const set = (text) => {
      this.repair.edit(error, text);
      this.show(error);
    };
    const choice = (text) => html("button", { type: "button", onclick: () => set(text) }, text);
    return html(
      "form",
      { class: "mend", onsubmit: (event) => (event.preventDefault(), set(input.value)) },
      html("label", {}, t("repair.cell"), input),
      html("button", {}, t("repair.set")),
      present === undefined ? null : html("button", { type: "button", onclick: () => set(null) }, t("repair.unset")),
      ...choices.map(choice),
    );
  }

  async #contents(error, contents, isCurrent) {
    const file = this.file();
    if (file?.obstacle) return fromReport(error, t("record.fromReportBecause", { obstacle: t(`record.${file.obstacle}`) }));
    if (file && error.line !== null) {
      try {
        const found = await file.record(error.line, (share) => {
          if (isCurrent()) contents.textContent = t("record.searching", { line: error.line, percent: Math.floor(share * 100) });
        });
        if (found && agrees(found, error.record)) return fromFile(error, found, await file.labels(), error.row > 1 ? await file.neighbours(error.line) : []);
      } catch (failure) {
        if (failure.name !== "NotReadableError" && failure.name !== "NotFoundError") throw failure;
        return [note(t("record.changed")), ...fromReport(error)];
      }
    }
    return fromReport(error);
  }
}

function heading(error, agreement) {
  const { row, line, column, field, code } = error;
  const where = row === null ? t("record.wholeFile") : t("record.row", { row });
  const physical = line !== null && line !== row ? html("small", {}, t("record.line", { line })) : null;
  const name = row === null ? null : column;
  const letter = row !== null && field ? html("span", { class: "letter" }, t("errors.columnLetter", { letter: letters(field) })) : null;
  return [
    html("h3", {}, where, physical),
    html("p", { class: "offence" }, name ? html("b", {}, html("bdi", {}, name)) : null, " ", letter, " ", expectation(error, agreement)),
    html("p", { class: "advice" }, t(known(`codes.${code}.todo`) ?? "codes.other.todo")),
    error.key ? sharedRows(error) : "",
  ];
}

function fromFile(error, found, labels, neighbours) {
  const width = Math.max(found.length, labels.length, error.field ?? 0);
  const fields = near(width, error.field);
  const label = (at) => (error.row === 1 ? null : (labels[at - 1] ?? null));
  const cellsAt = (cells) => fields.map((at) => cells[at - 1] ?? null);
  const rows = [{ offset: 0, cells: found }, ...neighbours].map(({ offset, cells }) => ({ row: error.row + offset, cells: cellsAt(cells) }));
  const table = neighbours.length ? [around(error, rows, fields, fields.map(label), "fromFile")] : [];
  return [list(error, fields.map((at) => [at, label(at), found[at - 1] ?? null]), width), note(t("record.fromFile")), ...table];
}

/** Whether the record in the file is that of the report: the validator may have read the file differently. */
function agrees(found, record) {
  const isSame = (here, reported) => here === reported || (reported?.endsWith("…") && here?.startsWith(reported.slice(0, -1)));
  return record?.fields.every((at, index) => isSame(found[at - 1] ?? null, record.cells[index])) ?? true;
}

function fromReport({ record, row, line, field, neighbours }, source = t("record.fromReport")) {
  if (!record) return row === null ? [] : [note(t("record.notInReport", { row, line }))];
  if (record.beginning !== null && record.beginning !== undefined) {
    return [html("pre", { tabindex: 0, "aria-label": t("record.begins") }, ...visible(record.beginning, MAX_LENGTH)), note(source)];
  }
  const parts = record.fields.map((at, index) => [at, record.columns[index], record.cells[index]]);
  const rows = [{ row, cells: record.cells }, ...neighbours];
  const table = neighbours.length ? [around({ row, field }, rows, record.fields, record.columns, "fromReport")] : [];
  return [list({ field }, parts), note(source), ...table];
}

const note = (text) => html("p", { class: "bound" }, text);

/** Returns 1-based positions: all of a narrow record, else the first and those around the wrong one. */
function near(width, field) {
  const all = Array.from({ length: width }, (_, index) => index + 1);
  return width <= MAX_CELLS ? all : all.filter((at) => at === 1 || Math.abs(at - (field ?? 1)) <= NEAR);
}

/** Lists cells, with a gap where some are left out. */
function list({ field }, parts, width = 0) {
  const gap = () => html("div", { class: "gap" }, html("dt", {}, "…"), html("dd", {}));
  let previous = 0;
  const cells = parts.flatMap(([at, label, text]) => {
    const before = at === previous + 1 ? [] : [gap()];
    previous = at;
    return [...before, cell(at, label, text, at === field)];
  });
  return html("dl", { class: "cells" }, ...cells, previous < width ? gap() : null);
}

function cell(at, label, text, isWrong) {
  const content = text === null ? [quiet(t("record.missing"))] : text === "" && isWrong ? [quiet(t("record.empty"))] : visible(text, MAX_LENGTH);
  const name = [html("span", { class: "letter" }, letters(at)), label === null ? null : html("bdi", {}, label)];
  const body = isWrong ? html("mark", {}, ...content) : content;
  return html("div", { class: isWrong ? "wrong" : null }, html("dt", {}, ...name), html("dd", {}, body));
}

const quiet = (text) => html("em", {}, text);
