// The page: which part of it is shown, and how its parts hang together.

import * as api from "./api.js";
import { byId, html, say } from "./elements.js";
import { History } from "./history.js";
import { LocalFile } from "./local_file.js";
import { Submission } from "./submission.js";
import { UploadView } from "./upload_view.js";
import { problem as inWords } from "./words.js";

const OWNER = "assay.owner";

const files = new Map(); // what has been uploaded from here, by upload
const view = new UploadView({ fileOf: (id) => files.get(id) ?? null, onReplay: askForReason });

if (api.isLink) showLink();
else showAll();

function showLink() {
  byId("upload").hidden = false;
  document.querySelector(".brand").removeAttribute("href");
  document.querySelector(".masthead nav").remove();
  const repair = new Submission(byId("repair"), {
    prepare: () => api.newForm(),
    onSent: (file) => {
      const { uploadId, attempt } = view.upload;
      files.set(uploadId, new LocalFile(file));
      repair.clear();
      view.open(null, attempt);
      byId("filename").focus();
    },
  });
  view.open(null);
}

function showAll() {
  const history = new History();
  const submission = new Submission(byId("submission"), { prepare: register, onSent: sent });
  const { elements } = byId("submission");
  elements.owner.value = remembered()?.getItem(OWNER) ?? "";
  fillSchemas(elements.schema);
  let registered = null;

  async function register(file) {
    const [schema, owner] = [elements.schema.value, elements.owner.value.trim()];
    remembered()?.setItem(OWNER, owner);
    const particulars = { filename: file.name, size: file.size, ...(schema && { schema }), ...(owner && { owner }) };
    registered = await api.register(particulars);
    return registered.form;
  }

  async function sent(file) {
    const { upload } = registered;
    // Without its schema, the file itself tells the most of how it is written.
    const asDeclared = ({ dialect }) => ({ delimiter: ",", ...dialect, ...dialect?.csv });
    const dialect = await api.schema(upload.schema ?? "default").then(asDeclared, () => ({}));
    files.set(upload.uploadId, new LocalFile(file, dialect));
    submission.clear();
    location.hash = `#/uploads/${upload.uploadId}`;
  }

  function route(event) {
    const id = location.hash.match(/^#\/uploads\/([\w-]+)$/)?.[1];
    if (!id && location.hash && !location.hash.startsWith("#/")) return; // a place on the page
    byId("start").hidden = byId("history").hidden = Boolean(id);
    byId("upload").hidden = !id;
    if (id) view.open(id, id === registered?.upload.uploadId ? registered.upload.attempt : null);
    else {
      view.close();
      document.title = "Assay";
      history.show();
    }
    if (!event) return;
    // Whoever has followed a link is to be told where it led.
    (id ? byId("filename") : byId("start").querySelector("h1")).focus();
    scrollTo(0, 0);
  }

  addEventListener("hashchange", route);
  route();
}

/** Gives what the browser keeps for this page; nothing where it may not keep anything. */
function remembered() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

async function fillSchemas(select) {
  select.replaceChildren(html("option", { value: "" }, "default"));
  try {
    const { schemas } = await api.schemas();
    select.append(...schemas.filter((name) => name !== "default").map((name) => html("option", { value: name }, name)));
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    say(byId("trouble"), inWords(problem));
  }
}

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
    byId("filename").focus(); // the button that led here is a new one by now
  };
  dialog.showModal();
}
