// The errors of an upload, fetched page by page as they are needed.

const FIRST = 100;
const MORE = 500;
const FETCHED_AT_ONCE = 2_000; // if there are no more errors than that
const MAX_ERRORS = 100_000; // the limit of a full report

export class ErrorList {
  /**
   * `fetchPage(limit, cursor)` returns {errors, next}; `total` is the exact number; `onFirst` receives the first page, and
   * `onChange` is called after each one.
   */
  constructor({ fetchPage, total, onChange, onFirst }) {
    Object.assign(this, { fetchPage, total, onChange, onFirst });
    this.loaded = [];
    this.isComplete = false;
    this.problem = null;
    this.filter = null;
    this.matching = null;
    this.cursor = null;
    this.wanted = 0;
    this.isLoading = false;
    this.isClosed = false;
  }

  /** Fetches the first errors. */
  begin() {
    this.want(Math.min(this.total, this.total > FETCHED_AT_ONCE ? FIRST : FETCHED_AT_ONCE));
  }

  /** The number of rows to show, as far as it is known. */
  get length() {
    if (this.matching) return this.matching.length;
    return this.isComplete ? this.loaded.length : Math.max(Math.min(this.total, MAX_ERRORS), this.loaded.length);
  }

  /** Returns the error at an index, or undefined if it is not loaded yet. */
  at(index) {
    return this.loaded[this.matching ? this.matching[index] : index];
  }

  /** Shows only the errors for which `filter` is true; null shows all. Filtering loads all errors. */
  choose(filter) {
    this.filter = filter;
    this.matching = filter ? [] : null;
    if (filter) {
      this.loaded.forEach((_, at) => this.#match(at));
      this.want(this.total);
    }
    this.onChange();
  }

  /** Fetches until `count` errors are loaded, or all. */
  want(count) {
    this.wanted = Math.max(this.wanted, count);
    this.problem = null;
    this.#load();
  }

  close() {
    this.isClosed = true;
  }

  async #load() {
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      while (!this.isComplete && !this.isClosed && this.loaded.length < this.wanted) await this.#loadPage();
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      this.problem = problem;
      this.wanted = this.loaded.length;
      if (!this.isClosed) this.onChange();
    } finally {
      this.isLoading = false;
    }
  }

  async #loadPage() {
    const page = await this.fetchPage(this.loaded.length ? MORE : FIRST, this.cursor);
    if (this.isClosed) return;
    const { errors, next } = page;
    if (this.cursor === null) this.onFirst(page);
    for (const error of errors) this.#add(error);
    this.cursor = next;
    this.isComplete = !next;
    this.onChange();
  }

  #add(error) {
    this.loaded.push(error);
    if (this.matching) this.#match(this.loaded.length - 1);
  }

  #match(at) {
    if (this.filter(this.loaded[at])) this.matching.push(at);
  }
}
