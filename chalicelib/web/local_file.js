// Finds records in a file on the user's computer, of any size, without loading all of it.

const SLICE = 1 << 20; // bytes at a time while lines are counted, so that the page stays responsive
const STEP = 1024; // lines between the stored positions
const RECORD = 64 << 10; // bytes that are first read for a record
const MAX_LINES_BEFORE = 20; // that are looked at for the record before another one
const MAX_RECORD = 4 << 20; // bytes; the limit of the validator
// The browsers' names, where they differ.
const ENCODINGS = { "utf-8-sig": "utf-8", "latin-1": "latin1", cp1252: "windows-1252", cp874: "windows-874", "mac-roman": "macintosh" };
const MAX_WORDS = 5; // that are shown of a file in another encoding
const LF = 10;
const CR = 13;

/** Returns the name that browsers have for an encoding that Python names. */
export function browserEncoding(name) {
  const encoding = name.toLowerCase().replaceAll("_", "-");
  return ENCODINGS[encoding] ?? encoding;
}

/** A CSV file with the positions of its lines, which are counted as far as needed. */
export class LocalFile {
  constructor(file, dialect = {}) {
    this.file = file;
    this.encoding = browserEncoding(dialect.encoding ?? "utf-8");
    this.dialect = dialect;
    this.positions = [0]; // of every STEPth line
    this.line = 1; // the line that the count has reached
    this.counted = 0; // bytes
    this.endsInReturn = false;
    this.counting = Promise.resolve();
  }

  /** Why records cannot be found here, as a key below `record` in the words; null if they can. */
  get obstacle() {
    if (/\.gz$/i.test(this.file.name ?? "")) return "compressed";
    if (/^utf-?16/.test(this.encoding)) return "utf16";
    if (!isDecodable(this.encoding)) return "encoding";
    return isPlain(this.dialect) ? null : "dialect";
  }

  /** Returns the cells of the record that starts on a line, or null without such a line. `onProgress` receives 0 to 1. */
  async record(line, onProgress = () => {}) {
    await this.labels(); // which detects the delimiter
    const start = await this.#startOf(line, onProgress);
    return start === null ? null : (await this.#read(start)).cells;
  }

  /** Returns the records before and after the one that starts on a line, as {offset, cells}, without the header. */
  async neighbours(line) {
    const start = await this.#startOf(line);
    if (start === null) return [];
    const { length: width } = await this.labels();
    const found = [];
    for (let lines = 1; lines <= MAX_LINES_BEFORE && line - lines > 1; lines++) {
      const cells = await this.#between(await this.#startOf(line - lines), start);
      // A record of several lines starts further up; its last lines alone have another number of cells.
      if (cells?.length !== width) continue;
      found.push({ offset: -1, cells });
      break;
    }
    const { lines } = await this.#read(start);
    const next = await this.#startOf(line + lines);
    if (next !== null) found.push({ offset: 1, cells: (await this.#read(next)).cells });
    return found;
  }

  /** Returns the labels of the first record. */
  async labels() {
    this.header ??= this.#read(0).then(({ cells }) => cells);
    return this.header;
  }

  /** Returns the position at which a line starts; null if the file has no such line. */
  async #startOf(line, onProgress = () => {}) {
    await this.#countUpTo(line, onProgress);
    const index = Math.floor((line - 1) / STEP);
    if (index >= this.positions.length) return null;
    const start = await this.#skip(this.positions[index], (line - 1) % STEP);
    return start === null || start >= this.file.size ? null : start;
  }

  /** Returns the cells of the record between two positions; null if that is more than one record. */
  async #between(start, end) {
    const text = new TextDecoder(this.encoding).decode(await this.#bytes(start, Math.min(end - start, MAX_RECORD)));
    const record = firstRecord(text, this.#delimiter(text), this.#quote, true);
    return /^(\r\n|\r|\n)?$/.test(text.slice(record.end)) ? record.cells : null;
  }

  #countUpTo(line, onProgress) {
    // One at a time: concurrent counts would count lines twice.
    this.counting = this.counting.then(async () => {
      while (this.line < line && this.counted < this.file.size) {
        this.#count(await this.#bytes(this.counted, SLICE));
        onProgress(this.counted / this.file.size);
      }
    });
    return this.counting;
  }

  #count(bytes) {
    for (const end of lineEnds(bytes, this.endsInReturn)) {
      this.line++;
      if ((this.line - 1) % STEP === 0) this.positions.push(this.counted + end);
    }
    this.endsInReturn = bytes.at(-1) === CR;
    this.counted += bytes.length;
  }

  /** Returns the position `lines` lines after the start of a line; null if the file ends before. */
  async #skip(place, lines) {
    let afterReturn = false;
    place = await this.#pastLineFeed(place);
    while (lines > 0 && place < this.file.size) {
      const bytes = await this.#bytes(place, SLICE);
      for (const end of lineEnds(bytes, afterReturn)) if (--lines === 0) return this.#pastLineFeed(place + end);
      afterReturn = bytes.at(-1) === CR;
      place += bytes.length;
    }
    return lines === 0 ? this.#pastLineFeed(place) : null;
  }

  /** Moves past the LF of a CRLF, if a slice ended between the two. */
  async #pastLineFeed(place) {
    if (place === 0) return 0;
    const [before, at] = await this.#bytes(place - 1, 2);
    return before === CR && at === LF ? place + 1 : place;
  }

