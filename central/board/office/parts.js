// What every part of the office is made of: a head, rows, steps, a field, a secret that is shown once.

import { answer, leave, open } from "../dialogs.js";
import { el } from "../dom.js";
import { say } from "./words.js";

/** The head of a tab: its name, one sentence, and at most one thing to do. */
export function head(tab, leadKey, ...deeds) {
  const words = el("div", {}, el("h2", { textContent: say(`tab_${tab}`) }), el("p", { className: "lead", textContent: say(leadKey) }));
  return el("header", { className: "tab-head" }, words, ...deeds);
}

/** A button that says `key`; `label` is its name for who cannot see what it stands beside. */
export function button(key, pressed, { className = "", label = "" } = {}) {
  const node = el("button", { type: "button", className, textContent: say(key), "data-stand": "" });
  if (label) node.setAttribute("aria-label", label);
  node.addEventListener("click", pressed);
  return node;
}

export const text = (className, words) => el("p", { className, textContent: words });

export const none = (key) => text("none", say(key));

export const heading = (key) => el("h3", { textContent: say(key) });

export const list = (className = "") => el("ul", { className: `cards ${className}`, role: "list" });

export function steps(...items) {
  return el("ol", { className: "steps", role: "list" }, ...items.map((item) => el("li", {}, ...[item].flat())));
}

export function field(key, input, hint = "") {
  const words = el("span", { textContent: say(key) });
  const more = hint ? [el("span", { className: "hint", textContent: hint })] : [];
  return el("label", {}, words, input, ...more);
}

export const options = (pairs, chosen) =>
  pairs.map(([value, words]) => el("option", { value, textContent: words, selected: value === chosen }));

/** Some things of which one (`radio`) or several (`checkbox`) are chosen, each with a word on what it means. */
export function choices(type, name, key, items, chosen) {
  const rows = items.map(([value, words, note = ""]) => {
    const input = el("input", { type, name, value, checked: chosen.includes(value) });
    const told = el("span", {}, el("strong", { textContent: words }), el("span", { className: "what", textContent: note }));
    return el("label", { className: "pick" }, input, told);
  });
  return el("fieldset", {}, el("legend", { textContent: say(key) }), ...rows);
}

export const chosenOf = (set) => [...set.querySelectorAll("input:checked")].map((input) => input.value);

/**
 * Ask for some words.  `check()` gives what is missing, or "", and the field at which it is missing.  Resolves to
 * true when the person said `ok`.
 */
export async function form({ title, body, ok, check }) {
  const wrong = el("p", { className: "missing", role: "alert" });
  const submit = answer("ok", ok, { className: "main" });
  submit.addEventListener("click", (event) => {
    const [words, at] = check();
    wrong.textContent = words;
    if (!words) return;
    event.preventDefault();
    at?.setAttribute("aria-invalid", "true");
    at?.focus();
  });
  return (await open({ title, body: [...body, wrong], buttons: [leave("cancel", {}), submit], className: "ask" })) === "ok";
}

/** Show something once: `shown` holds what is copied. */
export function once({ title, shown, before = [], after = [] }) {
  const said = el("span", { className: "said", role: "status" });
  const copy = el("button", { type: "button", className: "main", textContent: say("copy"), autofocus: true });
  copy.addEventListener("click", async () => {
    said.textContent = (await copied(shown)) ? say("copied") : say("notCopied");
  });
  const row = el("p", { className: "copy" }, copy, said);
  return open({ title, body: [...before, shown, row, ...after], buttons: [leave("done", {})], className: "wide secret" });
}

// On a plain address, such as a hall box without TLS, browsers keep their clipboard from pages.
async function copied(node) {
  const words = node.dataset.copy ?? node.textContent;
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return false;
  }
}

/** A code as it is typed, so large that it is read across a room; a line ends only after a dash. */
export function largeCode(code) {
  const groups = code.split(/(?<=-)/).map((part) => {
    const signs = [...part].map((sign) => el("span", { className: sign === "-" ? "dash" : "key", textContent: sign }));
    return el("span", { className: "group" }, ...signs);
  });
  return el("p", { className: "code", "data-copy": code, role: "img", "aria-label": [...code].join(" ") }, ...groups);
}

export const command = (words) => el("code", { className: "command", textContent: words });
