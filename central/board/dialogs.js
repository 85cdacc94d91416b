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

// Leaving must never wait for a filled field, so it does not validate.
export const leave = (key = "cancel") => answer("", say(key), { formNoValidate: true, autofocus: true });

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

export async function askWord(title, label) {
  const input = el("input", { name: "word", required: true, maxLength: 200, autofocus: true, autocomplete: "off" });
  const cancel = leave();
  cancel.autofocus = false;
  // The first button of a form is the one that Enter presses.
  const buttons = [answer("ok", say("close"), { className: "main" }), cancel];
  const chosen = await open({ title, body: [el("label", {}, el("span", { textContent: label }), input)], buttons });
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
