// Questions to the person at the board, one at a time.  The browser's own <dialog> keeps focus and Escape right.

import { el } from "./dom.js";
import { say } from "./words.js";

let counted = 0;

/** Open a dialog; resolves to the value of the button that closed it, "" when the person left it. */
export function open({ title, body = [], buttons, wide = false }) {
  const id = `dialog-${(counted += 1)}`;
  const form = el("form", { method: "dialog" }, ...body, el("div", { className: "answers" }, ...buttons));
  const dialog = el("dialog", { className: wide ? "wide" : "", "aria-labelledby": id }, el("h2", { id, textContent: title }), form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      done(dialog.returnValue);
      dialog.remove();
    });
  });
}

export const answer = (value, words, props = {}) => el("button", { value, textContent: words, ...props });

// No submit button: Enter in a field must press the answer, though this one stands before it.
export function leave(key = "cancel") {
  const button = answer("", say(key), { type: "button", autofocus: true });
  button.addEventListener("click", () => button.closest("dialog").close(""));
  return button;
}

export async function sure(title, more, words) {
  const chosen = await open({
    title,
    body: [el("p", { textContent: more })],
    buttons: [leave(), answer("yes", words, { className: "main" })],
  });
  return chosen === "yes";
}

/** Let a person choose a bay; `choices` are `{value, words, note, possible}`. */
export function choose(title, choices) {
  const first = choices.find((choice) => choice.possible);
  const buttons = choices.map((choice) =>
    el(
      "button",
      { value: choice.value, className: "choice", disabled: !choice.possible, autofocus: choice === first },
      el("strong", { textContent: choice.words }),
      el("span", { textContent: choice.note }),
    ),
  );
  const cancel = leave();
  cancel.autofocus = !first;
  return open({ title, body: [el("div", { className: "choices" }, ...buttons)], buttons: [cancel] });
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
  return el("div", { className: "offers", role: "group", "aria-label": say("helpSuggested") }, ...buttons);
}

/** Ask for a word; `suggested` fill the field, and the person may still change them. */
export async function askWord(title, label, suggested) {
  const input = el("input", { name: "word", maxLength: 200, autofocus: true, autocomplete: "off" });
  const missing = el("p", { className: "missing", role: "alert" });
  const cancel = leave();
  cancel.autofocus = false;
  const close = answer("ok", say("close"), { className: "main" });
  // Said in our own words and language; the browser's bubble has neither.
  close.addEventListener("click", (event) => {
    if (input.value.trim()) return;
    event.preventDefault();
    missing.textContent = say("helpNoWord");
    input.setAttribute("aria-invalid", "true");
    input.focus();
  });
  const field = el("label", {}, el("span", { textContent: label }), input);
  const chosen = await open({ title, body: [offers(input, suggested), field, missing], buttons: [cancel, close] });
  return chosen === "ok" ? input.value.trim() : "";
}

export function showKeys() {
  const rows = [
    ["↑ ↓ k j", "key_move"], ["Enter", "key_open"], ["n", "key_next"],
    ["a /", "key_desk"], ["?", "key_keys"], ["Esc", "key_leave"],
  ];
  const list = el("dl", { className: "key-list" });
  for (const [keys, words] of rows) {
    const caps = keys.split(" ").map((key) => el("kbd", { textContent: key }));
    list.append(el("dt", {}, ...caps), el("dd", { textContent: say(words) }));
  }
  return open({ title: say("keysTitle"), body: [list], buttons: [leave("close")] });
}
