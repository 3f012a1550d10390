
"use strict";
(() => {
  const most = 50;
  const form = document.getElementById("filters");
  const list = document.getElementById("records");
  const [back, on] = form.querySelectorAll("button");
  const records = [...list.children].map((item) => ({ item, kinds: item.dataset.k.split(" ").map((kind) => kind.split(".")) }));
  let found = records;
  let shown = records;
  let first = 0;

  const show = () => {
    const last = Math.min(first + most, found.length);
    for (const { item } of shown) item.hidden = true;
    shown = found.slice(first, last);
    for (const { item } of shown) item.hidden = false;
    const number = (value) => value.toLocaleString("en");
    form.querySelector("output").textContent = found.length
      ? `${number(first + 1)} to ${number(last)} of ${number(found.length)} records`
      : "no errors of this kind";
    // Not disabled: a disabled button would lose the keyboard focus.
    back.ariaDisabled = first === 0;
    on.ariaDisabled = last === found.length;
  };

  const filter = () => {
    const { column, code } = form.elements;
    const fits = ([of, kind]) => (!column.value || of === column.value) && (!code.value || kind === code.value);
    found = records.filter(({ kinds }) => kinds.some(fits));
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
