// Questions to the person at the board, one at a time.  The browser's own <dialog> keeps focus and Escape right.

import { el } from "./dom.js";
import { may, runsLine } from "./may.js";
import { say } from "./words.js";

const LINES_MAX = 30;
const SENTENCE_MAX = 200;

let counted = 0;

/** Open a dialog; resolves to the value of the button that closed it, "" when the person left it. */
export function open({ title, body = [], buttons, className = "" }) {
  const id = `dialog-${(counted += 1)}`;
  const form = el("form", { method: "dialog" }, ...body, el("div", { className: "answers" }, ...buttons));
  const dialog = el("dialog", { className, "aria-labelledby": id }, el("h2", { id }, ...[title].flat()), form);
  dialog.addEventListener("keydown", pressByKey);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    // The browser tells of the closing a moment later; a key or press in between would be lost or the page's.
    const end = (value) => {
      dialog.close(value);
      done(dialog.returnValue);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      end(event.submitter.value);
    });
    dialog.addEventListener("leave", () => end(""));
    dialog.addEventListener("close", () => {
      done(dialog.returnValue);
      dialog.remove();
    });
  });
}

// A choice names its key in `data-key`, and shows it.
function pressByKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input, textarea, select")) return;
  const choices = [...event.currentTarget.querySelectorAll(".choice:not(:disabled)")];
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) step(event, choices, by);
  const choice = choices.find((one) => one.dataset.key === event.key.toLowerCase());
  if (!choice || event.repeat) return;
  event.preventDefault();
  // The dialog is closed by the press: the page's own keys must not take it for theirs.
  event.stopPropagation();
  choice.click();
}

function step(event, choices, by) {
  if (!choices.length) return;
  event.preventDefault();
  const here = choices.indexOf(document.activeElement);
  choices[Math.max(0, Math.min(choices.length - 1, here + by))].focus();
}

export const answer = (value, words, props = {}) => el("button", { value, textContent: words, ...props });

// No submit button: Enter in a field must press the answer, though this one stands before it.
export function leave(key = "cancel", props = { autofocus: true }) {
  const button = answer("", say(key), { type: "button", ...props });
  button.addEventListener("click", () => button.closest("dialog").dispatchEvent(new Event("leave")));
  return button;
}

/** Ask whether it is meant; `className` is `danger` when it cannot be undone. */
export async function sure(title, more, words, className = "main") {
  const chosen = await open({
    title,
    body: [el("p", { textContent: more })],
    buttons: [leave(), answer("yes", words, { className })],
  });
  return chosen === "yes";
}

/** Let a person choose; `choices` are `{value, words, note, possible, key, danger}`, the first possible one has the focus. */
export function choose(title, choices) {
  const first = choices.find((choice) => choice.possible ?? true);
  const buttons = choices.map((choice) => choiceButton(choice, choice === first));
  const cancel = leave("cancel", { autofocus: !first });
  return open({ title, body: [el("div", { className: "choices" }, ...buttons)], buttons: [cancel] });
}

function choiceButton({ value, words, note = "", possible = true, key = null, danger = false }, autofocus) {
  const props = { value, className: danger ? "choice danger" : "choice", disabled: !possible, autofocus };
  const cap = key ? [el("kbd", { textContent: key.toUpperCase(), "aria-hidden": "true" })] : [];
  if (key) Object.assign(props, { "data-key": key, "aria-keyshortcuts": key });
  return el("button", props, ...cap, el("strong", { textContent: words }), el("span", { textContent: note }));
}

function offers(input, suggested) {
  const buttons = suggested.map((words) => {
    const button = el("button", { type: "button", textContent: words });
    button.addEventListener("click", () => {
      input.value = words;
      input.focus();
    });
    return button;
  });
  return el("div", { className: "offers", role: "group", "aria-label": say("suggestions") }, ...buttons);
}

/**
 * Ask for a sentence, or with `lines` for some, one a line.  `check` gives what is wrong with the answer in words,
 * or "".  Resolves to the trimmed text, "" when the person left.
 */
export async function askWord({ title, label, ok, suggested = [], before = [], lines = false, type = "text", value = "", check }) {
  const input = lines ? area() : el("input", { name: "word", type, maxLength: SENTENCE_MAX, autofocus: true, autocomplete: "off", value });
  const wrong = el("p", { className: "missing", role: "alert" });
  const submit = answer("ok", ok, { className: "main" });
  // Said in our own words and language; the browser's bubble has neither.
  submit.addEventListener("click", (event) => {
    wrong.textContent = check(input.value.trim());
    if (!wrong.textContent) return;
    event.preventDefault();
    input.setAttribute("aria-invalid", "true");
    input.focus();
  });
  const hint = el("span", { className: "hint", textContent: lines ? ` ${say("remarksKey")}` : "" });
  const field = el("label", {}, el("span", {}, label, hint), input);
  const chips = suggested.length ? [offers(input, suggested)] : [];
  const body = [...before, ...chips, field, wrong];
  const chosen = await open({ title, body, buttons: [leave("cancel", {}), submit] });
  return chosen === "ok" ? input.value.trim() : "";
}

function area() {
  const input = el("textarea", { name: "word", rows: 4, autofocus: true });
  // Enter makes a line here, so the answer has a key of its own.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) input.form.querySelector(".main").click();
  });
  return input;
}

/** The lines that say something. */
export const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** What is wrong with `text` as remarks, one a line; "" when nothing is. */
export function wrongLines(text) {
  const lines = linesOf(text);
  if (!lines.length) return say("remarksMissing");
  if (lines.length > LINES_MAX) return say("remarksMany", { n: LINES_MAX });
  return lines.some((line) => line.length > SENTENCE_MAX) ? say("remarksLong", { n: SENTENCE_MAX }) : "";
}

/** Ask why, with quick choices; resolves to the reason, "" when the person left. */
export const askReason = (title, ok, suggested, more = {}) =>
  askWord({ title, label: say("reason"), ok, suggested, check: (text) => (text ? "" : say("reasonMissing")), ...more });

const KEYS = [
  ["↑ ↓ K J", "key_move"], ["1 – 9", "key_door"], ["N", "key_next"], ["Enter", "key_open"],
  ["C", "key_call"], ["F", "key_finish"], ["M", "key_menu"], ["S", "key_sign"], ["U", "key_undo"],
  ["A", "key_desk"], ["/", "key_find"], ["?", "key_keys"], ["Esc", "key_leave"],
];
const KEYS_OF_LOOKS = ["key_move", "key_door", "key_open", "key_sign", "key_keys", "key_leave"];

export function showKeys({ session }) {
  const list = el("dl", { className: "key-list" });
  const known = KEYS.filter(([, words]) => runsLine(session) || KEYS_OF_LOOKS.includes(words));
  for (const [keys, words] of known.filter(([, words]) => words !== "key_sign" || may(session, "picture"))) {
    const caps = keys.split(" ").map((key) => (key === "–" ? key : el("kbd", { textContent: key })));
    list.append(el("dt", {}, ...caps), el("dd", { textContent: say(words) }));
  }
  return open({ title: say("keysTitle"), body: [list], buttons: [leave("close")] });
}
