// What is wrong with a file, cause by cause in plain words, the most frequent first. Each can be shown alone.

import { html } from "./elements.js";
import { HIDDEN } from "./signs.js";
import { counted, letters, known, language, number, share, t } from "./words.js";

const MAX_SHOWN = 10; // until the reader asks for all
const MAX_LENGTH = 60; // characters of an example

/** The codes of the errors that are mended by deleting the rows that repeat a key. */
export const OF_KEYS = new Set(["unique-error", "primary-key"]);

/** Whether an error is one of a cause. */
export const belongs = ({ column, code }, cause) => column === cause.column && code === cause.code;

export class CauseList {
  /** `onChoose` receives the cause whose errors are to be shown, or null for all. */
  constructor(place, onChoose) {
    Object.assign(this, { place, onChoose });
    this.isWhole = false;
    this.chosen = null;
  }

  /** Shows the causes of the API's answer; `agreement` has examples of what is right. */
  show({ causes, causeCount, errorCount, counted }, agreement) {
    Object.assign(this, { causes, causeCount, agreement, total: counted || errorCount });
    this.#draw();
  }

  /** Marks the cause whose errors are shown. */
  choose(cause) {
    this.chosen = cause;
    this.#draw();
  }

  #draw() {
    const focused = this.place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const shown = this.isWhole ? this.causes : this.causes.slice(0, MAX_SHOWN);
    this.place.replaceChildren(...shown.map((cause) => this.#cause(cause)), ...this.#more(shown.length));
    // The pressed button was replaced: focus its successor.
    if (focused) [...this.place.querySelectorAll("button")].find(({ dataset }) => dataset.key === focused)?.focus();
  }

  #cause(cause) {
    const expected = expectation(cause, this.agreement);
    const isChosen = this.chosen !== null && belongs(cause, this.chosen);
    const button = html(
      "button",
      {
        type: "button",
        "data-key": JSON.stringify([cause.column, cause.code]),
        "aria-pressed": String(isChosen),
        onclick: () => this.onChoose(isChosen ? null : cause),
      },
      t(isChosen ? "causes.showAll" : "causes.show"),
    );
    return html(
      "li",
      {},
      html("h3", {}, ...title(cause)),
      cause.count < this.total ? html("p", { class: "share" }, t("causes.share", { share: share(cause.count / this.total) })) : null,
      example(cause, this.agreement),
      ...todo(cause),
      expected === generalMessage(cause) ? null : html("p", { class: "message" }, expected), // the title has it
      this.causes.length > 1 ? html("p", { class: "act" }, button) : null,
    );
  }

  #more(shown) {
    const { causes, causeCount } = this;
    if (shown < causes.length) {
      const all = () => {
        this.isWhole = true;
        this.#draw();
      };
      return [html("li", { class: "more" }, html("button", { type: "button", onclick: all }, t("causes.all", { count: causeCount })))];
    }
    return causeCount > causes.length ? [html("li", { class: "more" }, t("causes.more", { count: causeCount - causes.length }))] : [];
  }
}

/** Returns what to do: by a rule of the repair below if there is one, and by hand. */
function todo(cause) {
  const byHand = t(`codes.${kind(cause)}.todo`);
  const way = wayOf(cause);
  if (!way) return [html("p", { class: "todo" }, byHand)];
  return [html("p", { class: "todo" }, t(way, { title: t("repair.title") })), html("p", {}, t("causes.byHand", { todo: byHand }))];
}

/** Returns the key of the text that says how the repair helps; null if it does not. */
function wayOf(cause) {
  if (cause.suggestion !== null) return "causes.byRule";
  if (cause.choices.length) return "causes.byChoice";
  if (cause.rule) return "causes.byLayout";
  return OF_KEYS.has(cause.code) && (cause.key || cause.code === "unique-error") ? "causes.byDrop" : null;
}

const kind = ({ code }) => (known(`codes.${code}.what`) ? code : "other");

