// The words of the page in the reader's language: texts, numbers, times, statuses, verdicts and problems.

/** The language that the server chose by the browser's languages; the document is in it, too. */
export const language = document.documentElement.lang;

const { WORDS } = await import(`./words.${language}.js`);
const PLACEHOLDER = /\{(\w+)\}/g;
const plural = new Intl.PluralRules(language);

/** Returns a text with its placeholders filled in; the placeholder `count` selects the form of a plural. */
export const t = (key, values = {}) => template(key, values).replace(PLACEHOLDER, (_, name) => shown(values[name]));

/** Returns the first of these keys that has a text. */
export const known = (...keys) => keys.find((key) => WORDS[key] !== undefined);

function template(key, { count }) {
  const text = WORDS[key];
  return typeof text === "string" ? text : text[plural.select(count) === "one" ? "one" : "other"];
}

const shown = (value) => (typeof value === "number" ? number(value) : value);

export const number = (value) => value.toLocaleString(language);

/** Returns a share of 1 in percent; a small one is not rounded to nothing. */
export const share = (of) =>
  of > 0 && of < 0.01 ? `< ${(0.01).toLocaleString(language, { style: "percent" })}` : of.toLocaleString(language, { style: "percent" });

export const counted = (count, noun) => t(`count.${noun}`, { count });

/** Returns the letters of a 1-based column in a spreadsheet: A to Z, then AA, AB and so on. */
export function letters(field) {
  let name = "";
  for (; field > 0; field = Math.floor((field - 1) / 26)) name = String.fromCharCode(65 + ((field - 1) % 26)) + name;
  return name;
}

export function bytes(size) {
  const units = ["KB", "MB", "GB"];
  let step = -1;
  for (; size >= 1000 && step < units.length - 1; step++) size /= 1000;
  return step < 0 ? t("count.bytes", { count: size }) : `${size.toLocaleString(language, { maximumFractionDigits: 1 })} ${units[step]}`;
}

const MOMENT = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "medium", timeStyle: "short" });
export const moment = (iso) => MOMENT.format(new Date(iso));

export function duration(seconds) {
  if (seconds < 10) return `${seconds.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} s`;
  seconds = Math.round(seconds);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Whether the file could not be checked. Lists and attempts have a member for it; an upload has it in its errors. */
export const isSystemFailure = ({ systemFailure, errors = [] }) => systemFailure ?? errors.some(({ code }) => code === "system-error");

/** Returns the number of errors of the file; empty after a system failure. */
export const errorCount = (upload) => (upload.errorCount === null || isSystemFailure(upload) ? "" : number(upload.errorCount));

export const isVerdict = (status) => status === "VALIDATED" || status === "VALIDATION_FAILED";

const rejectedRows = (upload) => ({ rejected: number(upload.rejectedRows), rows: counted(upload.rowCount, "row") });

/** Returns how many of the rows are rejected; null if none are, or that is not known. */
export const rejected = (upload) => (upload.rejectedRows ? t("upload.rejectedOf", rejectedRows(upload)) : null);

/** Returns how many rows were loaded into which table; null if none were to be. */
export const loaded = ({ loadedRows, loadedTable }) =>
  loadedRows === null ? null : t("upload.loadedInto", { rows: counted(loadedRows, "row"), table: loadedTable });

/** Returns the status of an upload or an attempt, in a few words. */
export const status = (upload) => t(`status.${isSystemFailure(upload) ? "systemFailure" : upload.status}`);

/** Returns the verdict, or what the upload waits for, as a sentence. */
export function verdict(upload) {
  if (isSystemFailure(upload)) return t("verdict.systemFailure");
  const inRows = !upload.rowCount ? "" : t("verdict.inRows", { rows: counted(upload.rowCount, "row") });
  if (upload.status === "VALIDATED" && upload.errorCount) return t("verdict.tolerated", rejectedRows(upload));
  return t(`verdict.${upload.status}`, { errors: counted(upload.errorCount ?? 0, "error"), inRows });
}

/** Returns a problem in plain words; its own detail if there are none for it. */
export function problem({ title, detail, status: code }) {
  if (known(`problems.${title}`)) return t(`problems.${title}`);
  if (code === 403) return t("problems.forbidden");
  if (code >= 500) return t("problems.fault");
  detail = detail?.replace(/^(body|query)\./, "");
  return detail ? `${detail[0].toUpperCase()}${detail.slice(1).replace(/\.$/, "")}.` : t("problems.status", { status: code });
}
