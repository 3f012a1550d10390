// Repairs a CSV file by a plan, in two passes over its bytes. What the plan does not change stays, byte for byte.

import { isEmpty, isMarked, records, textOf } from "./csv_records.js";
import { Mender, forbidding } from "./mending.js";
import { decoder, encoder, recoded } from "./text_encoding.js";

const JOINED = 8 << 20; // bytes of output that become one blob, which the browser may keep on disk
const SHOWN = 50; // changes that are shown

/**
 * Returns {blob, counts, changes, changed, removed}: the number of cells that each rule changes, the first changes, and the
 * numbers of cells and rows that change. The plan has the file's `delimiter`, `quote` and `encoding`, what is left out
 * (`rowsAbove`, `drops`, `emptyRows`, `emptyCells`), `columns` and `labels` in their new order, `newDelimiter`,
 * `newEncoding`, `repairs`, and `edits`, which are texts by row and field, as in `5:2`.
 */
export async function repair(file, plan, onProgress = () => {}) {
  const source = plan.newEncoding ? await recoded(file, plan.encoding, plan.newEncoding) : file;
  const encoding = plan.newEncoding ?? plan.encoding;
  const fields = grouped(plan.repairs, ({ field }) => field);
  const watched = [...fields].flatMap(([field, repairs]) => forbidding(repairs).map(([change, holds]) => ({ field, change, holds })));
  const left = plan.columns && plan.emptyColumns ? new Set(plan.columns) : null;
  const forbidden = new Set();
  const read = { ...plan, encoding };
  if (watched.length || left) await lookThrough(source, read, { watched, forbidden, left, onProgress: (share) => onProgress(share / 2) });
  const menders = [...fields].map(([field, repairs]) => [field, new Mender(repairs, forbidden)]);
  const writer = new Writer(read, menders);
  await records(source, read, (record) => writer.take(record), (share) => onProgress(watched.length ? 0.5 + share / 2 : share));
  return writer.finish();
}

/** Finds the changes that a cell forbids, and whether the columns to be left out are empty; throws if they are not. */
async function lookThrough(source, plan, { watched, forbidden, left, onProgress }) {
  const decode = decoder(plan.encoding);
  await records(source, plan, ({ row, bytes, cells, count }) => {
    for (const { field, change, holds } of watched) {
      if (row > 1 && field <= count && !forbidden.has(change) && holds(textOf(decode, bytes, cells, field, plan.quote))) forbidden.add(change);
    }
    if (!left) return;
    for (let field = 1; field <= count; field++) {
      if (!left.has(field) && cells[2 * field - 1] > cells[2 * field - 2]) throw new Error("not-empty");
    }
  }, onProgress);
}

/** Writes records as the plan says. */
class Writer {
  constructor(plan, menders) {
    Object.assign(this, { plan, menders });
    this.decode = decoder(plan.encoding);
    this.encode = encoder(plan.encoding);
    this.delimiter = this.encode(plan.newDelimiter ?? plan.delimiter);
    this.quote = plan.quote ? plan.quote.charCodeAt(0) : -1;
    this.isLaidOut = Boolean(plan.columns || plan.labels || plan.newDelimiter);
    this.edits = grouped(Object.entries(plan.edits ?? {}), ([place]) => Number(place.split(":")[0]));
    this.drops = new Set(plan.drops);
    this.width = 0;
    [this.parts, this.held, this.size, this.counts, this.changes] = [[], new Uint8Array(JOINED), 0, {}, []];
    [this.changed, this.removed] = [0, 0];
  }

