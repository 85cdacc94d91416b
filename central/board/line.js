// The line: who waits, in order, and why each stands where it stands.

import { allow, deedButton } from "./buttons.js";
import { el, keyed, mark, show, write } from "./dom.js";
import { drawn } from "./plate.js";
import { emptyWords, isWaiting, kindName, reason, sourceName, waitWindow } from "./say.js";
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
  const call = deedButton("call", "callTo", about);
  const enter = deedButton("enter", "enterUncalled", about);
  const words = el("div", { className: "words" }, what, why);
  const node = el("li", { className: "row" }, place, plate.node, words, wait, el("div", { className: "deeds" }, call, enter));
  const update = (row) => {
    write(place, row.place ?? "–");
    plate.update(row.plate);
    mark(plate.node, "title", say("openTimeline", { plate: plate.node.lastChild.textContent }));
    write(what, `${kindName(row.kind)}, ${sourceName(row.source)}`);
    write(why, reason(row));
    write(turn, waitWindow(row));
    const unknown = !row.window && row.state !== "parked";
    mark(wait, "data-unknown", row.window ? null : "");
    mark(wait, "title", unknown ? say("windowWhy") : null);
    allow(call, row.state === "waiting");
    allow(enter, row.state === "waiting");
  };
  return { node, update };
}

export function drawLine(board) {
  const { queue } = board;
  const waiting = queue?.line.filter(isWaiting) ?? [];
  keyed(rows, waiting, (row) => row.visit, makeRow);
  show(none, !waiting.length);
  write(none, waiting.length ? "" : emptyWords(board, "empty"));
  write(count, queue ? counts(waiting.length, queue.expected_left) : "");
}

function counts(waiting, expected) {
  const words = [];
  if (waiting) words.push(say("waiting", { n: waiting }));
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
