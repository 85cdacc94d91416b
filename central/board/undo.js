// Taking back one's own last deed: a quiet bar, for as long as central would do it.

import { explain, toSignIn } from "./api.js";
import { mark, show, write } from "./dom.js";
import { display } from "./plate.js";
import { doorInText, stateName } from "./say.js";
import { UNDO_WITHIN_MS } from "./table.js";
import { knows, say } from "./words.js";

const bar = document.getElementById("undo-bar");
const words = document.getElementById("undo-words");
const button = document.getElementById("undo");

let last = null;
let busy = false;

/** A person here has done `verb` to a visit.  What cannot be taken back, such as a recall, ends what could. */
export function did(board, verb, { visit, plate, bay = null }) {
  const door = board.queue?.bays.find((one) => one.bay === bay)?.door;
  const undoable = visit && knows(`did_${verb}`);
  last = undoable ? { visit, plate, verb, door, atMs: performance.now() } : null;
  drawUndo(board);
}

export function drawUndo(board) {
  if (last && performance.now() - last.atMs > UNDO_WITHIN_MS) last = null;
  show(bar, Boolean(last));
  write(words, last ? sentence(last) : "");
  mark(button, "aria-disabled", board.contact.stale || busy ? "true" : null);
}

const sentence = ({ plate, verb, door }) =>
  say(`did_${verb}`, { plate: display(plate), door: door ? doorInText(door) : "" });

export async function undo(board) {
  if (!last || busy || board.contact.stale) return;
  const { visit, plate } = last;
  const stood = document.activeElement === button;
  busy = true;
  try {
    const row = await board.api.ask(`${board.path}/undo`, { visit });
    last = null;
    board.notice(say("undone", { plate: display(plate), state: stateName(row?.state ?? "") }));
    await board.contact.refresh();
  } catch (refused) {
    if (!refused.reason) throw refused;
    if (refused.status === 401) toSignIn();
    // Without an answer it may be tried again; a refusal stays one.
    if (refused.status === 409) last = null;
    await board.contact.refresh();
    board.notice(whyNot(refused, plate, board.row(visit)));
  } finally {
    busy = false;
    drawUndo(board);
    if (stood && bar.hidden) document.querySelector(`[data-stand][data-visit="${visit}"]`)?.focus();
  }
}

function whyNot(refused, plate, now) {
  const { by, state } = refused.problem;
  if (refused.reason !== "changed_meanwhile" || !by) return explain(refused, { plate }, now);
  const shown = { plate: display(plate), name: by, state: stateName(now?.state ?? state) };
  return `${say("undoBy", shown)} ${say("busyNow", shown)}`;
}

export function startUndo(board) {
  button.addEventListener("click", () => undo(board));
}
