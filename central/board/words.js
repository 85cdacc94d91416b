// Saying things in the language of the person who looks.

import { en } from "./words_en.js";
import { sv } from "./words_sv.js";

export const languages = { sv, en };

const REMEMBERED = "portvakt-language";

function wanted() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked in languages) return asked;
  const kept = localStorage.getItem(REMEMBERED);
  if (kept in languages) return kept;
  return /^sv\b/i.test(navigator.language) ? "sv" : "en";
}

let spoken = wanted();
document.documentElement.lang = spoken;

export const language = () => spoken;

// English times are written with 24 hours, as the station's own clocks are.
export const locale = () => (spoken === "sv" ? "sv-SE" : "en-GB");

export function speak(choice) {
  spoken = choice;
  document.documentElement.lang = choice;
  localStorage.setItem(REMEMBERED, choice);
  sayStatic(document);
}

/** Say `key` in the chosen language, its {blanks} filled from `fill`. */
export function say(key, fill = {}) {
  return languages[spoken][key].replace(/\{(\w+)\}/g, (_, name) => fill[name] ?? "");
}

/** What a button said, as the answer to its own question: "Remove…" asks, "Remove" does. */
export const sayDo = (key) => say(key).replace(/…$/, "");

export const knows = (key) => Object.hasOwn(languages[spoken], key);

/** Say what a station named itself as it is: `kind_van` is "van" until the product learns the word. */
export const sayOr = (key, otherwise) => (knows(key) ? say(key) : otherwise);

export function sayStatic(root) {
  for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
}
