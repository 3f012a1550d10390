// Creates and changes elements of the document.

import { problem as inWords, t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** Creates an HTML element. Properties that start with `on` are listeners; null and false are omitted. */
export const html = (name, properties = {}, ...children) => fill(document.createElement(name), properties, children);

/** Creates an SVG element. */
export const svg = (name, properties = {}, ...children) => fill(document.createElementNS(SVG, name), properties, children);

/** Creates a table cell with a count, labelled with its noun for narrow layouts without headings. */
export const countCell = (text, noun) =>
  html("td", { class: "count", "data-label": t(`count.${noun}Noun`, { count: text === "1" ? 1 : 2 }) }, text);

export const byId = (id) => document.getElementById(id);

/** Announces a sentence to screen readers. */
export const announce = (sentence) => {
  const announcer = byId("announcer");
  if (announcer.textContent !== sentence) announcer.textContent = sentence;
};

/** Shows a sentence, and further nodes, in an element; hides the element if the sentence is empty. */
export const say = (element, sentence, ...more) => {
  element.hidden = !sentence;
  element.replaceChildren(sentence ?? "", ...more.filter(Boolean));
};

/** Returns the answer to a request; null if it failed, and the page says why. */
export async function answerOrTrouble(asked) {
  try {
    return await asked;
  } catch (problem) {
    if (problem.status === undefined) throw problem;
    say(byId("trouble"), inWords(problem));
    return null;
  }
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
