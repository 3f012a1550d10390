// The entry point: chooses the part of the page to show, and connects the parts.

import * as api from "./api.js";
import { answerOrTrouble, byId, html, say } from "./elements.js";
import { History } from "./history.js";
import { LocalFile } from "./local_file.js";
import { ReportView } from "./report_view.js";
import * as session from "./session.js";
import { Submission } from "./submission.js";
import { UploadView } from "./upload_view.js";
import { isSystemFailure, problem as inWords, t } from "./words.js";

const OWNER = "assay.owner";

const files = new Map(); // files uploaded from this page, by upload id
const attempts = new Map(); // the number of the attempt before such a file, by upload id
const view = new UploadView({
  fileOf: (id) => files.get(id) ?? null,
  keepFile: (id, file) => files.set(id, file),
  onReplay: askForReason,
  onShow: nameReplacement,
  send: (file) => replacement.send(file),
});
const report = new ReportView();
const replacement = new Submission(byId("replace"), { prepare: prepareReplacement, onSent: replaced });
let target = null; // the upload whose file is replaced

/** Shows all uploads, if there is a session or no sign-in is needed. */
async function begin() {
  addEventListener("session-ended", () => say(byId("session"), `${t("signIn.ended")} `, signInButton("signIn.again")));
  try {
    if (!(await session.start())) return offerSignIn();
    showAll(session.isUsed() ? await showCaller() : null);
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    offerSignIn(problem);
  }
}

function offerSignIn(problem) {
  byId("sign-in").hidden = !session.isUsed();
  byId("sign-in").lastElementChild.replaceChildren(signInButton("signIn.begin"));
  say(byId("trouble"), problem && inWords(problem));
}

function signInButton(key) {
  const onclick = () => session.signIn().catch((problem) => say(byId("trouble"), inWords(problem)));
  return html("button", { type: "button", class: "main-action", onclick }, t(key));
}

/** Shows who is signed in, and returns it. */
async function showCaller() {
  byId("caller").hidden = false;
  byId("caller").querySelector("button").addEventListener("click", () => session.signOut());
  const caller = await api.caller();
  byId("caller").querySelector("bdi").textContent = caller.name;
  return caller;
}

/** Shows an upload, or its report. The upload stays open behind its report, with what the reader changed in it. */
function showUpload(id, isReport, sent = null) {
  byId("upload").hidden = isReport;
  if (isReport) return report.open(id);
  report.close();
  if (view.shows(id)) view.resume();
  else {
    if (!api.isLink) replacement.clear(); // its file was chosen for another upload, and may still be on its way there
    view.open(id, sent);
  }
}

function showLink() {
  document.querySelector(".brand").removeAttribute("href");
  document.querySelector(".masthead nav").remove();
  // An anchor would replace the link's token in the fragment.
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("main").focus();
  });
  const route = () => (api.isOtherLink() ? location.reload() : showUpload(null, location.hash.endsWith("/report")));
  addEventListener("hashchange", route);
  route();
}

function prepareReplacement() {
  target = view.upload; // the reader may open another one, while the file is sent
  return api.newForm(target.uploadId);
}

function replaced(file) {
  const { uploadId, attempt } = target;
  const id = api.isLink ? null : uploadId;
  files.set(uploadId, new LocalFile(file));
  attempts.set(uploadId, attempt);
  replacement.clear();
  if (!view.shows(id)) return (location.hash = api.placeOf(uploadId));
  view.open(id, attempt);
  byId("filename").focus();
}

/** Names what the form sends: a first file, the same one again, or a repaired one. */
function nameReplacement(upload) {
  const isFirst = upload.status === "PENDING";
  const isUnchanged = isFirst || isSystemFailure(upload);
  byId("replace-title").textContent = t(isFirst ? "replace.first" : isUnchanged ? "replace.again" : "replace.title");
  replacement.name(t(isUnchanged ? "start.drop" : "replace.drop"), t(isFirst ? "start.dropHint" : "replace.dropHint"));
}

function showAll(caller) {
  const history = new History();
  const submission = new Submission(byId("submission"), { prepare: register, onSent: sent });
  const { elements } = byId("submission");
  const isOwner = Boolean(caller?.owner); // others are operators, who name an owner
  for (const { owner } of [elements, byId("sieve").elements]) owner.closest("label").hidden = isOwner;
  elements.owner.value = isOwner ? "" : (storage()?.getItem(OWNER) ?? "");
  fillSchemas(elements.schema);
  let registered = null;

  async function register(file) {
    const [schema, owner] = [elements.schema.value, elements.owner.value.trim()];
    if (!isOwner) storage()?.setItem(OWNER, owner);
    const particulars = { filename: file.name, size: file.size, ...(schema && { schema }), ...(owner && { owner }) };
    registered = await api.register(particulars);
    return registered.form;
  }

  async function sent(file) {
    const { upload } = registered;
    // Without the schema's dialect, the delimiter is detected from the file.
    const asDeclared = ({ dialect }) => ({ delimiter: ",", ...dialect, ...dialect?.csv });
    const dialect = await api.schema(upload.schema ?? "default").then(asDeclared, () => ({}));
    files.set(upload.uploadId, new LocalFile(file, dialect));
    attempts.set(upload.uploadId, upload.attempt);
    submission.clear();
    location.hash = `#/uploads/${upload.uploadId}`;
  }

  function route(event) {
    const [, id, part] = location.hash.match(/^#\/uploads\/([\w-]+)(\/report)?$/) ?? [];
    if (!id && location.hash && !location.hash.startsWith("#/")) return; // an anchor on the page
    byId("start").hidden = byId("history").hidden = Boolean(id);
    if (id) showUpload(id, Boolean(part), attempts.get(id));
    else {
      byId("upload").hidden = true;
      report.close();
      view.close();
      document.title = "Assay";
      history.show();
    }
    if (!event || part) return;
    // Screen readers announce the focused heading.
    (id ? byId("filename") : byId("start").querySelector("h1")).focus();
    scrollTo(0, 0);
  }

  addEventListener("hashchange", route);
  route();
}

/** Returns the local storage, or null if the browser blocks it. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

async function fillSchemas(select) {
  select.replaceChildren(html("option", { value: "" }, "default"));
  const answer = await answerOrTrouble(api.schemas());
  if (!answer) return;
  const reasons = new Map(answer.broken.map(({ name, reason }) => [name, reason]));
  const option = (name) =>
    html("option", { value: name, disabled: reasons.has(name), title: reasons.get(name) }, reasons.has(name) ? t("start.broken", { name, reason: reasons.get(name) }) : name);
  select.append(...answer.schemas.filter((name) => name !== "default").map((name) => option(name)));
}

if (api.isLink) showLink();
else begin();

function askForReason(upload) {
  const dialog = byId("again");
  const form = dialog.querySelector("form");
  const complaint = form.querySelector(".complaint");
  form.reset();
  say(complaint, null);
  form.querySelector("[value=cancel]").onclick = () => dialog.close();
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      await api.replay(upload.uploadId, form.elements.reason.value, upload.attempt);
    } catch (problem) {
      if (problem.status === undefined) throw problem;
      return say(complaint, inWords(problem));
    }
    dialog.close();
    view.open(upload.uploadId);
    byId("filename").focus(); // the button that opened the dialog was replaced
  };
  dialog.showModal();
}
