// The diagram of the state machine, with the path of an upload.

import { html, svg } from "./elements.js";
import { isSystemFailure, t, verdict } from "./words.js";

// Each is [name, kind, centre in the wide diagram, centre in the narrow one].
const NODES = [
  ["PENDING", "status", [42, 34], [82, 24]],
  ["VALIDATING", "status", [177, 34], [82, 84]],
  ["ValidateCsv", "state", [336, 34], [82, 144]],
  ["IsValid", "state", [528, 34], [82, 204]],
  ["PersistPlaceholder", "state", [706, 34], [82, 264]],
  ["PersistRows", "state", [706, 128], [266, 264]],
  ["MarkValidated", "state", [892, 34], [82, 324]],
  ["MarkSystemFailure", "state", [336, 128], [266, 144]],
  ["MarkValidationFailed", "state", [528, 128], [266, 204]],
];

// Each is [from, to, label].
const EDGES = [
  ["PENDING", "VALIDATING", ""],
  ["VALIDATING", "ValidateCsv", ""],
  ["ValidateCsv", "IsValid", ""],
  ["IsValid", "PersistPlaceholder", "valid"],
  ["PersistPlaceholder", "MarkValidated", ""],
  ["PersistPlaceholder", "PersistRows", ""],
  ["PersistRows", "MarkValidated", ""],
  ["ValidateCsv", "MarkSystemFailure", "thrown"],
  ["IsValid", "MarkValidationFailed", "invalid"],
];

const HEIGHT = 34;
const LETTER = 7.25; // the width of a letter at 12 pixels
const SHAPES = { wide: { at: 2, box: "0 0 954 152" }, narrow: { at: 3, box: "0 0 354 346" } };
const isNarrow = matchMedia("(max-width: 54rem)");

/** Returns the names of the states that an upload has passed; the last one is where it is. */
export function way(upload) {
  const begun = ["PENDING", "VALIDATING", "ValidateCsv"];
  if (upload.status === "PENDING") return begun.slice(0, 1);
  if (upload.status === "VALIDATING") return begun;
  if (isSystemFailure(upload)) return [...begun, "MarkSystemFailure"];
  if (upload.status === "VALIDATION_FAILED") return [...begun, "IsValid", "MarkValidationFailed"];
  return [...begun, "IsValid", "PersistPlaceholder", ...(upload.loadedRows === null ? [] : ["PersistRows"]), "MarkValidated"];
}

/** Draws an upload's path into a figure. */
export function draw(figure, upload) {
  const taken = way(upload);
  const key = taken.join(" ");
  if (figure.dataset.way === key) return; // keep running animations
  figure.dataset.way = key;
  const shape = isNarrow.matches ? SHAPES.narrow : SHAPES.wide;
  const picture = svg("svg", { viewBox: shape.box, role: "img", "aria-label": `${taken.join(t("engineers.then"))}. ${verdict(upload)}` });
  picture.append(...EDGES.map((edge) => drawEdge(edge, shape, taken)), ...NODES.map((node) => drawNode(node, shape, taken)));
  figure.replaceChildren(picture, html("figcaption", { class: "unseen" }, t("engineers.way", { states: taken.join(", ") })));
}

/** Redraws when the width of the window crosses the limit. */
export function redrawOnTurn(figure, upload) {
  isNarrow.addEventListener("change", () => {
    delete figure.dataset.way;
    if (upload()) draw(figure, upload());
  });
}

const width = (name) => name.length * LETTER + 24;

function drawNode([name, kind, ...places], shape, taken) {
  const [x, y] = places[shape.at - 2];
  const box = { x: x - width(name) / 2, y: y - HEIGHT / 2, width: width(name), height: HEIGHT };
  const corner = kind === "status" ? HEIGHT / 2 : 5;
  return svg(
    "g",
    { class: `node ${light(name, taken)}`, "data-node": name },
    svg("rect", { ...box, rx: corner }),
    svg("text", { x, y: y + 4, "text-anchor": "middle" }, name),
  );
}

function light(name, taken) {
  const at = taken.indexOf(name);
  if (at < 0) return "";
  if (at < taken.length - 1) return "passed";
  return { MarkValidated: "right", MarkValidationFailed: "wrong", MarkSystemFailure: "wrong" }[name] ?? "here";
}

function drawEdge([from, to, label], shape, taken) {
  const isTaken = follows(from, to, taken);
  const [one, other] = [from, to].map((name) => ({ name, at: NODES.find((node) => node[0] === name)[shape.at] }));
  if (one.at[0] !== other.at[0] && one.at[1] !== other.at[1]) return svg("g", { class: isTaken ? "edge passed" : "edge" }, corner(one, other));
  const isLevel = one.at[1] === other.at[1];
  const [x1, y1] = isLevel ? [one.at[0] + width(from) / 2, one.at[1]] : [one.at[0], one.at[1] + HEIGHT / 2];
  const [x2, y2] = isLevel ? [other.at[0] - width(to) / 2, one.at[1]] : [one.at[0], other.at[1] - HEIGHT / 2];
  const head = isLevel ? `M${x2 - 6} ${y2 - 4}l6 4-6 4` : `M${x2 - 4} ${y2 - 6}l4 6 4-6`;
  const place = isLevel ? { x: (x1 + x2) / 2, y: y1 - 7, "text-anchor": "middle" } : { x: x1 + 8, y: (y1 + y2) / 2 + 4 };
  return svg(
    "g",
    { class: isTaken ? "edge passed" : "edge" },
    svg("path", { d: `M${x1} ${y1}L${x2} ${y2}${head}` }),
    label ? svg("text", place, t(`engineers.${label}`)) : null,
  );
}

/** Whether an upload's path has one state right after another. */
const follows = (from, to, taken) => taken.includes(from) && taken.indexOf(to) === taken.indexOf(from) + 1;

/** Draws an edge around a corner: to the right and up, or down and to the left. */
function corner(one, other) {
  const [x1, y1] = one.at;
  const [x2, y2] = other.at;
  const [left, up] = [x2 + width(other.name) / 2, y2 + HEIGHT / 2];
  const d =
    x2 > x1
      ? `M${x1 + width(one.name) / 2} ${y1}H${x2}V${up}M${x2 - 4} ${up + 6}l4-6 4 6`
      : `M${x1} ${y1 + HEIGHT / 2}V${y2}H${left}M${left + 6} ${y2 - 4}l-6 4 6 4`;
  return svg("path", { d });
}
