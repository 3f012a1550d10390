
"use strict";
(() => {
  const every = JSON.parse(document.getElementById("words").textContent);
  const wanted = navigator.languages.map((tag) => tag.split("-")[0]);
  const language = wanted.find((tag) => every[tag]) ?? "en";
  const texts = every[language];
  const number = (value) => value.toLocaleString(language);
  const plural = new Intl.PluralRules(language);

  // A value is text, a number, or the key and the values of another text.
  const spoken = (value) => (Array.isArray(value) ? say(...value) : typeof value === "number" ? number(value) : value);
  const say = (key, values = {}) => {
    const text = texts[key];
    const form = typeof text === "string" ? text : text[plural.select(values.count) === "one" ? "one" : "other"];
    return form.replace(/\{(\w+)\}/g, (_, name) => spoken(values[name]));
  };

  if (language !== "en") {
    document.documentElement.lang = language;
    const agreed = new Map();
    for (const element of document.querySelectorAll("[data-t]")) {
      element.textContent = say(element.dataset.t, element.dataset.v ? JSON.parse(element.dataset.v) : {});
    }
    for (const element of document.querySelectorAll("[data-share]")) {
      const share = Math.max(Number(element.dataset.share), 0.01);
      element.textContent = say("causes.share", { share: share.toLocaleString(language, { style: "percent" }) });
    }
    for (const link of document.querySelectorAll("[data-l]")) link.hidden = link.dataset.l !== language;
    for (const row of document.querySelectorAll(".agreed tbody tr")) {
      const [holds, examples] = row.querySelectorAll("td");
      const example = examples.querySelector("code");
      const expected = { kind: holds.firstChild.textContent, example: example?.textContent };
      agreed.set(row.querySelector("bdi").textContent, say(example ? "report.expectedAs" : "report.expected", expected));
    }
    // Messages are English. What was agreed about the column says the same, or else the kind of the error.
    for (const element of document.querySelectorAll(".message")) {
      const expected = agreed.get(element.parentElement.querySelector("bdi")?.textContent);
      const { c: code } = element.dataset;
      if (!code || (code === "type-error" && expected)) element.textContent = expected ?? element.textContent;
      else element.textContent = say(texts[`codes.${code}.what`] ? `codes.${code}.what` : "codes.other.what", { count: 1 });
      if (code || expected) element.lang = language;
    }
  }

  const paper = document.getElementById("print");
  paper.addEventListener("click", () => print());
  paper.hidden = false;

  const form = document.getElementById("filters");
  if (!form) return;
  const most = 50;
  const list = document.getElementById("records");
  const [back, on] = form.querySelectorAll("button");
  const records = [...list.children].map((item) => ({ item, kinds: item.dataset.k.split(" ") }));
  let found = records;
  let shown = records;
  let first = 0;

  const show = () => {
    const last = Math.min(first + most, found.length);
    for (const { item } of shown) item.hidden = true;
    shown = found.slice(first, last);
    for (const { item } of shown) item.hidden = false;
    const values = { first: first + 1, last, total: found.length };
    form.querySelector("output").textContent = found.length ? say("report.place", values) : say("report.nothing");
    // Not disabled: a disabled button would lose the keyboard focus.
    back.ariaDisabled = first === 0;
    on.ariaDisabled = last === found.length;
  };

  const filter = () => {
    const { value } = form.elements.cause;
    found = records.filter(({ kinds }) => !value || kinds.includes(value));
    first = 0;
    show();
  };

  // Print all records, not only the current page.
  addEventListener("beforeprint", () => {
    shown = found;
    for (const { item } of shown) item.hidden = false;
  });
  addEventListener("afterprint", show);
  form.addEventListener("change", filter);
  form.addEventListener("click", ({ target }) => {
    if (target.tagName !== "BUTTON" || target.ariaDisabled === "true") return;
    first += most * Number(target.value);
    show();
    form.scrollIntoView();
  });
  form.hidden = false;
  filter();
})();