  take(record) {
    const { row, bytes, cells, start, next } = record;
    let { count } = record;
    if (row === 1) this.width = count;
    if (this.#isDropped(record)) return;
    const changed = this.#changed(record);
    if (this.plan.emptyCells) {
      while (count > this.width && cells[2 * count - 2] === cells[2 * count - 1]) {
        count--;
        this.changed++;
        this.#count("empty-cells");
      }
    }
    if (changed === null && !this.isLaidOut && count === record.count) return this.#copy(bytes.subarray(start, next));
    if (this.isLaidOut || count < record.count) {
      if (start === 0 && isMarked(bytes)) this.#copy(bytes.subarray(0, 3));
      return this.#laidOut(record, count, changed);
    }
    let from = start;
    for (const field of [...changed.keys()].sort((one, other) => one - other)) {
      const [begin, end] = [cells[2 * field - 2], cells[2 * field - 1]];
      this.#copy(bytes.subarray(from, begin));
      this.#write(this.#quoted(changed.get(field), bytes[begin] === this.quote));
      from = end;
    }
    this.#copy(bytes.subarray(from, next));
  }

  finish() {
    this.#join();
    return { blob: new Blob(this.parts, { type: "text/csv" }), counts: this.counts, changes: this.changes, changed: this.changed, removed: this.removed };
  }

  #isDropped({ row, bytes, cells, count, start, end }) {
    const isListed = this.drops.has(row);
    if (!isListed && !(this.plan.emptyRows && row > 1 && isEmpty(bytes, cells, count))) return false;
    this.removed++;
    this.#count(isListed ? "repeated-rows" : "empty-rows");
    if (isListed && this.changes.length < SHOWN) this.changes.push({ row, before: this.decode(bytes.subarray(start, end)), after: null });
    return true;
  }

  /** Returns the new texts of a record's cells by field; null if none changes. */
  #changed(record) {
    const { row, bytes, cells, count } = record;
    let changed = null;
    const set = (field, before, text, rules) => {
      changed ??= new Map();
      changed.set(field, text);
      for (const rule of rules) this.#count(rule);
      if (this.changes.length < SHOWN) this.changes.push({ row, field, before, after: text });
    };
    if (row > 1) {
      for (const [field, mender] of this.menders) {
        if (field > count) continue;
        const text = textOf(this.decode, bytes, cells, field, this.plan.quote);
        const mended = mender.mend(text);
        if (mended) set(field, text, mended.text, mended.rules);
      }
    }
    for (const [place, text] of this.edits.get(row) ?? []) {
      const field = Number(place.split(":")[1]);
      if (field <= count) set(field, textOf(this.decode, bytes, cells, field, this.plan.quote), text, ["edits"]);
    }
    this.changed += changed?.size ?? 0;
    return changed;
  }

  #laidOut({ row, bytes, cells, count: width, end, next }, count, changed) {
    const { columns, labels } = this.plan;
    const order = columns ?? Array.from({ length: count }, (_, at) => at + 1);
    const further = columns ? Array.from({ length: Math.max(count - this.width, 0) }, (_, at) => this.width + at + 1) : [];
    [...order, ...further].forEach((field, at) => {
      if (at) this.#copy(this.delimiter);
      const text = row === 1 && labels?.[at] !== undefined ? labels[at] : changed?.get(field);
      if (field > width) return;
      const cell = bytes.subarray(cells[2 * field - 2], cells[2 * field - 1]);
      if (text === undefined) this.#cell(cell);
      else if (text === textOf(this.decode, bytes, cells, field, this.plan.quote)) this.#cell(cell);
      else this.#write(this.#quoted(text, cell[0] === this.quote));
    });
    this.#copy(bytes.subarray(end, next));
  }

  /** Copies a cell; one that contains the new delimiter, and is not in quotes, needs them. */
  #cell(cell) {
    const { newDelimiter } = this.plan;
    const needsQuotes = newDelimiter && cell[0] !== this.quote && cell.includes(this.delimiter[0]);
    if (needsQuotes) this.#write(this.#quoted(this.decode(cell), true));
    else this.#copy(cell);
  }

  #quoted(text, always) {
    const { quote, newDelimiter, delimiter } = this.plan;
    if (!quote || (!always && !text.includes(newDelimiter ?? delimiter) && !/[\r\n]/.test(text) && !text.includes(quote))) return text;
    return quote + text.replaceAll(quote, quote + quote) + quote;
  }

  #count(rule) {
    this.counts[rule] = (this.counts[rule] ?? 0) + 1;
  }

  #write(text) {
    const { held, size } = this;
    if (size + text.length > held.length) return this.#copy(this.encode(text));
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 127) return this.#copy(this.encode(text));
      held[size + at] = code;
    }
    this.size += text.length;
  }

  #copy(bytes) {
    const { length } = bytes;
    if (this.size + length > this.held.length) {
      this.#join();
      if (length > this.held.length) return this.parts.push(new Blob([bytes]));
    }
    if (length > 32) this.held.set(bytes, this.size);
    else for (let at = 0; at < length; at++) this.held[this.size + at] = bytes[at]; // faster for few bytes
    this.size += length;
  }

  #join() {
    if (this.size) this.parts.push(new Blob([this.held.subarray(0, this.size)]));
    this.size = 0;
  }
}

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
