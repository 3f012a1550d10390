// Applies rules to the cells of a column. `docs/repair.md` describes them; Python applies the same.

const CACHED = 10_000; // different cells of a column

/** The repairs of one column, in the order of application. */
export class Mender {
  /** `forbidden` are the changes that a cell of the column forbids by its `unless`. */
  constructor(repairs, forbidden = new Set()) {
    const [{ valid, keep }] = repairs;
    this.isValid = valid === null ? null : whole(valid);
    this.stays = keep === null ? () => false : whole(keep);
    this.steps = repairs.flatMap(({ rule, changes }) =>
      changes.filter((change) => !forbidden.has(change)).map((change) => ({ rule, validToo: change.validToo, apply: applied(change) })),
    );
    this.cache = new Map();
  }

  /** Returns {text, rules} for a cell; null if it stays. */
  mend(cell) {
    let mended = this.cache.get(cell);
    if (mended !== undefined) return mended;
    mended = this.#mended(cell);
    if (this.cache.size >= CACHED) this.cache.clear();
    this.cache.set(cell, mended);
    return mended;
  }

  #mended(cell) {
    const stays = this.isValid !== null && this.stays(cell);
    const rules = new Set();
    let text = cell;
    for (const { rule, validToo, apply } of this.steps) {
      if (stays && !validToo) continue;
      const changed = apply(this.isValid ? text : cell);
      if (changed === null || changed === text) continue;
      text = changed;
      rules.add(rule);
    }
    if (text === cell || (this.isValid !== null && !this.isValid(text))) return null;
    return { text, rules: [...rules] };
  }
}

/** Returns the changes that a cell may forbid, each with a function that says whether it does. */
export const forbidding = (repairs) =>
  repairs.flatMap(({ changes }) => changes.filter(({ unless }) => unless !== null).map((change) => [change, whole(change.unless)]));

function applied({ when, replace, values }) {
  const entry = (text) => (Object.hasOwn(values, text) ? values[text] : null);
  if (!when) return entry;
  const matches = whole(when);
  const finds = replace.map(({ find, by }) => [new RegExp(find, "gu"), by]);
  return (text) => {
    if (!matches(text)) return null;
    for (const [find, by] of finds) text = text.replace(find, (...found) => by.replace(/\$([1-9])/g, (_, group) => found[group] ?? ""));
    return entry(text) ?? text;
  };
}

/** Returns whether an expression matches a text from its first to its last character. */
function whole(expression) {
  const compiled = new RegExp(`^(?:${expression})$`, "u");
  return (text) => compiled.test(text);
}
