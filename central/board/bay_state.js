// Whether a door takes cars: its word, its shape, and changing it with an announced time.

import { momentAt, nowMs, time } from "./clock.js";
import { askWord, choose } from "./dialogs.js";
import { bayState, doorName } from "./say.js";
import { BAY_VERBS } from "./table.js";
import { say, sayDo } from "./words.js";

const TIMED = ["break", "closing"];
const OFFERED_MIN = [15, 30, 60];
const FIVE_MIN_MS = 300_000;

/** Ask what a door shall be from now on, and tell central; null when the person left. */
export async function changeBay(board, id) {
  const bay = board.queue.bays.find((one) => one.bay === id);
  const verb = await chooseState(bay);
  if (!verb) return null;
  const words = TIMED.includes(verb) ? await askUntil(bay, verb) : {};
  return words && board.api.tell(`${board.path}/bays/${id}/${verb}`, words);
}

function chooseState(bay) {
  const title = say("bayMenu", { door: doorName(bay.door), state: bayState(bay).toLowerCase() });
  const choices = Object.entries(BAY_VERBS).map(([verb, state], at) => ({
    value: verb, words: say(`baydo_${verb}`), note: say(`baydo_${verb}_note`), key: String(at + 1),
    // A new time may be announced for what is so already.
    possible: state !== bay.state || TIMED.includes(verb),
  }));
  return choose(title, choices);
}

/** `{}` without an announced time, `{until}` with one, null when the person left. */
async function askUntil(bay, verb) {
  const how = await choose(say(`bayAsk_${verb}`, { door: doorName(bay.door) }), [
    { value: "none", words: say(`bayNow_${verb}`), key: "0" },
    ...OFFERED_MIN.map((minutes, at) => timeChoice(minutes, String(at + 1))),
    { value: "other", words: say("bayOther"), key: "4" },
  ]);
  if (how === "other") return askTime(bay, verb);
  if (!how) return null;
  return how === "none" ? {} : { until: how };
}

// Times that people say: the next full five minutes, from about a quarter of an hour on.
function timeChoice(minutes, key) {
  const at = Math.ceil((nowMs() + minutes * 60_000) / FIVE_MIN_MS) * FIVE_MIN_MS;
  return { value: new Date(at).toISOString(), words: time(at), note: say("inMinutes", { n: minutes }), key };
}

async function askTime(bay, verb) {
  const clock = await askWord({
    title: say(`bayAsk_${verb}`, { door: doorName(bay.door) }), label: say("bayTime"), ok: sayDo(`baydo_${verb}`), type: "time",
    check: wrongTime,
  });
  return clock ? { until: momentAt(clock) } : null;
}

function wrongTime(clock) {
  if (!clock) return say("timeMissing");
  return Date.parse(momentAt(clock)) > nowMs() ? "" : say("timePast", { time: clock });
}
