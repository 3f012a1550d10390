// The record that an error is in, with the cell marked: out of the file itself if it is at hand, else as reported.

import { html } from "./elements.js";
import { advice, number } from "./words.js";

const MOST = 24; // cells; of a record that has more, those near the wrong one
const NEAR = 2;
const LONGEST = 400; // characters of a cell

// What one does not see: control characters, spaces that are none or at an end, and what turns the text's direction.
const HIDDEN = /[\u0000-\u001f\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3000\ufeff]|^ +| +$/g;
const NAMES = { " ": "space", "\t": "tab", "\n": "LF", "\r": "CR", "\u00a0": "NBSP", "\u0000": "NUL" };

export class RecordView {
  /** `file` gives the LocalFile if there is one, or null. */
  constructor(place, file) {
    this.place = place;
    this.file = file;
    this.turn = 0;
  }

  /** Shows an error; null clears. */
  async show(error) {
    const turn = ++this.turn;
    if (!error) {
      this.place.replaceChildren(html("p", { class: "bound" }, "Choose an error to see it in its row."));
      return;
    }
    const contents = html("div", { class: "contents" });
    this.place.replaceChildren(...offence(error), contents);
    const isCurrent = () => turn === this.turn;
    contents.replaceChildren(...(await this.#contents(error, contents, isCurrent)));
  }

  async #contents(error, contents, isCurrent) {
    const file = this.file();
    if (file?.isReadable && error.line !== null) {
      try {
        const found = await file.record(error.line, (share) => {
          if (isCurrent()) contents.textContent = `Looking for line ${number(error.line)}: ${Math.floor(share * 100)} %`;
        });
        if (found) return fromFile(error, found, await file.labels());
      } catch (failure) {
        if (failure.name !== "NotReadableError" && failure.name !== "NotFoundError") throw failure;
        return [note("The file on this computer has changed since it was uploaded."), ...fromReport(error)];
      }
    }
    return fromReport(error);
  }
}

function offence({ row, line, column, field, message, code }) {
  const where = row === null ? "The whole file" : `Row ${number(row)}`;
  const physical = line !== null && line !== row ? html("small", {}, `line ${number(line)}`) : null;
  const name = row === null ? null : (column ?? (field ? `column ${number(field)}` : null));
  return [
    html("h3", {}, where, physical),
    html("p", { class: "offence" }, name ? html("b", {}, html("bdi", {}, name)) : null, name ? " " : "", message, " ", html("code", {}, code)),
    html("p", { class: "advice" }, advice(code)),
  ];
}

function fromFile(error, found, labels) {
  const width = Math.max(found.length, labels.length, error.field ?? 0);
  const fields = near(width, error.field);
  const label = (at) => (error.row === 1 ? null : (labels[at - 1] ?? null));
  return [list(error, fields.map((at) => [at, label(at), found[at - 1] ?? null])), note("From your file, on this computer.")];
}

function fromReport({ record, field }) {
  if (!record) return [];
  if (record.beginning !== null && record.beginning !== undefined) {
    return [html("pre", { tabindex: 0, "aria-label": "How the record begins" }, ...shown(record.beginning)), note("From the report.")];
  }
  const parts = record.fields.map((at, index) => [at, record.columns[index], record.cells[index]]);
  return [list({ field }, parts), note("From the report; long cells are cut there.")];
}

const note = (text) => html("p", { class: "bound" }, text);

/** Chooses 1-based positions: all if they are few, else the first and those around the wrong one. */
function near(width, field) {
  const all = Array.from({ length: width }, (_, index) => index + 1);
  return width <= MOST ? all : all.filter((at) => at === 1 || Math.abs(at - (field ?? 1)) <= NEAR);
}

function list({ field }, parts) {
  let previous = 0;
  const cells = parts.flatMap(([at, label, text]) => {
    const gap = at === previous + 1 ? [] : [html("div", { class: "gap" }, html("dt", {}, "…"), html("dd", {}))];
    previous = at;
    return [...gap, cell(at, label, text, at === field)];
  });
  return html("dl", { class: "cells" }, ...cells);
}

function cell(at, label, text, isWrong) {
  const content = text === null ? [quiet("missing")] : text === "" && isWrong ? [quiet("empty")] : shown(text);
  const name = label === null ? quiet(number(at)) : html("bdi", {}, label);
  const body = isWrong ? html("mark", {}, ...content) : content;
  return html("div", { class: isWrong ? "wrong" : null }, html("dt", {}, name), html("dd", {}, body));
}

const quiet = (text) => html("em", {}, text);

/** Gives text as nodes, with a sign for what one would not see. */
function shown(whole) {
  const text = whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole;
  const nodes = [];
  let at = 0;
  for (const { 0: hidden, index } of text.matchAll(HIDDEN)) {
    nodes.push(text.slice(at, index), html("i", {}, sign(hidden)));
    if (hidden === "\n") nodes.push("\n");
    at = index + hidden.length;
  }
  return [...nodes, text.slice(at)];
}

function sign(hidden) {
  const name = NAMES[hidden[0]] ?? `U+${hidden.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return hidden.length > 1 ? `${hidden.length} ${name}s` : name;
}
