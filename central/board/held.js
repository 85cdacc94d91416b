// Arrivals that came while the station was closed, or from before its last closing: a person decides.

import { deedButton, lockAll } from "./buttons.js";
import { dayTime } from "./clock.js";
import { askReason, leave, open } from "./dialogs.js";
import { el, keyed, mark, show, write } from "./dom.js";
import { offer } from "./may.js";
import { display, drawn } from "./plate.js";
import { sourceName } from "./say.js";
import { did } from "./undo.js";
import { say, sayDo, sayOr } from "./words.js";

const pill = document.getElementById("held-open");
const REASONS = ["reasonGone", "reasonDuplicate", "reasonStation"];

let list = null;
let none = null;

function makeRow({ arrival }) {
  const plate = drawn("span", { id: `held-${arrival}` });
  const came = el("span");
  const why = el("span", { className: "what" });
  const marks = { "data-held": arrival, "aria-describedby": `held-${arrival}` };
  const take = deedButton("admit", "heldAdmit", { ...marks, "data-stand": "", className: "main" });
  const deeds = el("div", { className: "deeds" }, take, deedButton("dismiss", "heldDismiss", marks));
  const node = el("li", {}, plate.node, el("div", { className: "words" }, came, why), deeds);
  const update = (row) => {
    plate.update(row.plate);
    write(came, say("heldCame", { when: dayTime(row.came_at), source: sourceName(row.source) }));
    write(why, sayOr(`why_${row.why}`, row.why));
  };
  return { node, update };
}

/** A pill in the head, which moves nothing; the list behind it follows while it is open. */
export function drawHeld(board) {
  const held = board.queue?.held ?? [];
  show(pill, held.length > 0);
  write(pill, say("heldOpen", { n: held.length }));
  if (!list?.isConnected) return;
  keyed(list, held, (row) => row.arrival, makeRow);
  offer(board);
  write(none, held.length ? say("heldMore") : say("heldNone"));
  mark(none, "data-empty", held.length ? null : "");
}

export function openHeld(board) {
  list = el("ul", { className: "held", role: "list" });
  none = el("p", { role: "status" });
  const closed = open({ title: say("heldTitle"), body: [none, list], buttons: [leave("close")], className: "wide" });
  drawHeld(board);
  lockAll(board.contact.stale);
  list.querySelector("[data-stand]")?.focus();
  return closed;
}

const heldRow = (board, arrival) => board.queue.held.find((row) => row.arrival === arrival);

export async function admit(board, arrival) {
  const row = heldRow(board, arrival);
  const standing = await board.api.ask(`${board.path}/held/${arrival}/admit`, {});
  did(board, "admit", { visit: standing?.visit, plate: row.plate });
}

export async function dismiss(board, arrival) {
  const row = heldRow(board, arrival);
  const title = say("dismissOf", { plate: display(row.plate) });
  const reason = await askReason(title, sayDo("heldDismiss"), REASONS.map((key) => say(key)));
  return reason ? board.api.tell(`${board.path}/held/${arrival}/dismiss`, { reason }) : null;
}
