// A form that sends a file to the bucket.

import { announce, say } from "./elements.js";
import { send } from "./sending.js";
import { bytes, problem as inWords, t } from "./words.js";

export class Submission {
  /** `prepare(file, form)` returns the presigned form; `onSent(file)` runs before another file can be sent. */
  constructor(form, { prepare, onSent }) {
    Object.assign(this, { form, prepare, onSent });
    this.input = form.elements.file;
    this.drop = form.querySelector(".drop");
    this.sending = form.querySelector(".sending");
    this.complaint = form.querySelector(".complaint");
    this.title = this.drop.querySelector(".drop-title").textContent;
    this.hint = this.drop.querySelector(".drop-hint").textContent;
    this.input.addEventListener("change", () => this.#chosen());
    form.addEventListener("submit", (event) => this.#submit(event));
    this.sending.querySelector("button").addEventListener("click", () => this.under?.abort());
    this.#acceptDrops();
  }

  /** Whether a file is being sent. */
  get isBusy() {
    return this.input.disabled;
  }

  /** Names what is to be sent. */
  name(title, hint) {
    Object.assign(this, { title, hint });
    this.#chosen();
  }

  /** Clears the chosen file. */
  clear() {
    this.input.value = "";
    this.#chosen();
  }

  /** Sends a file as if it had been chosen here; while another is sent, only shows that. */
  send(file) {
    if (this.isBusy) return this.sending.querySelector("button").focus();
    const transfer = new DataTransfer();
    transfer.items.add(file);
    this.input.files = transfer.files;
    this.#chosen();
    this.form.requestSubmit();
  }

  /** Accepts files dropped anywhere, while this form is shown and is not sending. */
  #acceptDrops() {
    const isWanted = () => !this.form.hidden && this.form.offsetParent && !this.isBusy;
    const onFiles = (name, listener) =>
      addEventListener(name, (event) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        listener(event);
        event.preventDefault(); // else the browser would leave the page and open the file
      });
    onFiles("dragover", (event) => {
      this.drop.classList.toggle("over", Boolean(isWanted()));
      // The page has several forms: the first one to be asked refuses the file, unless another one wants it.
      if (isWanted()) event.dataTransfer.dropEffect = "copy";
      else if (!event.defaultPrevented) event.dataTransfer.dropEffect = "none";
    });
    addEventListener("dragleave", (event) => event.relatedTarget || this.drop.classList.remove("over"));
    onFiles("drop", (event) => {
      this.drop.classList.remove("over");
      if (!isWanted()) return;
      if (event.dataTransfer.files.length > 1) return say(this.complaint, t("start.oneFile"));
      this.input.files = event.dataTransfer.files;
      this.#chosen();
    });
  }

  #chosen() {
    const [file] = this.input.files;
    this.drop.classList.toggle("full", Boolean(file));
    this.drop.querySelector(".drop-title").textContent = file ? file.name : this.title;
    this.drop.querySelector(".drop-hint").textContent = file ? bytes(file.size) : this.hint;
    say(this.complaint, file ? unfit(file) : null);
  }

  async #submit(event) {
    event.preventDefault();
    const [file] = this.input.files;
    const reason = unfit(file);
    if (reason) return say(this.complaint, reason);
    this.under = new AbortController();
    this.#busy(true);
    try {
      const signed = await this.prepare(file, this.form);
      if (signed.maxBytes && file.size > signed.maxBytes) throw new TooLarge(signed.maxBytes);
      await send(signed, file, { onProgress: (sent) => this.#progress(sent, file.size), signal: this.under.signal });
      announce(t("start.uploaded", { file: file.name }));
      await this.onSent(file);
    } catch (failure) {
      this.#complain(failure);
    } finally {
      this.#busy(false);
    }
  }

  #busy(isBusy) {
    this.sending.hidden = !isBusy;
    this.form.querySelector(".main-action").disabled = isBusy;
    this.input.disabled = isBusy;
    (isBusy ? addEventListener : removeEventListener)("beforeunload", ask);
    if (isBusy) {
      say(this.complaint, null);
      this.#progress(0, 1);
    }
  }

  #progress(sent, size) {
    this.sending.querySelector("progress").value = sent / size;
    this.sending.querySelector("output").textContent = sent ? t("start.sent", { sent: bytes(sent), total: bytes(size) }) : "";
  }

  #complain(failure) {
    if (failure.name === "AbortError") say(this.complaint, t("start.cancelled"));
    else if (failure instanceof TooLarge || failure.status === undefined) say(this.complaint, failure.message);
    else say(this.complaint, inWords(failure));
    if (failure.status === undefined && failure.name !== "AbortError" && !(failure instanceof TooLarge)) throw failure;
  }
}

/** Makes the browser ask before it leaves the page. */
const ask = (event) => event.preventDefault();

class TooLarge extends Error {
  constructor(most) {
    super(t("start.tooLarge", { size: bytes(most) }));
  }
}

/** Returns why a file cannot be sent, or null. */
function unfit(file) {
  if (!file) return t("start.chooseFile");
  return file.size === 0 ? t("start.emptyFile") : null;
}
