// The keyboard.  Keys do nothing while somebody types or answers a question.

import { callNextHere } from "./bays.js";
import { goToDesk } from "./desk.js";
import { showKeys } from "./dialogs.js";
import { step } from "./line.js";

const KEYS = {
  ArrowDown: () => step(1), j: () => step(1),
  ArrowUp: () => step(-1), k: () => step(-1),
  n: callNextHere,
  a: goToDesk, "/": goToDesk,
  "?": showKeys,
};

const isTyping = ({ target }) => target.matches("input, select, textarea");

export function startKeys(board) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && event.key === "n") return;
    if (!KEYS[event.key] || isTyping(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    KEYS[event.key](board);
  });
}
