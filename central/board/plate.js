// A plate is drawn as a plate wherever it stands, so that the eye finds it.

import { el, mark, write } from "./dom.js";
import { say } from "./words.js";

const ORDINARY_SWEDISH = /^[A-HJ-PR-UW-Z]{3}[0-9]{2}[0-9A-HJ-NPR-UW-Z]$/;

const bare = (text) => text.replace(/\s/g, "");

/** The plate as people read it; some time after a visit its plate is erased, and no place for it stands empty. */
export function display(text) {
  const plate = bare(text);
  if (!plate) return say("plateErased");
  return ORDINARY_SWEDISH.test(plate) ? `${plate.slice(0, 3)} ${plate.slice(3)}` : plate;
}

/** Draw a plate.  Only an ordinary Swedish number gets the S: of others we do not know the country. */
export function drawn(tag = "span", props = {}) {
  const country = el("span", { className: "country", "aria-hidden": "true" });
  const signs = el("span", { className: "signs" });
  const node = el(tag, { className: "plate", ...props }, country, signs);
  const update = (text) => {
    write(country, ORDINARY_SWEDISH.test(bare(text)) ? "S" : "");
    write(signs, display(text));
    mark(node, "data-erased", bare(text) ? null : "");
  };
  return { node, update };
}
