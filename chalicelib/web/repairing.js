// Repairs a CSV file by a plan, in two passes over its bytes. What the plan does not change stays, byte for byte.

import { Mender, forbidding } from "./mending.js";

const BLOCK = 1 << 20; // bytes that are read at once
const JOINED = 8 << 20; // bytes of output that become one blob, which the browser may keep on disk
const SHOWN = 50; // changes that are shown
const [LF, CR] = [10, 13];

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

/** Calls `take` for each record: {row, bytes, cells, count, start, end, next}; cells are pairs of positions. */
async function records(source, { delimiter, quote, rowsAbove = 0 }, take, onProgress) {
  const scanner = new Scanner(delimiter.charCodeAt(0), quote ? quote.charCodeAt(0) : -1);
  let [place, rest, row, above] = [0, new Uint8Array(0), 1, rowsAbove];
  while (place < source.size || rest.length) {
    const read = new Uint8Array(await source.slice(place, place + BLOCK).arrayBuffer());
    const bytes = joined(rest, read);
    const isLast = place + read.length >= source.size;
    const from = place === 0 && isMarked(bytes) ? 3 : 0;
    place += read.length;
    const done = scanner.scan(bytes, from, isLast, (record) => {
      if (above > 0) return above--;
      record.bytes = bytes;
      record.row = row++;
      if (record.start === from) record.start = 0; // with the byte order mark
      return take(record);
    });
    rest = bytes.slice(done);
    onProgress(place / source.size);
    if (isLast) break;
  }
}

const isMarked = (bytes) => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/** Finds records and cells in bytes; delimiter and quote are single bytes. */
export class Scanner {
  constructor(delimiter, quote) {
    Object.assign(this, { delimiter, quote });
    this.cells = new Int32Array(64);
    this.record = { row: 0, bytes: null, cells: null, count: 0, start: 0, end: 0, next: 0 }; // the same one each time
  }

  /** Calls `take` for each complete record from a position on; returns where the first incomplete one starts. */
  scan(bytes, start, isLast, take) {
    const { delimiter, quote } = this;
    const { length } = bytes;
    let [at, count, first] = [start, 0, start];
    while (first < length) {
      const cell = at;
      if (bytes[at] === quote) {
        at = bytes.indexOf(quote, at + 1);
        while (at >= 0 && bytes[at + 1] === quote) at = bytes.indexOf(quote, at + 2);
        if (at < 0) at = length;
      }
      while (at < length && bytes[at] !== delimiter && bytes[at] !== LF && bytes[at] !== CR) at++;
      if (at >= length && !isLast) return first;
      if (2 * count + 2 > this.cells.length) this.cells = grown(this.cells);
      this.cells[2 * count] = cell;
      this.cells[2 * count + 1] = at;
      count++;
      if (at < length && bytes[at] === delimiter) {
        at++;
        if (at < length || !isLast) continue;
        this.cells[2 * count] = this.cells[2 * count + 1] = at; // the file ends behind a delimiter
        count++;
      }
      if (bytes[at] === CR && at + 1 >= length && !isLast) return first; // a LF may follow
      const next = at >= length ? length : bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
      take(Object.assign(this.record, { cells: this.cells, count, start: first, end: at, next }));
      [at, count, first] = [next, 0, next];
    }
    return first;
  }
}

function grown(cells) {
  const more = new Int32Array(cells.length * 2);
  more.set(cells);
  return more;
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

function isEmpty(bytes, cells, count) {
  for (let at = 0; at < count; at++) if (cells[2 * at + 1] > cells[2 * at]) return false;
  return true;
}

/** Returns the text of a cell, without its quotes. */
function textOf(decode, bytes, cells, field, quote) {
  const text = decode(bytes.subarray(cells[2 * field - 2], cells[2 * field - 1]));
  const isQuoted = quote && text.length > 1 && text[0] === quote && text.at(-1) === quote;
  return isQuoted ? text.slice(1, -1).replaceAll(quote + quote, quote) : text;
}

function joined(one, other) {
  if (!one.length) return other;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

function decoder(encoding) {
  const decoding = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes) => {
    if (bytes.length > 40) return decoding.decode(bytes);
    let text = "";
    for (const byte of bytes) {
      if (byte > 127) return decoding.decode(bytes);
      text += String.fromCharCode(byte);
    }
    return text;
  };
}

/** Returns a function that writes text in an encoding: UTF-8, or one of one byte a character. */
export function encoder(encoding) {
  if (/^utf-?8/i.test(encoding)) {
    const utf8 = new TextEncoder();
    return (text) => utf8.encode(text);
  }
  const characters = [...new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte))];
  if (characters.length !== 256) throw new Error("encoding");
  const byCharacter = new Map(characters.map((character, byte) => [character, byte]));
  return (text) =>
    Uint8Array.from([...text], (character) => {
      if (!byCharacter.has(character)) throw new Error("encoding");
      return byCharacter.get(character);
    });
}

/** Returns a file in another encoding. */
async function recoded(file, from, to) {
  const encode = encoder(to);
  const encoding = new TransformStream({ transform: (text, controller) => controller.enqueue(encode(text)) });
  return new Response(file.stream().pipeThrough(new TextDecoderStream(from)).pipeThrough(encoding)).blob();
}
