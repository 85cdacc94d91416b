// What a press does.  A deed carries the version that the person saw, so that the slower of two is told, not obeyed.

import { explain, toSignIn } from "./api.js";
import { askWord, choose, sure } from "./dialogs.js";
import { display } from "./plate.js";
import { doorName, doorNow, nextFor, obstacle } from "./say.js";
import { openTimeline } from "./timeline.js";
import { say } from "./words.js";

const DEEDS = {
  "call-next": ({ board, bay }) => callNext(board, bay),
  call: (press) => toBay(press, "call", "chooseCall"),
  move: (press) => toBay(press, "move", "chooseMove"),
  enter: (press) => (press.row.state === "called" ? act(press, "enter", press.row.bay) : toBay(press, "enter", "chooseEnter")),
  recall: (press) => act(press, "recall"),
  finish: (press) => act(press, "finish"),
  "put-back": putBack,
  "no-show": noShow,
  "seen-dark": ({ board, bay }) => board.api.ask(`${board.path}/bays/${bay}/seen-dark`, {}),
  acknowledge: ({ board, help }) => board.api.ask(`${board.path}/help/${help}/acknowledge`, {}),
  "close-help": closeHelp,
};

const plateOf = ({ row }) => ({ plate: display(row.plate) });

function act({ board, row }, verb, bay = null) {
  return board.api.ask(`${board.path}/visits/${row.visit}/${verb}`, { version: row.version, bay });
}

function callNext(board, id) {
  const bay = board.queue.bays.find((one) => one.bay === id);
  const row = nextFor(board.queue, bay);
  const words = { visit: row?.visit ?? null, version: row?.version ?? null };
  return board.api.ask(`${board.path}/bays/${id}/call-next`, words);
}

async function toBay(press, verb, title) {
  const { board, row } = press;
  const choices = board.queue.bays.map((bay) => {
    const why = obstacle(board.queue, bay, row, verb);
    return { value: bay.bay, words: doorName(bay.door), note: why || doorNow(board.queue, bay), possible: !why };
  });
  const bay = await choose(say(title, plateOf(press)), choices);
  return bay ? act(press, verb, bay) : null;
}

async function putBack(press) {
  // Only a car that stands inside is worth a question: a call taken back can simply be made again.
  const asked = press.row.state !== "in_bay"
    || (await sure(say("surePutBack", plateOf(press)), say("surePutBackMore"), say("putBack")));
  return asked ? act(press, "put-back") : null;
}

async function noShow(press) {
  const asked = await sure(say("sureNoShow", plateOf(press)), say("sureNoShowMore"), say("noShow"));
  return asked ? act(press, "no-show") : null;
}

const SUGGESTED = ["helped", "helpWrongKey", "helpNobody"];

async function closeHelp({ board, help }) {
  const { post } = board.queue.help.find((row) => row.id === help);
  const word = await askWord(say("helpClosing", { post }), say("helpWord"), SUGGESTED.map((key) => say(key)));
  return word ? board.api.ask(`${board.path}/help/${help}/close`, { word }) : null;
}

const busy = new Set();

/** Do what `button` says, once: a second press before the answer is the same press. */
export async function press(board, button) {
  const { deed, visit, bay, help } = button.dataset;
  const row = board.queue?.line.find((one) => one.visit === visit);
  if (deed === "timeline") return row && openTimeline(board, visit, row.plate);
  const key = `${deed} ${visit ?? bay ?? help}`;
  if (!DEEDS[deed] || button.ariaDisabled === "true" || busy.has(key)) return null;
  busy.add(key);
  await perform(board, { board, row, bay, help, deed });
  busy.delete(key);
  return null;
}

async function perform(board, pressed) {
  try {
    await DEEDS[pressed.deed](pressed);
    board.notice("");
    await board.contact.refresh();
  } catch (refused) {
    if (!refused.reason) throw refused;
    if (refused.status === 401) toSignIn();
    await board.contact.refresh();
    const now = board.queue.line.find((one) => one.visit === pressed.row?.visit);
    board.notice(explain(refused, pressed.row, now));
  }
}
