// The line: who waits, in order, and why each stands where it stands.

import { allow, deedButton, menuButton } from "./buttons.js";
import { el, keyed, mark, show, standOn, write } from "./dom.js";
import { display, drawn } from "./plate.js";
import { emptyWords, isWaiting, kindName, notes, reason, sourceName, waitWindow } from "./say.js";
import { say } from "./words.js";

const rows = document.getElementById("line-rows");
const none = document.getElementById("line-none");
const count = document.getElementById("line-count");

function makeRow({ visit }) {
  const id = `line-${visit}`;
  const about = { "data-visit": visit, "aria-describedby": id };
  const plate = drawn("button", { type: "button", id, "data-deed": "timeline", "data-visit": visit, "data-stand": "" });
  const place = el("span", { className: "place" });
  const what = el("span", { className: "what" });
  const why = el("span", { className: "why" });
  const turn = el("strong");
  const wait = el("span", { className: "wait" }, el("span", { className: "what", "data-say": "waitLabel", textContent: say("waitLabel") }), turn);
  const marks = el("ul", { className: "notes", role: "list" });
  const call = deedButton("call", "do_call", about);
  const unpark = deedButton("unpark", "do_unpark", about);
  const more = menuButton(about);
  const words = el("div", { className: "words" }, what, why, marks);
  const deeds = el("div", { className: "deeds" }, call, unpark, more);
  const node = el("li", { className: "row", "data-visit": visit }, place, plate.node, words, wait, deeds);
  const update = (row) => {
    const parked = row.state === "parked";
    mark(node, "data-state", row.state);
    write(place, row.place ?? (parked ? "❚❚" : "–"));
    plate.update(row.plate);
    mark(plate.node, "title", say("openTimeline", { plate: display(row.plate) }));
    write(what, [`${kindName(row.kind)}, ${sourceName(row.source)}`, row.looks].filter(Boolean).join(" · "));
    write(why, reason(row));
    drawNotes(marks, notes(row));
    write(turn, waitWindow(row));
    mark(wait, "data-unknown", row.window ? null : "");
    mark(wait, "title", row.window || parked ? null : say("windowWhy"));
    standOn(node, plate.node, () => {
      show(call, !parked);
      show(unpark, parked);
    });
    allow(call, row.may.includes("call"));
  };
  return { node, update };
}

const makeNote = () => {
  const node = el("li");
  return { node, update: ({ level, words }) => { mark(node, "data-level", level); write(node, words); } };
};

function drawNotes(list, told) {
  const kept = told.map((note, at) => ({ ...note, at }));
  keyed(list, kept, (note) => note.at, makeNote);
}

export function drawLine(board) {
  const { queue } = board;
  const waiting = queue?.line.filter(isWaiting) ?? [];
  const parked = waiting.filter((row) => row.state === "parked").length;
  keyed(rows, waiting, (row) => row.visit, makeRow);
  show(none, !waiting.length);
  write(none, waiting.length ? "" : emptyWords(board, "empty"));
  write(count, queue ? counts(waiting.length - parked, parked, queue.expected_left) : "");
}

function counts(waiting, parked, expected) {
  const words = [];
  if (waiting) words.push(say("waiting", { n: waiting }));
  if (parked) words.push(say("parkedCount", { n: parked }));
  if (expected) words.push(say("expectedLeft", { n: expected }));
  return words.join(" · ");
}

/** Step `by` rows up or down the line; from anywhere else, to its first or last row. */
export function step(by) {
  const stands = [...rows.querySelectorAll("[data-stand]")];
  const here = stands.findIndex((stand) => stand.closest("li").contains(document.activeElement));
  const from = here < 0 ? (by > 0 ? -1 : stands.length) : here;
  stands[Math.max(0, Math.min(stands.length - 1, from + by))]?.focus();
}
