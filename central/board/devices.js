// Posts and signs that need somebody: a part that fails, a post that is not heard, an arrival that waits on one,
// a token that two machines use.

import { dayTime } from "./clock.js";
import { leave, open } from "./dialogs.js";
import { el, keyed, mark, show, write } from "./dom.js";
import { knows, say } from "./words.js";

const line = document.getElementById("devices-open");
const words = document.getElementById("devices-words");
// Without these nobody can check in or ask for help there, and of a post that is silent nobody knows.
const WORST = ["keypad", "help_key", "outbox"];
const RANK = { worst: 0, other: 1, last: 2 };

let list = null;
let none = null;

const whatFails = (part) => (knows(`fault_${part}`) ? say(`fault_${part}`) : say("faultOther", { part }));

function faultsOf({ device, name, faults }) {
  return faults.map(({ part, since, reason }) => ({
    key: `${device} ${part}`,
    rank: WORST.includes(part) ? RANK.worst : RANK.other,
    words: say("deviceFault", { name, what: whatFails(part) }),
    why: reason ?? "",
    since,
  }));
}

function refusedOf({ device, name, refused }) {
  if (!refused) return [];
  const words = say(refused === 1 ? "deviceRefusedOne" : "deviceRefused", { name, n: refused });
  return [{ key: `${device} refused`, rank: RANK.last, words, why: "", since: null }];
}

const silenceOf = (device) => [
  { key: `${device.device} silent`, rank: RANK.worst, words: say("deviceSilent", device), why: "", since: device.heard_at },
];

const clonesOf = (device) => (device.cloned
  ? [{ key: `${device.device} cloned`, rank: RANK.worst, words: say("deviceCloned", device), why: "", since: null }]
  : []);

/** What is wrong, a sentence each, the worst first.  What a silent post said of its parts may be true no longer. */
function troubles(queue) {
  const found = (queue?.devices ?? []).flatMap((device) =>
    [...clonesOf(device), ...(device.silent ? silenceOf(device) : faultsOf(device)), ...refusedOf(device)]);
  return found.sort((one, other) => one.rank - other.rank);
}

const sinceWords = ({ since }) => (since ? say("deviceSince", { time: dayTime(since) }) : "");

function sentence(trouble) {
  const told = [trouble.words, trouble.why.replace(/\.$/, "")].filter(Boolean).join(": ");
  return [told, sinceWords(trouble)].filter(Boolean).join(" — ");
}

function makeRow() {
  const what = el("strong");
  const why = el("span", { className: "what" });
  const since = el("span", { className: "age" });
  const node = el("li", {}, el("div", { className: "words" }, what, why), since);
  const update = (trouble) => {
    write(what, trouble.words);
    write(why, trouble.why);
    write(since, sinceWords(trouble));
  };
  return { node, update };
}

/** One line in a row of the head that is always there, so that it moves nothing; the list stands behind it. */
export function drawDevices({ queue, contact }) {
  const found = troubles(queue);
  show(line, found.length > 0 && !contact.stale);
  const more = found.length > 1 ? say("devicesMore", { n: found.length - 1 }) : "";
  write(words, found.length ? [sentence(found[0]), more].filter(Boolean).join(" · ") : "");
  if (!list?.isConnected) return;
  keyed(list, found, (trouble) => trouble.key, makeRow);
  write(none, found.length ? "" : say("devicesNone"));
  mark(none, "data-empty", found.length ? null : "");
}

export function openDevices(board) {
  list = el("ul", { className: "troubles", role: "list" });
  none = el("p", { role: "status" });
  const closed = open({ title: say("devicesTitle"), body: [list, none], buttons: [leave("close")], className: "wide" });
  drawDevices(board);
  return closed;
}
