// Repairs the reader's file on this computer: by the rules that are ticked, and by changes of single cells.

import { download } from "./agreement.js";
import { OF_KEYS } from "./causes.js";
import { byId, html, say } from "./elements.js";
import { LocalFile, browserEncoding, foreignWords } from "./local_file.js";
import { asCsv, isWorkbook } from "./workbook.js";
import { bytes, known, letters, number, t } from "./words.js";

const MAX_BYTES = 200_000_000;

export class RepairView {
  /** `onFile(file)` receives the LocalFile; `send(file)` sends the repaired one. */
  constructor({ onFile, send }) {
    Object.assign(this, { onFile, send });
    this.repeated = [];
    this.place = byId("repair-body");
    this.input = byId("repair-file");
    this.input.addEventListener("change", () => this.input.files[0] && this.#chosen(this.input.files[0]));
  }

  /** Offers what mends the file of an upload: `found` is the first page of its errors, with `repairs` and `layout`. */
  open(upload, found, agreement, file) {
    Object.assign(this, { upload, found, agreement });
    this.file = null;
    this.edits = new Map();
    this.chosen = new Map();
    this.repeated = [];
    byId("repair").hidden = false;
    byId("repair-choice").hidden = false;
    this.input.value = "";
    this.place.replaceChildren();
    if (file) this.#chosen(file);
  }

  close() {
    this.worker?.terminate();
    byId("repair").hidden = true;
  }

  /** Takes the rows that repeat a key, once all errors are loaded. */
  takeErrors(errors) {
    const before = this.repeated.length;
    this.repeated = errors.filter(({ code, row, message }) => OF_KEYS.has(code) && row > 1 && !/empty|no value/.test(message)).map(({ row }) => row);
    if (this.file && this.repeated.length !== before) this.#draw();
  }

  /** Sets what is written into a cell; null removes the change. */
  edit({ row, field }, text) {
    if (text === null) this.edits.delete(`${row}:${field}`);
    else this.edits.set(`${row}:${field}`, text);
    this.#draw();
  }

  get isReady() {
    return this.file !== null;
  }

  async #chosen(file) {
    if (file.size > MAX_BYTES) return this.#refuse("repair.tooLarge", { size: bytes(MAX_BYTES) });
    if (/\.gz$/i.test(file.name)) return this.#refuse("repair.compressed");
    this.file = file;
    this.isBook = false;
    const delimiter = this.agreement?.delimiter ?? ",";
    if (await isWorkbook(file)) {
      try {
        this.file = new File([await asCsv(file, delimiter)], this.upload.filename, { type: "text/csv" });
      } catch {
        return this.#refuse("repair.unreadable");
      }
      this.isBook = true;
    }
    byId("repair-choice").hidden = true;
    const rule = (name) => this.found.layout.find((each) => each.rule === name);
    const encoding = rule("encoding")?.found ?? this.agreement?.encoding ?? "utf-8";
    this.words = rule("encoding") && !this.isBook ? await foreignWords(this.file, browserEncoding(encoding)) : [];
    this.onFile(new LocalFile(this.file, { delimiter: rule("delimiter")?.found ?? delimiter, encoding }));
    this.#draw();
  }

