// Reads the records of a CSV file, and the places of their cells, without decoding it.

const BLOCK = 1 << 20; // bytes that are read at once
const [LF, CR] = [10, 13];

/** Calls `take` for each record: {row, bytes, cells, count, start, end, next}; cells are pairs of positions. */
export async function records(source, { delimiter, quote, rowsAbove = 0 }, take, onProgress) {
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

/** Whether bytes begin with the byte order mark of UTF-8. */
export const isMarked = (bytes) => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;

/** Finds records and cells in bytes; delimiter and quote are single bytes. */
class Scanner {
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

function joined(one, other) {
  if (!one.length) return other;
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** Whether all cells of a record are empty. */
export function isEmpty(bytes, cells, count) {
  for (let at = 0; at < count; at++) if (cells[2 * at + 1] > cells[2 * at]) return false;
  return true;
}

/** Returns the text of a cell, without its quotes. */
export function textOf(decode, bytes, cells, field, quote) {
  const text = decode(bytes.subarray(cells[2 * field - 2], cells[2 * field - 1]));
  const isQuoted = quote && text.length > 1 && text[0] === quote && text.at(-1) === quote;
  return isQuoted ? text.slice(1, -1).replaceAll(quote + quote, quote) : text;
}
