// A plate is drawn as a plate wherever it stands, so that the eye finds it.

import { el, write } from "./dom.js";

const ORDINARY_SWEDISH = /^[A-HJ-PR-UW-Z]{3}[0-9]{2}[0-9A-HJ-NPR-UW-Z]$/;

const bare = (text) => text.replace(/\s/g, "");

export function display(text) {
  const plate = bare(text);
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
  };
  return { node, update };
}
