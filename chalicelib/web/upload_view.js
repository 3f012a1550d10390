// One upload: its verdict, what is wrong and what to do about it, its errors, and what was agreed.

import { agreed } from "./agreement.js";
import * as api from "./api.js";
import { CauseList, OF_KEYS } from "./causes.js";
import { NOTHING, offer } from "./downloads.js";
import { announce, byId, html, say } from "./elements.js";
import { EngineersView } from "./engineers.js";
import { ErrorsView } from "./errors_view.js";
import { showHeader } from "./header_view.js";
import { offerLink } from "./partner_link.js";
import { RepairView } from "./repair_view.js";
import { watch } from "./watching.js";
import { duration, errorCount, isSystemFailure, isVerdict, loaded, number, problem as inWords, rejected, status, t, verdict } from "./words.js";

export class UploadView {
  /**
   * `fileOf(uploadId)` returns the LocalFile that was uploaded from this page, or null; `keepFile(uploadId, file)` keeps
   * one that the reader chose. `onShow` receives each state of the upload. `send(file)` sends a repaired file.
   */
  constructor({ fileOf, keepFile, onReplay, onShow, send }) {
    Object.assign(this, { fileOf, onReplay, onShow });
    this.repair = new RepairView({ onFile: (file) => this.#keep(keepFile, file), send });
    this.errors = new ErrorsView({
      file: () => this.fileOf(this.upload.uploadId),
      onAgain: () => this.open(api.isLink ? null : this.upload.uploadId),
      onChoose: (cause) => this.causes.choose(cause),
      onFound: (found) => {
        showHeader(found.header);
        this.repair.open(this.upload, found, this.agreement, this.fileOf(this.upload.uploadId)?.file ?? null);
      },
      onAll: (errors) => this.repair.takeErrors(errors),
      repair: this.repair,
    });
    this.causes = new CauseList(byId("cause-list"), (cause) => this.errors.choose(cause));
    this.engineers = new EngineersView();
  }

  /**
   * Shows an upload and follows it; `id` is null on the page of a link. After a file was sent, `sent` is the number of
   * the attempt before it: only verdicts of later attempts are shown.
   */
  open(id, sent = null) {
    this.close();
    this.id = id;
    this.upload = null;
    this.agreement = null;
    this.watching = new AbortController();
    for (const part of ["kind", "filename", "verdict", "facts", "downloads", "actions", "partner"]) byId(part).replaceChildren();
    byId("filename").textContent = t("upload.looking");
    for (const part of ["errors", "causes", "header", "agreed", "engineers"]) byId(part).hidden = true;
    this.engineers.close();
    watch(id, {
      after: sent ?? -1,
      isSent: sent !== null,
      signal: this.watching.signal,
      onUpload: (upload) => this.#show(upload),
      onProblem: (problem, isOver) => this.#trouble(problem, isOver),
    });
  }

  /** Whether this upload is open; `id` is null on the page of a link. */
  shows(id) {
    return this.id === id;
  }

  /** Shows the open upload again, after its report. */
  resume() {
    if (this.upload) document.title = t("upload.title", { file: this.upload.filename, status: status(this.upload) });
    byId("filename").focus();
  }

  close() {
    this.id = undefined;
    this.watching?.abort();
    this.errors.close();
    this.repair.close();
    clearInterval(this.clock);
    say(byId("trouble"), null);
  }

  #trouble(problem, isOver) {
    say(byId("trouble"), problem && inWords(problem) + (isOver ? "" : ` ${t("upload.triesAgain")}`));
    if (problem && !this.upload) byId("filename").textContent = t("upload.cannotShow");
  }

  #show(upload) {
    if (!this.upload && !api.isLink) offerLink(byId("partner"), upload.uploadId);
    this.upload = upload;
    document.title = t("upload.title", { file: upload.filename, status: status(upload) });
    byId("filename").textContent = upload.filename;
    byId("kind").textContent = t("upload.kind", { id: upload.uploadId, owner: upload.owner });
    byId("verdict").textContent = verdict(upload);
    byId("verdict").className = `verdict ${isSystemFailure(upload) ? "unknown" : upload.status}`;
    announce(t("upload.title", { file: upload.filename, status: verdict(upload) }));
    offer(upload.uploadId, NOTHING);
    this.#facts();
    this.#actions();
    byId("engineers").hidden = false;
    this.engineers.show(upload);
    this.onShow(upload);
    byId("replace").hidden = upload.status !== "VALIDATION_FAILED" && !(api.isLink && upload.status === "PENDING");
    this.errors.close();
    this.repair.close();
    byId("causes").hidden = byId("errors").hidden = true;
    showHeader(null);
    this.#details(upload);
  }

