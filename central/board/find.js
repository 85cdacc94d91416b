// Finding a vehicle of today by part of its plate, also one whose visit has ended, and putting it back in the line.

import { toSignIn } from "./api.js";
import { act, once } from "./deeds.js";
import { leave, open } from "./dialogs.js";
import { el, keyed, mark, show, write } from "./dom.js";
import { display, drawn } from "./plate.js";
import { endedWords, kindName } from "./say.js";
import { openSheet } from "./sheet.js";
import { time } from "./clock.js";
import { say } from "./words.js";

const PAUSE_MS = 250;

/** Open the search; what is typed is looked for as soon as the person rests. */
export function find(board) {
  const input = el("input", { name: "find", type: "search", maxLength: 24, autofocus: true, autocomplete: "off", spellcheck: false });
  const note = el("p", { className: "none", role: "status", textContent: say("findHint") });
  const list = el("ul", { className: "found", role: "list" });
  const field = el("label", { className: "plate-field" }, el("span", { textContent: say("findLabel") }), input);
  const closed = open({ title: say("find"), body: [field, note, list], buttons: [leave("close", {})], className: "wide tall" });
  const look = () => search(board, input, note, list);
  let soon = 0;
  input.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(look, PAUSE_MS);
  });
  // Enter looks at once; without this it would press the dialog's only button.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(soon);
    look();
  });
  return closed;
}

async function search(board, input, note, list) {
  const typed = input.value.trim();
  const rows = isEnough(typed) ? await asked(board, typed, note) : [];
  // A slow answer to what stands there no longer is not shown.
  if (!rows || typed !== input.value.trim()) return;
  keyed(list, rows, (row) => `${row.visit} ${row.version}`, (row) => makeFound(row, board));
  write(note, foundWords(typed, rows.length));
}

// A single sign is in half of all plates; central refuses it too.
const isEnough = (typed) => typed.replace(/[^\p{L}\p{N}]/gu, "").length > 1;

function foundWords(typed, count) {
  if (!isEnough(typed)) return say("findHint");
  return count ? say("findCount", { n: count }) : say("findNone", { typed: typed.toUpperCase() });
}

async function asked(board, typed, note) {
  try {
    return await board.api.ask(`${board.path}/visits?plate=${encodeURIComponent(typed)}`);
  } catch (refused) {
    if (refused.status === 401) toSignIn();
    write(note, say(refused.status === 422 || refused.status === 400 ? "findRefused" : "timelineLost"));
    return null;
  }
}

function makeFound({ visit }, board) {
  let shown = null;
  const plate = drawn("button", { type: "button", "data-stand": "" });
  const what = el("span", { className: "what" });
  const state = el("span");
  const back = el("button", { type: "button" });
  const node = el("li", {}, plate.node, el("div", { className: "words" }, state, what), el("div", { className: "deeds" }, back));
  plate.node.addEventListener("click", () => openSheet(board, visit, shown));
  back.addEventListener("click", () => putBack(board, shown, back));
  const update = (row) => {
    shown = row;
    plate.update(row.plate);
    mark(plate.node, "title", say("openTimeline", { plate: display(row.plate) }));
    write(state, endedWords(row));
    write(what, say("findCame", { kind: kindName(row.kind), time: time(row.arrived_at) }));
    write(back, say("do_reopen"));
    show(back, row.may.includes("reopen"));
  };
  return { node, update };
}

async function putBack(board, row, button) {
  const done = await once(board, `reopen ${row.visit}`, row, () => act(board, row, "reopen"));
  // The bar that takes it back stands under this dialog.
  if (done) button.closest("dialog")?.close("");
}
