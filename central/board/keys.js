// The keyboard.  Keys do nothing while somebody types or answers a question.

import { callNextHere, goToDoor } from "./bays.js";
import { press } from "./deeds.js";
import { goToDesk } from "./desk.js";
import { showKeys } from "./dialogs.js";
import { find } from "./find.js";
import { step } from "./line.js";
import { runsLine } from "./may.js";
import { undo } from "./undo.js";
import { say } from "./words.js";

// Deeds that a key does on the row or the door where the person stands.  They ask before anything is done.
const HERE = { c: "call", f: "finish", m: "menu", s: "picture" };

/** A key of who runs the line; to anybody else it says why it does nothing. */
const ofLine = (deed) => (board) => (runsLine(board.session) ? deed(board) : board.notice(say("looksOnly")));

const KEYS = {
  ArrowDown: () => step(1), j: () => step(1),
  ArrowUp: () => step(-1), k: () => step(-1),
  n: ofLine(callNextHere),
  a: ofLine(goToDesk), "/": ofLine(find),
  u: ofLine(undo),
  "?": showKeys,
};

const isTyping = ({ target }) => target.matches("input, select, textarea");

function keyFor(key) {
  if (HERE[key]) return (board) => here(board, HERE[key]);
  if (/^[1-9]$/.test(key)) return (board) => goToDoor(board, key);
  return KEYS[key];
}

/** Press the button of `deed` that belongs to the row or the door where the person stands. */
function here(board, deed) {
  const stood = document.activeElement;
  const near = [stood.closest("[data-visit]:is(li)"), stood.closest(".bay, .yard-sign")].filter(Boolean);
  const button = near.map((part) => part.querySelector(`[data-deed="${deed}"]:not([hidden])`)).find(Boolean);
  if (!button) return board.notice(say("keyNowhere"));
  return press(board, button);
}

export function startKeys(board) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || (event.repeat && !event.key.startsWith("Arrow"))) return;
    const deed = keyFor(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!deed || isTyping(event) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    deed(board);
  });
}
