// What a press does.  A deed carries the version that the person saw, so that the slower of two is told, not obeyed.

import { explain, toSignIn } from "./api.js";
import { changeBay } from "./bay_state.js";
import { askReason, askWord, choose, sure } from "./dialogs.js";
import { openDevices } from "./devices.js";
import { find } from "./find.js";
import { askOutcome } from "./finish.js";
import { admit, dismiss, openHeld } from "./held.js";
import { may } from "./may.js";
import { chooseVerb } from "./menu.js";
import { askOrder } from "./order.js";
import { openPicture } from "./picture.js";
import { display } from "./plate.js";
import { doorName, doorNow, nextFor, obstacle } from "./say.js";
import { openSheet } from "./sheet.js";
import { did } from "./undo.js";
import { say, sayDo } from "./words.js";

const REMOVE_REASONS = ["reasonTypo", "reasonDuplicate", "reasonStation"];
const HELP_WORDS = ["helped", "helpWrongKey", "helpNobody"];

const plateOf = ({ row }) => ({ plate: display(row.plate) });

// What each verb of the table asks before it is done: null when the person left, else what is told beside the version.
const ASKS = {
  call: (pressed) => toDoor(pressed, "call", "chooseCall"),
  move: (pressed) => toDoor(pressed, "move", "chooseMove"),
  enter: (pressed) => (pressed.row.state === "called" ? { bay: pressed.row.bay } : toDoor(pressed, "enter", "chooseEnter")),
  recall: () => ({}),
  "put-back": putBack,
  park: () => ({}),
  unpark: () => ({}),
  leave: () => ({}),
  reopen: () => ({}),
  "no-show": noShow,
  remove,
  finish: async ({ row }) => {
    const outcome = await askOutcome(row);
    return outcome && { outcome };
  },
  override: ({ board, row }) => askOrder(board, row),
};

// Everything else that a button may do.
const DEEDS = {
  "call-next": callNext,
  "seen-dark": ({ board, bay }) => board.api.tell(`${board.path}/bays/${bay}/seen-dark`, {}),
  "bay-state": ({ board, bay }) => changeBay(board, bay),
  acknowledge: ({ board, help }) => board.api.tell(`${board.path}/help/${help}/acknowledge`, {}),
  "close-help": closeHelp,
  admit: ({ board, held }) => admit(board, held),
  dismiss: ({ board, held }) => dismiss(board, held),
  menu,
};

// What only looks: it may be pressed without contact, and more than once.
const LOOKS = {
  timeline: (board, { visit, row }) => openSheet(board, visit, row),
  held: (board) => openHeld(board),
  devices: (board) => openDevices(board),
  find: (board) => find(board),
  picture: (board, { sign }) => openPicture(board, sign),
};

async function toDoor({ board, row }, verb, title) {
  const choices = board.queue.bays.map((bay) => {
    const why = obstacle(board.queue, bay, row, verb);
    const key = bay.door.length === 1 ? bay.door.toLowerCase() : null;
    return { value: bay.bay, words: doorName(bay.door), note: why || doorNow(board.queue, bay), possible: !why, key };
  });
  const bay = await choose(say(title, plateOf({ row })), choices);
  return bay ? { bay } : null;
}

async function putBack({ row }) {
  // Only a car that stands inside is worth a question: a call taken back can simply be made again.
  const asked = row.state !== "in_bay"
    || (await sure(say("surePutBack", plateOf({ row })), say("surePutBackMore"), say("do_put-back")));
  return asked ? {} : null;
}

async function noShow({ row }) {
  const asked = await sure(say("sureNoShow", plateOf({ row })), say("sureNoShowMore"), say("do_no-show"));
  return asked ? {} : null;
}

async function remove({ row }) {
  const title = say("removeOf", plateOf({ row }));
  const reason = await askReason(title, sayDo("do_remove"), REMOVE_REASONS.map((key) => say(key)));
  return reason ? { reason } : null;
}

/** Do `verb` to the visit of `row`, after asking what the verb needs; null when the person left. */
export async function act(board, row, verb) {
  const words = await ASKS[verb]({ board, row });
  if (!words) return null;
  const done = await board.api.tell(`${board.path}/visits/${row.visit}/${verb}`, { version: row.version, ...words });
  did(board, verb, { visit: row.visit, plate: row.plate, bay: words.bay });
  return done;
}

async function menu({ board, row }) {
  const verb = await chooseVerb(row);
  return verb ? act(board, row, verb) : null;
}

async function callNext({ board, bay: id }) {
  const bay = board.queue.bays.find((one) => one.bay === id);
  const row = nextFor(board.queue, bay);
  const words = { visit: row?.visit ?? null, version: row?.version ?? null };
  await board.api.ask(`${board.path}/bays/${id}/call-next`, words);
  if (row) did(board, "call", { visit: row.visit, plate: row.plate, bay: id });
}

async function closeHelp({ board, help }) {
  const { post } = board.queue.help.find((row) => row.id === help);
  const word = await askWord({
    title: say("helpClosing", { post }), label: say("helpWord"), ok: say("close"),
    suggested: HELP_WORDS.map((key) => say(key)), check: (text) => (text ? "" : say("helpNoWord")),
  });
  return word ? board.api.tell(`${board.path}/help/${help}/close`, { word }) : null;
}

// A dialog stands before these, so that a double press does nothing twice.
const ASKS_FIRST = new Set(["menu", "bay-state"]);

const busy = new Set();

/** Do what `button` says, once: a second press before the answer is the same press. */
export function press(board, button) {
  const { deed, visit, bay, help, held, sign } = button.dataset;
  const row = board.row(visit);
  if (!may(board.session, deed)) return board.notice(say("looksOnly"));
  if (LOOKS[deed]) return LOOKS[deed](board, { visit, row, sign });
  if (!(ASKS[deed] || DEEDS[deed]) || (visit && !row) || button.ariaDisabled === "true") return null;
  const key = ASKS_FIRST.has(deed) ? null : `${deed} ${visit ?? bay ?? help ?? held}`;
  return once(board, key, row, () =>
    ASKS[deed] ? act(board, row, deed) : DEEDS[deed]({ board, row, bay, help, held }));
}

/** Do `deed` unless it is being done already; say what was refused.  Gives what was answered, null when the person left. */
export async function once(board, key, row, deed) {
  if (busy.has(key)) return null;
  if (key) busy.add(key);
  try {
    const done = await deed();
    board.notice("");
    // Whoever left a question asked nothing of central, and may press the same again at once.
    if (done !== null) await board.contact.refresh();
    return done;
  } catch (refused) {
    if (!refused.reason) throw refused;
    if (refused.status === 401) toSignIn();
    await board.contact.refresh();
    board.notice(explain(refused, row, board.row(row?.visit)));
    return null;
  } finally {
    busy.delete(key);
  }
}