  #refuse(key, values) {
    this.file = null;
    this.place.replaceChildren(html("p", { class: "complaint", role: "alert" }, t(key, values)));
  }

  #draw() {
    if (!this.file) return;
    this.worker?.terminate();
    const rules = this.#rules();
    const preview = html("button", { type: "button", class: "main-action", onclick: () => this.#run() }, t("repair.preview"));
    this.result = html("div", { class: "repair-result", "aria-live": "polite" });
    this.place.replaceChildren(
      html("p", { class: "bound" }, t(this.isBook ? "repair.workbook" : "repair.file", { file: this.file.name, size: bytes(this.file.size) })),
      rules.length
        ? html("fieldset", { class: "rules" }, html("legend", {}, t("repair.rules")), ...rules.map((rule) => this.#choice(rule)))
        : html("p", {}, t(this.isBook ? "repair.bookReady" : "repair.noRules")),
      rules.length || this.isBook ? html("div", { class: "actions" }, preview) : "",
      this.result,
    );
  }

  /** Returns what can be ticked: {key, title, example, isCertain, hint, words, apply}. */
  #rules() {
    const { layout, repairs } = this.isBook ? { layout: [], repairs: [] } : this.found;
    const ofFile = layout.map((rule) => ({
      key: rule.rule,
      title: layoutTitle(rule),
      isCertain: true,
      words: rule.rule === "encoding" ? this.words.join(", ") : "",
      apply: (plan) => applyLayout(plan, rule),
    }));
    const ofCells = repairs.map((repair) => ({
      key: `${repair.field}:${repair.rule}:${repair.variant}`,
      title: repairTitle(repair),
      example: repair.example,
      isCertain: repair.certain,
      apply: (plan) => plan.repairs.push(repair),
    }));
    const others = [];
    if (this.repeated.length && !this.isBook) {
      const drop = (plan) => (plan.drops = this.repeated);
      others.push({ key: "repeated", title: t("repair.repeated", { count: this.repeated.length }), isCertain: false, hint: "repair.copies", apply: drop });
    }
    if (this.edits.size) {
      const edit = (plan) => (plan.edits = Object.fromEntries(this.edits));
      others.push({ key: "edits", title: t("repair.edits", { count: this.edits.size }), isCertain: true, apply: edit });
    }
    return [...ofFile, ...ofCells, ...others];
  }

  #choice(rule) {
    const isTicked = this.chosen.get(rule.key) ?? rule.isCertain;
    const box = html("input", { type: "checkbox", checked: isTicked, onchange: () => this.#tick(rule, box.checked) });
    const { before, after } = rule.example ?? {};
    const change = rule.example ? html("span", { class: "change" }, html("code", { class: "before" }, before), " → ", html("code", { class: "after" }, after)) : null;
    const hint = rule.isCertain ? null : html("small", {}, t(rule.hint ?? "repair.uncertain"));
    const words = rule.words ? html("small", {}, t("repair.words", { words: rule.words })) : null;
    return html("label", { class: "rule" }, box, html("span", {}, rule.title, " ", change, hint, words));
  }

  #tick(rule, isTicked) {
    this.chosen.set(rule.key, isTicked);
    // Of the readings of one rule in one column, at most one holds.
    const [field, name, variant] = rule.key.split(":");
    if (isTicked && variant && variant !== "null") {
      for (const { key } of this.#rules()) if (key !== rule.key && key.startsWith(`${field}:${name}:`)) this.chosen.set(key, false);
    }
    const focused = rule.key;
    this.#draw();
    const at = this.#rules().findIndex(({ key }) => key === focused);
    this.place.querySelectorAll(".rule input")[at]?.focus();
  }

  #plan() {
    const plan = { delimiter: this.agreement?.delimiter ?? ",", quote: '"', encoding: browserEncoding(this.agreement?.encoding ?? "utf-8"), repairs: [], drops: [] };
    for (const rule of this.#rules()) if (this.chosen.get(rule.key) ?? rule.isCertain) rule.apply(plan);
    if (plan.newEncoding && plan.newEncoding.toLowerCase() === plan.encoding.toLowerCase()) delete plan.newEncoding;
    return plan;
  }

  #run() {
    const progress = html("progress", { max: 1, value: 0, "aria-label": t("repair.working") });
    this.result.replaceChildren(progress);
    this.worker?.terminate();
    this.worker = new Worker(new URL("./repair_worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data: { share, done, failure } }) => {
      if (share !== undefined) return (progress.value = share);
      this.worker.terminate();
      if (failure) return say(this.result, t(known(`repair.failures.${failure}`) ?? "repair.failed"));
      this.#show(done);
    };
    this.worker.onerror = () => say(this.result, t("repair.failed"));
    const plan = this.#plan();
    this.isRewritten = this.isBook || Boolean(plan.rowsAbove || plan.columns || plan.newDelimiter || plan.newEncoding);
    this.worker.postMessage({ file: this.file, plan });
  }

  #show({ blob, changes, changed, removed }) {
    const file = new File([blob], this.upload.filename, { type: "text/csv" });
    if (!changed && !removed && !this.isRewritten) return say(this.result, t("repair.unchanged"));
    const save = html("button", { type: "button", onclick: () => download(file, `repaired-${file.name}`) }, t("repair.download"));
    const send = html("button", { type: "button", class: "main-action", onclick: () => this.send(file) }, t("repair.send"));
    this.result.replaceChildren(
      html("p", {}, html("b", {}, outcome(changed, removed)), ` ${bytes(file.size)}`),
      changed > changes.length && changes.length ? html("p", { class: "bound" }, t("repair.first", { count: changes.length })) : "",
      changes.length ? table(changes) : "",
      html("div", { class: "actions" }, send, save),
    );
    send.focus();
  }
}

function outcome(changed, removed) {
  const sentences = [changed && t("repair.changed", { count: changed }), removed && t("repair.removed", { count: removed })];
  return sentences.filter(Boolean).join(" ") || t("repair.rewritten");
}

function table(changes) {
  const headings = ["row", "column", "before", "after"].map((name) => html("th", { scope: "col" }, t(`repair.${name}`)));
  const row = ({ row: at, field, before, after }) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, number(at)),
      html("td", {}, field ? letters(field) : ""),
      html("td", {}, html("code", { class: "before" }, before)),
      html("td", {}, after === null ? t("repair.deleted") : html("code", { class: "after" }, after)),
    );
  const shown = html("table", { class: "changes" }, html("thead", {}, html("tr", {}, ...headings)), html("tbody", {}, ...changes.map(row)));
  return html("div", { class: "wide", tabindex: 0, role: "group", "aria-label": t("repair.preview") }, shown);
}

function repairTitle({ rule, variant, column, field, count }) {
  const key = known(`rules.${rule}.${variant}`) ?? known(`rules.${rule}`);
  return `${column ?? letters(field)}: ${key ? t(key) : rule} (${t("count.cell", { count })})`;
}

const MARKS = { ",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe" };
const mark = (text) => (MARKS[text] ? t(`agreed.${MARKS[text]}`) : text?.replace(/^utf/, "UTF"));

function layoutTitle({ rule, found, expected, rows }) {
  const key = known(`rules.${rule}`);
  return key ? t(key, { found: mark(found), expected: mark(expected), count: rows }) : rule;
}

function applyLayout(plan, { rule, found, expected, rows, columns, labels }) {
  switch (rule) {
    case "encoding":
      return Object.assign(plan, { encoding: browserEncoding(found), newEncoding: browserEncoding(expected) });
    case "separator-line":
    case "title-rows":
      return (plan.rowsAbove = rows);
    case "delimiter":
      return Object.assign(plan, { delimiter: found, newDelimiter: expected });
    case "column-order":
    case "label-spelling":
      return Object.assign(plan, { columns, labels });
    case "empty-columns":
      return Object.assign(plan, { columns, labels, emptyColumns: true });
    case "empty-rows":
      return (plan.emptyRows = true);
    case "empty-cells":
      return (plan.emptyCells = true);
  }
}
