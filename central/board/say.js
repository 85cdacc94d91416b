// What a row, a bay or an event means, in words.  Values in, words out.

import { dayTime, sinceMs, time, untilMs } from "./clock.js";
import { display } from "./plate.js";
import { NO_SHOW_AFTER_CALLS, NO_SHOW_AFTER_MS } from "./table.js";
import { knows, say, sayOr } from "./words.js";

const OFFER_AFTER_MS = 110_000;
const PROMISE_URGENT_MS = 5 * 60_000;

/** "1" becomes "Door 1"; a door that the station gave a longer name is called that. */
export const doorName = (door) => (door.length <= 3 ? say("door", { door }) : door);

export const doorInText = (door) => (door.length <= 3 ? doorName(door).toLowerCase() : door);

export const kindName = (kind) => sayOr(`kind_${kind}`, kind);

const kindInText = (kind) => (knows(`kind_${kind}`) ? kindName(kind).toLowerCase() : kind);

export const stateName = (state) => sayOr(`state_${state}`, state);

export const sourceName = (source) => sayOr(`source_${source}`, source);

/** Words for an empty list: "nobody" is said of now only while we know about now. */
export function emptyWords({ queue, contact }, key) {
  if (!queue) return say("loading");
  return contact.stale ? say(`${key}Then`, { time: time(contact.known.station) }) : say(key);
}

/** Why a row stands where it stands. */
export function reason(row) {
  const key = knows(`rule_${row.rule}`) ? `rule_${row.rule}` : "rule_other";
  const slot = row.slot_at ? time(row.slot_at) : "";
  return say(key, { slot, arrived: time(row.arrived_at), turn: time(row.turn_at), reason: row.reason ?? "" });
}

/** What a recheck was promised: `{level, words}`, null when nothing was, or when it is kept already. */
export function promise(row) {
  if (!row.promised_at || !isWaiting(row)) return null;
  const left = untilMs(row.promised_at);
  const told = { time: time(row.promised_at), n: Math.ceil(left / 60_000) };
  if (left < 0) return { level: "act", words: say("promiseBroken", told) };
  if (left < PROMISE_URGENT_MS) return { level: "look", words: say("promiseUrgent", told) };
  return { level: "quiet", words: say("promise", told) };
}

/** Where and when else this vehicle is booked, or "". */
export function elsewhereWords({ elsewhere }) {
  if (!elsewhere) return "";
  const told = { when: dayTime(elsewhere.slot_at), station: elsewhere.station };
  return say(elsewhere.station ? "elsewhereIn" : "elsewhere", told);
}

/** What tells this vehicle from others, and what a person must know of it: `{level, words}` each. */
export function notes(row) {
  const told = [
    promise(row),
    row.twin ? { level: "look", words: say("twin", { n: row.twin + 1 }) } : null,
    row.elsewhere ? { level: "look", words: elsewhereWords(row) } : null,
    row.state === "parked" && row.note ? { level: "quiet", words: say("parkedWhy", row) } : null,
    row.plate2 ? { level: "quiet", words: say("alsoPlate", { plate: display(row.plate2) }) } : null,
  ];
  return told.filter(Boolean);
}

/** When the station opens or closes, in words; "" when it always is open. */
export function hoursWords({ opens_at: opens, closes_at: closes }) {
  if (opens) return say("opens", { when: dayTime(opens) });
  return closes ? say("closes", { time: dayTime(closes) }) : "";
}

/** What became of a visit and when: "done 10:20". */
export function endedWords(row) {
  return row.ended_at ? `${stateName(row.state)} ${time(row.ended_at)}` : stateName(row.state);
}

export function waitWindow(row) {
  if (row.state === "parked") return say("parked");
  if (!row.window) return say("windowUnknown");
  return say("window", { from: time(row.window.starts_at), to: time(row.window.ends_at) });
}

export const isWaiting = (row) => row.state === "waiting" || row.state === "parked";

export const rowsAt = (queue, bay) =>
  queue.line.filter((row) => row.bay === bay.bay && (row.state === "called" || row.state === "in_bay"));

export const calledAt = (queue, bay) => rowsAt(queue, bay).find((row) => row.state === "called");

/** Whether anybody may be called to this door, by its state alone. */
export const takesCalls = (bay) =>
  bay.state === "open" || (bay.state === "closing" && Boolean(bay.until) && untilMs(bay.until) > 0);

/** What a door's state is, in words: "Break until 10:15". */
export function bayState({ state, until }) {
  const timed = until && knows(`bay_${state}_until`);
  if (!timed) return sayOr(`bay_${state}`, state);
  const past = untilMs(until) <= 0;
  return say(past ? `bay_${state}_past` : `bay_${state}_until`, { time: time(until) });
}

/** Whether the announced end of a break is over: a person must open the door or say when. */
export const isOverdue = ({ state, until }) => state === "on_break" && Boolean(until) && untilMs(until) <= 0;

/** Whether this door may call somebody now: nobody else is being called to it and there is room inside. */
export function mayCall(queue, bay) {
  const here = rowsAt(queue, bay);
  return takesCalls(bay) && !calledAt(queue, bay) && (bay.call_ahead || here.length < bay.capacity);
}

export const nextFor = (queue, bay) =>
  queue.line.find((row) => row.state === "waiting" && bay.kinds.includes(row.kind));

/** Why `row` cannot go to `bay` by this deed, or "" when it can. */
export function obstacle(queue, bay, row, deed) {
  if (row.bay === bay.bay) return say("bayHere");
  if (!bay.kinds.includes(row.kind)) return say("bayKind", { kind: kindInText(row.kind) });
  // Who has driven in is in, whatever the door was said to be; only a call promises something.
  if (deed !== "enter" && (calledAt(queue, bay) || !takesCalls(bay))) return doorNow(queue, bay);
  const inside = rowsAt(queue, bay).filter((other) => other.state === "in_bay");
  const room = inside.length < bay.capacity || (bay.call_ahead && deed !== "enter");
  return room ? "" : doorNow(queue, bay);
}

/** Who is called to a door or inside it: the same words whatever the person wants to do there. */
export function doorNow(queue, bay) {
  const here = rowsAt(queue, bay).map(({ plate, state }) =>
    say(state === "called" ? "baySign" : "bayHas", { plate: display(plate), state: stateName(state) }));
  if (here.length) return here.join(", ");
  return bay.state === "open" ? say("bayFree") : bayState(bay);
}

/** The answers are offered from 110 s on, because the sign goes dark by itself at 120 s. */
export const isOffered = (called) => Boolean(called?.called_at) && sinceMs(called.called_at) >= OFFER_AFTER_MS;

/** Whether "did not come" is offered: after so many calls, and so long after the last one. */
export const isNoShowDue = (called) =>
  called.calls >= NO_SHOW_AFTER_CALLS && Boolean(called.called_at) && sinceMs(called.called_at) >= NO_SHOW_AFTER_MS;
