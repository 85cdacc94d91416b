// Buttons that do something to a visit, a bay or a call for help.

import { el, mark, show } from "./dom.js";
import { say } from "./words.js";

/** `key` is the word on it; `marks` say what it is about, such as `{"data-visit": id}`. */
export function deedButton(deed, key, marks = {}) {
  return el("button", { type: "button", textContent: say(key), "data-deed": deed, "data-say": key, ...marks });
}

/** The button that opens everything that may be done to a visit; the screen reader gets a word for its dots. */
export function menuButton(marks) {
  const dots = el("span", { textContent: "⋯", "aria-hidden": "true" });
  const word = el("span", { className: "unseen", textContent: say("more"), "data-say": "more" });
  return el("button", { type: "button", className: "more", "data-deed": "menu", "aria-haspopup": "dialog", ...marks }, dots, word);
}

/** The button that shows what stands on a sign; its name says which, for whoever cannot see where it stands. */
export function pictureButton() {
  const node = deedButton("picture", "pictureShow", { "aria-haspopup": "dialog" });
  const update = (device, name) => {
    show(node, Boolean(device));
    mark(node, "data-sign", device ?? null);
    mark(node, "aria-label", name);
    mark(node, "title", name);
  };
  return { node, update };
}

export function allow(button, possible) {
  mark(button, "data-impossible", possible ? null : "");
}

/**
 * Without contact nothing may be pressed.  `aria-disabled` and not `disabled`, because a disabled button
 * would drop the focus of the person who stands on it.
 */
export function lockAll(locked) {
  for (const button of document.querySelectorAll("[data-deed]:not([data-deed=timeline], [data-deed=find], [data-deed=held])")) {
    const barred = locked || "impossible" in button.dataset;
    mark(button, "aria-disabled", barred ? "true" : null);
  }
}