/** Returns a cause in a few words, as nodes. */
export function title(cause, count = cause.count) {
  if (cause.rule === "column-order" && cause.code === "incorrect-label") return [t("codes.incorrect-label.order")];
  const what = t((cause.row === null && known(`codes.${cause.code}.whole`)) || `codes.${kind(cause)}.what`, { count });
  return cause.column === null || cause.row === null ? [what] : [html("bdi", {}, cause.column), ": ", what];
}

/** Returns what was expected: the English message, or in other languages what was agreed about the column. */
export function expectation(error, agreement) {
  if (error.key) return t(error.code === "foreign-key" ? "keys.refers" : "keys.repeats");
  if (language === "en") return sentence(error.message);
  const column = agreedColumn(error, agreement);
  if (column && error.code === "type-error") {
    const [example] = column.examples;
    return sentence(t(example ? "report.expectedAs" : "report.expected", { kind: holds(column), example }));
  }
  return generalMessage(error);
}

/** Returns what is wrong with one cell, row or column by the error's code alone, as the title of a cause does. */
const generalMessage = (error) => t(`codes.${kind(error)}.what`, { count: 1 });

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

const agreedColumn = ({ column }, agreement) => agreement?.columns.find(({ name }) => name === column);

function example(cause, agreement) {
  if (cause.row === null) return null;
  const place = html("small", {}, `${t("causes.row", { row: number(cause.row) })}${cause.field ? `, ${letters(cause.field)}` : ""}`);
  if (cause.cell === null) return html("p", { class: "example" }, place);
  const written = cause.cell === "" ? html("em", {}, t("causes.empty")) : cut(cause.cell);
  const before = html("code", { class: "before" }, written);
  return html("p", { class: "example" }, place, " ", before, ...right(cause, agreement));
}

/** Returns what to write in place of the example: the suggestion, or what would be right; of a key, the first row. */
function right(cause, agreement) {
  const { suggestion, choices, key } = cause;
  if (suggestion !== null) return [" → ", html("code", { class: "after" }, cut(suggestion)), " ", rule(cause)];
  if (choices.length) return [" → ", ...choices.flatMap((text, at) => [at ? html("small", {}, ` ${t("causes.or")} `) : "", html("code", { class: "after" }, cut(text))])];
  if (key && cause.code !== "foreign-key") return [" ", html("small", {}, t("keys.firstIs", { row: key.rows[0] }))];
  if (cause.code.endsWith("-label")) return [];
  const [good] = agreedColumn(cause, agreement)?.examples ?? [];
  return good === undefined ? [] : [" ", html("small", {}, t("causes.good")), " ", html("code", { class: "after" }, good)];
}

/** Returns what the rule of the suggestion does, and in how many cells. */
function rule({ rule: name, mended }) {
  const what = known(`rules.${name}`) ? t(`rules.${name}`) : name;
  return html("small", {}, t("causes.rule", { rule: what, cells: counted(mended, "cell") }));
}

const cut = (text) => (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text).replace(HIDDEN, (hidden) => "␣".repeat([...hidden].length));

const DECIMALS = { ".": "kinds.number.point", ",": "kinds.number.comma" };

/** Returns what a column holds, in words. */
export function holds({ type, format, decimalChar }) {
  if (decimalChar) return t(DECIMALS[decimalChar] ?? "kinds.number.char", { char: decimalChar });
  const exact = known(`kinds.${type}.${format}`);
  if (!format || exact) return t(exact ?? known(`kinds.${type}`) ?? "kinds.any");
  return t("kinds.written", { kind: t(known(`kinds.${type}`) ?? "kinds.any"), format: written(format) });
}

/** Returns the format of a date or time as people write it: %d.%m.%Y is DD.MM.YYYY. */
const written = (format) => (known(`dates.${format}`) ? t(`dates.${format}`) : format.replace(/%(\w)/g, (whole, part) => (known(`dates.${part}`) ? t(`dates.${part}`) : whole)));
