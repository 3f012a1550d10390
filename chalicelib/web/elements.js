// Elements of the document, made of what they are to have.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an HTML element; a property that starts with `on` is a listener, null and false are left out. */
export const html = (name, properties = {}, ...children) => fill(document.createElement(name), properties, children);

/** Makes an SVG element. */
export const svg = (name, properties = {}, ...children) => fill(document.createElementNS(SVG, name), properties, children);

/** Makes a cell of a table with a count in it, which has its noun where the table has no headings. */
export const countCell = (text, noun) => html("td", { class: "count", "data-label": text === "1" ? noun : `${noun}s` }, text);

export const byId = (id) => document.getElementById(id);

/** Tells whoever listens to the page rather than looks at it. */
export const announce = (sentence) => {
  const announcer = byId("announcer");
  if (announcer.textContent !== sentence) announcer.textContent = sentence;
};

/** Shows an element with a sentence in it, and what more there is, or hides it if there is nothing to say. */
export const say = (element, sentence, ...more) => {
  element.hidden = !sentence;
  element.replaceChildren(sentence ?? "", ...more.filter(Boolean));
};

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
