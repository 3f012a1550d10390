// The errors of an upload, fetched page by page as far as somebody wants to see.

const FIRST = 100;
const MORE = 500;
const WITHOUT_ASKING = 2_000;
const MOST = 100_000; // no report has more, however many there are

export class ErrorList {
  /** `fetchPage(limit, cursor)` gives {errors, next}; `total` is how many there are; `onChange` is told of each page. */
  constructor({ fetchPage, total, onChange }) {
    Object.assign(this, { fetchPage, total, onChange });
    this.loaded = [];
    this.counts = new Map(); // by column and code
    this.isComplete = false;
    this.problem = null;
    this.filter = null;
    this.matching = null;
    this.cursor = null;
    this.wanted = 0;
    this.isLoading = false;
    this.isClosed = false;
  }

  /** Begins with those that are shown at once. */
  begin() {
    this.want(Math.min(this.total, this.total > WITHOUT_ASKING ? FIRST : WITHOUT_ASKING));
  }

  /** How many rows there are to show, as far as that is known. */
  get length() {
    if (this.matching) return this.matching.length;
    return this.isComplete ? this.loaded.length : Math.max(Math.min(this.total, MOST), this.loaded.length);
  }

  /** Gives the error at a place, or undefined if it has not come yet. */
  at(index) {
    return this.loaded[this.matching ? this.matching[index] : index];
  }

  /** Shows only errors of that column and code; null for all. To know them, all have to be looked at. */
  choose(filter) {
    this.filter = filter;
    this.matching = filter ? [] : null;
    if (filter) {
      this.loaded.forEach((_, at) => this.#match(at));
      this.want(this.total);
    }
    this.onChange();
  }

  /** Fetches until so many are there, if there are so many. */
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
    const { errors, next } = await this.fetchPage(this.loaded.length ? MORE : FIRST, this.cursor);
    if (this.isClosed) return;
    for (const error of errors) this.#take(error);
    this.cursor = next;
    this.isComplete = !next;
    this.onChange();
  }

  #take(error) {
    const key = JSON.stringify([error.column, error.code]);
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    this.loaded.push(error);
    if (this.matching) this.#match(this.loaded.length - 1);
  }

  #match(at) {
    const { column, code } = this.loaded[at];
    if (column === this.filter.column && code === this.filter.code) this.matching.push(at);
  }
}
