// What a row, a bay or an event means, in words.  Values in, words out.

import { sinceMs, time } from "./clock.js";
import { display } from "./plate.js";
import { knows, say, sayOr } from "./words.js";

const ANSWER_WITHIN_MS = 3_000;
const OFFER_AFTER_MS = 110_000;
const SIGN_OFF_AFTER_MS = 120_000;

/** "1" becomes "Door 1"; a door that the station gave a longer name is called that. */
export const doorName = (door) => (door.length <= 3 ? say("door", { door }) : door);

const doorInText = (door) => (door.length <= 3 ? doorName(door).toLowerCase() : door);

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
  return say(key, { slot, arrived: time(row.arrived_at), turn: time(row.turn_at) });
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

/** Whether this door may call somebody now: nobody else is being called to it and there is room inside. */
export function mayCall(queue, bay) {
  const here = rowsAt(queue, bay);
  return bay.state === "open" && !calledAt(queue, bay) && here.length < bay.capacity;
}

export const nextFor = (queue, bay) =>
  queue.line.find((row) => row.state === "waiting" && bay.kinds.includes(row.kind));

/** Why `row` cannot go to `bay` by this deed, or "" when it can. */
export function obstacle(queue, bay, row, deed) {
  if (row.bay === bay.bay) return say("bayHere");
  if (!bay.kinds.includes(row.kind)) return say("bayKind", { kind: kindInText(row.kind) });
  if (calledAt(queue, bay) && deed !== "enter") return doorNow(queue, bay);
  const inside = rowsAt(queue, bay).filter((other) => other.state === "in_bay");
  return inside.length < bay.capacity ? "" : doorNow(queue, bay);
}

/** Who is called to a door or inside it: the same words whatever the person wants to do there. */
export function doorNow(queue, bay) {
  const here = rowsAt(queue, bay).map(({ plate, state }) =>
    say(state === "called" ? "baySign" : "bayHas", { plate: display(plate), state: stateName(state) }));
  if (here.length) return here.join(", ");
  return bay.state === "open" ? say("bayFree") : sayOr(`bay_${bay.state}`, bay.state);
}

/** The three answers are offered from 110 s on, because the sign goes dark by itself at 120 s. */
export const isOffered = (called) => Boolean(called?.called_at) && sinceMs(called.called_at) >= OFFER_AFTER_MS;

/** What the sign of a bay was told, sent and confirmed: `{level, words}`; levels are quiet, sent, good, look, act. */
export function signSays(bay, called) {
  const { sign } = bay;
  if (called && bay.cannot_show) return { level: "act", words: say("signCannot", { plate: display(bay.cannot_show) }) };
  const broken = !sign ? say("signNone") : brokenWords(sign, bay.holds_frame);
  if (broken && called) return { level: "act", words: say("andFetch", { what: broken }) };
  if (broken) return { level: sign ? "look" : "quiet", words: broken };
  if (bay.waits_for) return { level: "look", words: sentence("signWaits", bay.waits_for) };
  return called ? showing(sign, called) : dark(sign);
}

const sentence = (key, door) => say(key, { door: doorInText(door) });

function brokenWords(sign, holdsFrame) {
  const silent = sign.beat_at ? say("signSilent", { time: time(sign.beat_at) }) : say("signNever");
  const fault = sign.fault ? say("signFaultWhy", { why: sign.fault }) : say("signFault");
  if (sign.state === "fault") return holdsFrame ? `${say("signFault")}. ${say("signHeld")}` : fault;
  return sign.reachable ? "" : silent;
}

function dark(sign) {
  return { level: "quiet", words: say(sign.commanded || sign.sent ? "signEnding" : "signDark") };
}

function showing(sign, called) {
  const age = sinceMs(called.called_at);
  if (age >= SIGN_OFF_AFTER_MS) return { level: "act", words: say("signOff") };
  if (age >= OFFER_AFTER_MS) return { level: "act", words: say("signSoonOff", { n: Math.ceil((SIGN_OFF_AFTER_MS - age) / 1000) }) };
  const late = age > ANSWER_WITHIN_MS;
  if (sign.commanded !== called.call) return { level: late ? "look" : "quiet", words: say(late ? "signNoAnswer" : "signTelling") };
  if (sign.sent !== called.call || !sign.sent_whole) return { level: late ? "look" : "quiet", words: say("signTold") };
  if (sign.confirmed) return { level: "good", words: say("signShows", { plate: display(called.plate) }) };
  if (sign.confirmed === null) return { level: "sent", words: say("signSent") };
  return { level: late ? "look" : "quiet", words: say("signUnconfirmed") };
}

/** One fact of a visit's timeline.  A kind that this page does not know yet is shown by its own name. */
export function eventWords(event, queue, plate) {
  const { data } = event;
  const key = `ev_${event.kind}`;
  if (!knows(key)) return event.kind.replaceAll("_", " ");
  const words = say(key, {
    actor: event.actor,
    door: doorOf(event, queue),
    source: data.source ? sourceName(data.source) : "",
    text: data.text ?? display(plate),
    at: data.post ? say("atPost", { post: data.post }) : "",
  });
  return [words.trim(), ...details(event)].filter(Boolean).join(". ");
}

function doorOf({ bay, data }, queue) {
  const door = data.door ?? queue.bays.find((one) => one.bay === bay)?.door ?? bay;
  return door ? doorInText(door) : "";
}

function details({ at, data }) {
  // An arrival that was delivered late brings the time at which it was typed.
  const own = data.came_at && time(data.came_at) !== time(at) ? say("cameAt", { time: time(data.came_at) }) : "";
  const from = data.from_door ? say("fromDoor", { door: doorInText(data.from_door) }) : "";
  return [own, from, data.fault, data.word, data.said && data.source !== "desk" ? saidWords(data.said) : ""];
}

/** What the post told the customer, as far as central keeps it; at the desk nobody knows what was said. */
function saidWords(said) {
  const words = [];
  if (said.booked_at) words.push(say("toldBooked", { time: time(said.booked_at) }));
  if (said.place) words.push(say("toldPlace", said));
  if (said.from) words.push(say("toldTurn", { from: time(said.from), to: time(said.until) }));
  else if (said.state === "waiting") words.push(say("toldNoWait"));
  if (said.door) words.push(say("toldDoor", { door: doorInText(said.door) }));
  else if (said.watch_sign) words.push(say("toldWatch"));
  return words.length ? say("told", { words: words.join(", ") }) : "";
}
