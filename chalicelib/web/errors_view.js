// Each error of an upload: the table, the record of the chosen error, and which errors are shown.

import * as api from "./api.js";
import { belongs, title } from "./causes.js";
import { announce, byId, html } from "./elements.js";
import { ErrorGrid } from "./error_grid.js";
import { ErrorList } from "./error_list.js";
import { RecordView } from "./record_view.js";
import { number, problem as inWords, t } from "./words.js";

export class ErrorsView {
  /**
   * `file` returns the LocalFile, or null; `onAgain` opens the upload again; `onChoose` receives the chosen cause,
   * `onFound` the first page, with what mends the errors, and `onAll` all errors that are listed.
   */
  constructor({ file, onAgain, onChoose, onFound, onAll, repair }) {
    Object.assign(this, { onAgain, onChoose, onFound, onAll });
    this.record = new RecordView(byId("record"), file, repair);
    this.grid = new ErrorGrid(byId("grid"), (error) => {
      this.error = error;
      this.record.show(error);
    });
    this.cause = null;
  }

  /** Shows the errors of an upload, which has some. */
  open(upload, agreement) {
    this.close();
    this.record.agreement = this.grid.agreement = agreement;
    byId("errors").hidden = false;
    this.list = new ErrorList({
      total: upload.errorCount,
      fetchPage: (limit, cursor) => api.errors(upload.uploadId, limit, cursor),
      onChange: () => this.#changed(),
      onFirst: (found) => upload.errors.some(({ code }) => code === "system-error") || this.onFound(found),
    });
    this.grid.show(this.list);
    this.record.show(null);
    this.list.begin();
  }

  close() {
    this.list?.close();
    this.list = null;
    this.cause = null;
  }

  /** Shows the record of the chosen error again. */
  refresh() {
    if (this.error) this.record.show(this.error);
  }

  /** Loads all errors, page by page. */
  loadAll() {
    this.list.want(this.list.total);
  }

  /** Shows only the errors of a cause; null shows all. */
  choose(cause) {
    this.cause = cause;
    this.onChoose(cause);
    this.list.choose(cause && ((error) => belongs(error, cause)));
    this.grid.show(this.list);
    if (cause) announce(title(cause).map((part) => part.textContent ?? part).join(""));
  }

  #changed() {
    this.grid.refresh();
    const { list } = this;
    if (list.isComplete) this.onAll(list.loaded);
    const parts = [];
    if (this.cause) parts.push(...this.#chosen());
    else if (list.isComplete && list.loaded.length < list.total) {
      parts.push(html("output", {}, t("errors.listed", { listed: list.loaded.length, total: list.total })));
    }
    if (list.problem) parts.push(...this.#problem());
    byId("chosen").replaceChildren(...parts);
  }

  #chosen() {
    const { list, cause } = this;
    const isSearching = !list.isComplete && !list.problem && list.matching.length < cause.count;
    const progress = isSearching ? t("causes.searching", { shown: list.matching.length, searched: list.loaded.length }) : null;
    return [
      html("output", {}, ...title(cause), progress && ` (${progress})`),
      html("button", { type: "button", onclick: () => this.choose(null) }, t("causes.showAll")),
    ];
  }

  #problem() {
    const { list } = this;
    const alert = (sentence) => html("span", { role: "alert" }, sentence);
    const button = (key, onclick) => html("button", { type: "button", onclick }, t(key));
    // The cursor belongs to an earlier attempt, or to a deleted report.
    if (list.problem.title === "FieldInvalid") return [alert(t("errors.otherAttempt")), button("errors.showAttempt", this.onAgain)];
    return [alert(inWords(list.problem)), button("errors.tryAgain", () => list.want(list.matching ? list.total : list.loaded.length + 1))];
  }
}
