// The full report of an upload, in a frame of this page. The address of a report expires after some minutes: a reload of
// this page asks for another one, where a reload of the report itself would end in an error of the bucket.

import * as api from "./api.js";
import { saveReport } from "./downloads.js";
import { answerOrTrouble, byId, html, say } from "./elements.js";
import { t } from "./words.js";

// Its scripts run, but not as this page: it has an origin of its own, and reads neither the session nor the link.
const SANDBOX = "allow-scripts allow-modals allow-downloads";

export class ReportView {
  constructor() {
    this.place = byId("report-frame");
    this.turn = 0;
    byId("report-save").addEventListener("click", () => saveReport(this.id, "report.html"));
  }

  /** Shows the report of an upload; `id` is null on the page of a link. */
  async open(id) {
    this.close();
    this.id = id;
    const turn = this.turn;
    document.title = t("reports.title");
    this.#show(true);
    byId("report-back").href = api.placeOf(id);
    byId("report-save").hidden = true;
    byId("report-title").focus();
    const answer = await answerOrTrouble(api.report(id, "html"));
    if (!answer || turn !== this.turn) return;
    byId("report-save").hidden = false;
    // A new frame each time: a changed address of the same one would be a step back in the history.
    this.place.replaceChildren(html("iframe", { src: answer.url, title: t("reports.title"), sandbox: SANDBOX, referrerpolicy: "no-referrer" }));
  }

  close() {
    this.turn++;
    this.#show(false);
    this.place.replaceChildren();
    say(byId("trouble"), null);
  }

  #show(isShown) {
    byId("report").hidden = !isShown;
    document.body.classList.toggle("reading", isShown);
  }
}
