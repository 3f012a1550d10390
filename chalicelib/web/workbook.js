// Reads the first sheet of an Excel workbook (.xlsx), and writes it as CSV.

const DATES = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47]); // built-in number formats
const DAY = 86_400_000; // milliseconds
const EPOCH = Date.UTC(1899, 11, 30);
const MAX_BYTES = 200_000_000; // of a part, unpacked

/** Whether a file begins as a zip archive does, and so as a workbook. */
export async function isWorkbook(file) {
  const [p, k, three, four] = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return p === 0x50 && k === 0x4b && three === 3 && four === 4;
}

/** Returns the first sheet as a CSV file in UTF-8; throws an error if the file is not a workbook. */
export async function asCsv(file, delimiter) {
  const archive = await entries(file);
  const xml = async (name) => (archive.has(name) ? new DOMParser().parseFromString(await text(file, archive.get(name)), "application/xml") : null);
  const book = await xml("xl/workbook.xml");
  const links = await xml("xl/_rels/workbook.xml.rels");
  if (!book || !links) throw new Error("no workbook");
  const id = book.querySelector("sheets > sheet")?.getAttribute("r:id");
  const target = [...links.querySelectorAll("Relationship")].find((link) => link.getAttribute("Id") === id)?.getAttribute("Target");
  const sheet = await xml(target.startsWith("/") ? target.slice(1) : `xl/${target}`);
  const strings = [...((await xml("xl/sharedStrings.xml"))?.querySelectorAll("si") ?? [])].map(content);
  const isDate = dateStyles(await xml("xl/styles.xml"));
  const rows = [...sheet.querySelectorAll("sheetData > row")].map((row) => cells(row, strings, isDate));
  const width = Math.max(0, ...rows.map((row) => row.length));
  const quoted = (cell) => (cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = rows.map((row) => `${Array.from({ length: width }, (_, at) => quoted(row[at] ?? "")).join(delimiter)}\r\n`);
  return new Blob(lines, { type: "text/csv" });
}

function cells(row, strings, isDate) {
  const found = [];
  for (const cell of row.querySelectorAll(":scope > c")) found[position(cell, found.length)] = value(cell, strings, isDate);
  return found;
}

function position(cell, next) {
  const letters = cell.getAttribute("r")?.match(/^[A-Z]+/)?.[0];
  return letters ? [...letters].reduce((at, letter) => at * 26 + letter.charCodeAt(0) - 64, 0) - 1 : next;
}

function value(cell, strings, isDate) {
  const written = cell.querySelector("v")?.textContent ?? "";
  switch (cell.getAttribute("t")) {
    case "s":
      return strings[Number(written)] ?? "";
    case "inlineStr":
      return content(cell.querySelector("is"));
    case "b":
      return written === "1" ? "true" : "false";
    case "str":
    case "e":
      return written;
  }
  return written && isDate(Number(cell.getAttribute("s") ?? 0)) ? moment(Number(written)) : shortest(written);
}

/** Returns a number without the digits that only its binary form has: 0.30000000000000004 is 0.3. */
const shortest = (written) => (/^-?[0-9]+\.[0-9]{14,}$/.test(written) ? String(Number(Number(written).toPrecision(15))) : written);

function moment(days) {
  const iso = new Date(EPOCH + Math.round(days * DAY)).toISOString();
  if (days < 1) return iso.slice(11, 19);
  return Number.isInteger(days) ? iso.slice(0, 10) : iso.slice(0, 19);
}

/** Returns the text of a string, without its phonetic guide. */
const content = (element) => [...(element?.querySelectorAll("t") ?? [])].filter((part) => part.parentElement.localName !== "rPh").map((part) => part.textContent).join("");

function dateStyles(styles) {
  const formats = new Map([...(styles?.querySelectorAll("numFmt") ?? [])].map((format) => [Number(format.getAttribute("numFmtId")), format.getAttribute("formatCode")]));
  const used = [...(styles?.querySelectorAll("cellXfs > xf") ?? [])].map((style) => Number(style.getAttribute("numFmtId")));
  const isDate = (id) => DATES.has(id) || /[dmyhs]/i.test((formats.get(id) ?? "").replace(/"[^"]*"|\[[^\]]*\]|\\./g, ""));
  return (style) => used[style] !== undefined && isDate(used[style]);
}

/** Returns the entries of a zip archive by name, as its directory at the end lists them. */
async function entries(file) {
  const tail = await view(file, Math.max(0, file.size - 66_000), file.size);
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error("no archive");
  const directory = await view(file, tail.getUint32(end + 16, true), file.size);
  const found = new Map();
  for (let at = 0, left = tail.getUint16(end + 10, true); left > 0; left--) {
    const [name, extra, comment] = [28, 30, 32].map((place) => directory.getUint16(at + place, true));
    const key = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, name));
    found.set(key, { method: directory.getUint16(at + 10, true), size: directory.getUint32(at + 20, true), place: directory.getUint32(at + 42, true) });
    at += 46 + name + extra + comment;
  }
  return found;
}

async function text(file, { method, size, place }) {
  const head = await view(file, place, place + 30);
  const start = place + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = file.slice(start, start + size);
  if (method === 0) return packed.text();
  let read = 0;
  const bounded = new TransformStream({
    transform(chunk, controller) {
      read += chunk.length;
      if (read > MAX_BYTES) controller.error(new Error("too large"));
      else controller.enqueue(chunk);
    },
  });
  return new Response(packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).pipeThrough(bounded)).text();
}

const view = async (file, start, end) => new DataView(await file.slice(start, end).arrayBuffer());
