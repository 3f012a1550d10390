// Partner links: without an account, a partner sees one upload and sends a repaired file.

import * as api from "./api.js";
import { announce, html } from "./elements.js";
import { moment, problem as inWords, t } from "./words.js";

/** Adds a button that creates a partner link, and is then replaced by it. */
export function offerLink(place, uploadId) {
  const button = html("button", { type: "button" }, t("partner.create"));
  const complaint = html("p", { class: "complaint", role: "alert" });
  button.addEventListener("click", async () => {
    complaint.textContent = "";
    try {
      const link = await api.link(uploadId);
      if (button.isConnected) show(place, link); // else another upload was opened meanwhile
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      complaint.textContent = inWords(problem);
    }
  });
  place.replaceChildren(button, complaint);
}

function show(place, { url, expiresAt }) {
  const given = html("input", { readonly: true, value: url });
  const copy = html("button", { type: "button" }, t("partner.copy"));
  copy.addEventListener("click", async () => {
    given.select();
    // Pages on plain HTTP have no clipboard, and browsers can refuse it to others.
    const isCopied = await navigator.clipboard?.writeText(url).then(() => true, () => false);
    copy.textContent = t(isCopied ? "partner.copied" : "partner.copySelected");
    announce(t(isCopied ? "partner.wasCopied" : "partner.isSelected"));
  });
  const label = html("label", {}, t("partner.label", { until: moment(expiresAt) }), given);
  place.replaceChildren(html("div", { class: "given" }, label, copy));
  given.focus();
  given.select();
}
