// The table of errors. Only the visible rows are in the document, so that its length does not matter.

import { expectation } from "./causes.js";
import { html } from "./elements.js";
import { letters, number, t } from "./words.js";

const SPARE = 8; // rows above and below the visible ones

export class ErrorGrid {
  /** `element` is the grid in the document; `onChoose` receives the chosen error. */
  constructor(element, onChoose) {
    this.element = element;
    this.body = element.querySelector(".grid-body");
    this.onChoose = onChoose;
    this.chosen = 0;
    this.reported = null;
    this.list = null;
    this.agreement = null;
    this.isDue = false;
    element.addEventListener("scroll", () => this.refresh(), { passive: true });
    element.addEventListener("keydown", (event) => this.#key(event));
    this.body.addEventListener("click", ({ target }) => this.#click(target));
    new ResizeObserver(() => this.refresh()).observe(element);
  }

  /** Shows a list from its start, with the first error chosen. */
  show(list) {
    this.list = list;
    this.chosen = 0;
    this.element.scrollTop = 0;
    this.refresh();
  }

  /** Draws the visible rows at the next frame. */
  refresh() {
    if (this.isDue) return;
    this.isDue = true;
    requestAnimationFrame(() => {
      this.isDue = false;
      if (this.list) this.#draw();
    });
  }

  /** Chooses the error at an index, and scrolls to it. */
  choose(index) {
    const last = this.list.length - 1;
    if (last < 0) return;
    this.chosen = Math.max(0, Math.min(index, last));
    this.#bringIntoView();
    this.refresh();
    this.list.want(this.chosen + 1);
    this.#report();
  }

  get #height() {
    return parseFloat(getComputedStyle(this.element).getPropertyValue("--row"));
  }

  get #room() {
    return this.element.clientHeight - this.body.offsetTop;
  }

  #draw() {
    const height = this.#height;
    const count = this.list.length;
    this.chosen = Math.max(0, Math.min(this.chosen, count - 1)); // there may be fewer than expected
    const first = Math.max(0, Math.floor(this.element.scrollTop / height) - SPARE);
    const last = Math.min(count, Math.ceil((this.element.scrollTop + this.#room) / height) + SPARE);
    this.element.setAttribute("aria-rowcount", count + 1);
    this.body.style.height = `${count * height}px`;
    const rows = [];
    for (let index = first; index < last; index++) rows.push(this.#row(index, height));
    this.body.replaceChildren(...rows);
    if (!this.list.matching && last > this.list.loaded.length && !this.list.problem) this.list.want(last);
    this.#pointAtChosen();
    this.#report();
  }

  #row(index, height) {
    const error = this.list.at(index);
    const isChosen = index === this.chosen;
    const row = html(
      "div",
      { role: "row", id: `error-${index}`, "aria-rowindex": index + 2, "aria-selected": String(isChosen), "data-index": index },
      ...(error ? cells(error, this.agreement) : [html("span", { role: "gridcell", class: "to-come" }, t("errors.loading"))]),
    );
    row.style.transform = `translateY(${index * height}px)`;
    return row;
  }

  /** Reports the chosen error once it is loaded. */
  #report() {
    const error = this.list.at(this.chosen) ?? null;
    if (error === this.reported) return;
    this.reported = error;
    this.onChoose(error);
  }

  #pointAtChosen() {
    const id = `error-${this.chosen}`;
    if (document.getElementById(id)) this.element.setAttribute("aria-activedescendant", id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  #bringIntoView() {
    const height = this.#height;
    const top = this.chosen * height;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    else if (top + height > this.element.scrollTop + this.#room) {
      // The body needs its height before it can be scrolled.
      this.body.style.height = `${this.list.length * height}px`;
      this.element.scrollTop = top + height - this.#room;
    }
  }

  #key(event) {
    if (!this.list || event.ctrlKey || event.altKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.#room / this.#height) - 1);
    const target = {
      ArrowDown: this.chosen + 1,
      ArrowUp: this.chosen - 1,
      PageDown: this.chosen + page,
      PageUp: this.chosen - page,
      Home: 0,
      End: this.list.length - 1,
    }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.choose(target);
  }

  #click(target) {
    const row = target.closest("[role=row]");
    if (row) this.choose(Number(row.dataset.index));
  }
}

function cells(error, agreement) {
  const { row, column, field } = error;
  const where = row === null ? t("errors.wholeFile") : (column ?? (field ? t("errors.columnLetter", { letter: letters(field) }) : ""));
  const texts = [row === null ? "" : number(row), where, expectation(error, agreement)];
  return texts.map((text) => html("span", { role: "gridcell" }, text));
}