  /** Returns the cells of the record at a position, and the number of its lines. */
  async #read(start) {
    for (let length = RECORD; ; length = Math.min(length * 8, MAX_RECORD)) {
      const bytes = await this.#bytes(start, length);
      const isAll = start + bytes.length >= this.file.size || length === MAX_RECORD;
      const text = new TextDecoder(this.encoding).decode(bytes);
      const found = firstRecord(text, this.#delimiter(text), this.#quote, isAll);
      if (found) return { cells: found.cells, lines: text.slice(0, found.end).split(/\r\n|\r|\n/).length };
    }
  }

  get #quote() {
    return this.dialect.quoteChar === undefined ? '"' : this.dialect.quoteChar;
  }

  /** Returns the declared delimiter, or the most frequent candidate in the first line. */
  #delimiter(text) {
    if (this.dialect.delimiter) return this.dialect.delimiter;
    const [line] = text.split(/[\r\n]/, 1);
    const count = (mark) => line.split(mark).length;
    this.dialect.delimiter = [",", ";", "\t", "|"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
    return this.dialect.delimiter;
  }

  async #bytes(start, length) {
    return new Uint8Array(await this.file.slice(start, start + length).arrayBuffer());
  }
}

/** Returns whether the browser knows an encoding; Python knows more. */
function isDecodable(encoding) {
  try {
    return Boolean(new TextDecoder(encoding));
  } catch {
    return false;
  }
}

/** Returns the first words of a file that have letters beyond ASCII; none if the browser does not know the encoding. */
export async function foreignWords(file, encoding) {
  if (!isDecodable(encoding)) return [];
  const text = new TextDecoder(encoding).decode(await file.slice(0, RECORD).arrayBuffer());
  const words = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  return [...new Set(words.filter((word) => /\P{ASCII}/u.test(word)))].slice(0, MAX_WORDS);
}

/** Whether this page reads a dialect as the validator does. */
function isPlain({ header = true, headerRows = [1], commentRows = [], doubleQuote = true, ...others }) {
  const { skipInitialSpace, escapeChar, commentChar, lineTerminator, delimiter = ",", quoteChar = '"' } = others;
  if (delimiter.length > 1 || quoteChar?.length > 1) return false;
  const hasUsualHeader = header && String(headerRows) === "1" && !String(commentRows);
  return hasUsualHeader && doubleQuote && !skipInitialSpace && !escapeChar && !commentChar && !lineTerminator?.trim();
}

/** Yields the ends of lines: after LF, CRLF or a lone CR. The previous slice may have ended in a CR. */
function* lineEnds(bytes, afterReturn) {
  let previous = afterReturn ? CR : 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === CR) yield bytes[at + 1] === LF ? at + 2 : at + 1;
    else if (byte === LF && previous !== CR) yield at + 1;
    previous = byte;
  }
}

/** Splits the first record of a text: {cells, end}; null if the text ends before the record does. */
export function firstRecord(text, delimiter, quote, isAll) {
  const cells = [];
  let at = 0;
  for (;;) {
    const cell = quote && text[at] === quote ? quoted(text, at, delimiter, quote) : plain(text, at, delimiter);
    if (cell.end >= text.length && !isAll) return null;
    cells.push(cell.value);
    if (text[cell.end] !== delimiter) return { cells, end: cell.end };
    at = cell.end + 1;
  }
}

function plain(text, start, delimiter) {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== "\n" && text[end] !== "\r") end++;
  return { value: text.slice(start, end), end };
}

function quoted(text, start, delimiter, quote) {
  let end = text.indexOf(quote, start + 1);
  while (end >= 0 && text[end + 1] === quote) end = text.indexOf(quote, end + 2);
  if (end < 0) return { value: text.slice(start), end: text.length }; // never closed
  const rest = plain(text, end + 1, delimiter); // nothing, unless the quoting is broken
  const value = rest.value ? text.slice(start, rest.end) : text.slice(start + 1, end).replaceAll(quote + quote, quote);
  return { value, end: rest.end };
}
