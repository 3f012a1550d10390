// Text of a file, with a sign for each invisible character.

import { html } from "./elements.js";
import { HIDDEN, NAMES } from "./signs.js";
import { t } from "./words.js";

/** Returns text as nodes; longer than `most` characters, it is cut off. */
export function visible(whole, most = Infinity) {
  const text = whole.length > most ? `${whole.slice(0, most)}…` : whole;
  const nodes = [];
  let at = 0;
  for (const { 0: hidden, index } of text.matchAll(HIDDEN)) {
    nodes.push(text.slice(at, index), html("i", {}, sign(hidden)));
    if (hidden === "\n") nodes.push("\n");
    at = index + hidden.length;
  }
  return [...nodes, text.slice(at)];
}

function sign(hidden) {
  const name = NAMES[hidden[0]] ?? `U+${hidden.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  const { length } = [...hidden];
  return length > 1 ? t("signs.several", { count: length, name }) : name;
}
