// Partner links: without an account, a partner sees one upload and sends a repaired file.

import * as api from "./api.js";
import { announce, html } from "./elements.js";
import { moment, problem as inWords } from "./words.js";

/** Adds a button that creates a partner link, and is then replaced by it. */
export function offerLink(place, uploadId) {
  const button = html("button", { type: "button" }, "Link for a partner");
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
  const copy = html("button", { type: "button" }, "Copy the link");
  copy.addEventListener("click", async () => {
    given.select();
    // Pages on plain HTTP have no clipboard, and browsers can refuse it to others.
    const isCopied = await navigator.clipboard?.writeText(url).then(() => true, () => false);
    copy.textContent = isCopied ? "Copied" : "Copy the selected link";
    announce(isCopied ? "The link was copied." : "The link is selected. Copy it by hand.");
  });
  const label = html("label", {}, `Link for a partner, who needs no account; valid until ${moment(expiresAt)}`, given);
  place.replaceChildren(html("div", { class: "given" }, label, copy));
  given.focus();
  given.select();
}