  /** Fetches and shows what was agreed, and what is wrong. */
  async #details(upload) {
    const isCurrent = () => this.upload === upload;
    const hasErrors = isVerdict(upload.status) && upload.errorCount > 0;
    const [agreement, found, downloads] = await Promise.allSettled([
      this.#agreementOf(upload),
      hasErrors ? api.causes(upload.uploadId) : null,
      isVerdict(upload.status) ? api.downloads(upload.uploadId) : NOTHING,
    ]);
    if (!isCurrent()) return;
    if (downloads.value) offer(upload.uploadId, downloads.value);
    else say(byId("trouble"), inWords(downloads.reason));
    this.agreement = agreement.value ?? null; // without it, the file can still be repaired
    byId("agreed").hidden = this.agreement === null;
    if (this.agreement) byId("agreed").lastElementChild.replaceChildren(...agreed(this.agreement));
    if (!hasErrors) return this.engineers.count([]);
    if (found.value) this.#causes(found.value);
    else say(byId("trouble"), inWords(found.reason));
    this.errors.open(upload, this.agreement);
  }

  #causes(found) {
    const { causes, counted, errorCount: total } = found;
    byId("causes").hidden = false;
    say(byId("partial"), counted < total ? t("causes.partial", { listed: counted, total }) : null);
    this.causes.show(found, this.agreement);
    this.engineers.count(causes);
  }

  async #agreementOf({ schema }) {
    if (this.agreement) return this.agreement;
    return schema || api.isLink ? api.agreement(schema) : null;
  }

  #keep(keepFile, file) {
    keepFile(this.upload.uploadId, file);
    this.errors.refresh();
    if (this.causes.causes?.some(({ code }) => OF_KEYS.has(code))) this.errors.loadAll(); // the rows that repeat a key
  }

  #facts() {
    clearInterval(this.clock);
    const { upload } = this;
    const took = html("dd", {}, duration(elapsed(upload)));
    if (upload.status === "VALIDATING") this.clock = setInterval(() => (took.textContent = duration(elapsed(upload))), 500);
    // With errors and no rows, the rows were not read.
    const isRead = upload.rowCount > 0 || (upload.rowCount === 0 && !upload.errorCount);
    const facts = [
      ["rows", isRead ? number(upload.rowCount) : null],
      ["errors", errorCount(upload) || null],
      ["rejected", rejected(upload)],
      ["loaded", api.isLink ? null : loaded(upload)],
      ["parts", upload.parts ? t("upload.partsDone", upload.parts) : null],
      ["time", upload.status === "PENDING" ? null : took],
      ["schema", upload.schema],
      ["sameAs", upload.sameAs && html("dd", {}, html("a", { href: `#/uploads/${upload.sameAs}` }, upload.sameAs))],
    ];
    const shown = facts.filter(([, value]) => value !== null);
    byId("facts").replaceChildren(
      ...shown.map(([name, value]) => html("div", {}, html("dt", {}, t(`upload.${name}`)), value.nodeName ? value : html("dd", {}, value))),
    );
    byId("unchecked").hidden = upload.unchecked.length === 0;
    byId("unchecked").replaceChildren(
      ...upload.unchecked.map((sentence) => html("p", { class: "bound" }, t("upload.unchecked", { sentence }))),
    );
  }

  #actions() {
    const { upload } = this;
    byId("actions").replaceChildren(
      ...(isVerdict(upload.status) && !api.isLink
        ? [html("button", { type: "button", onclick: () => this.onReplay(upload) }, t("upload.validateAgain"))]
        : []),
    );
  }
}

/** Returns the seconds that the current attempt has taken so far. */
function elapsed({ attempts, status: now, createdAt, updatedAt }) {
  const { beganAt, endedAt } = attempts?.[0] ?? {};
  const end = isVerdict(now) ? new Date(endedAt ?? updatedAt) : Date.now();
  return Math.max(0, (end - new Date(beganAt ?? createdAt)) / 1000);
}
