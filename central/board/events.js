// What happened, in words: one fact of a visit's timeline after the other.

import { time } from "./clock.js";
import { outcomeWords } from "./finish.js";
import { display } from "./plate.js";
import { bayState, doorInText, sourceName } from "./say.js";
import { knows, say, sayOr } from "./words.js";

/** One fact.  A kind that this page does not know yet is shown by its own name. */
export function eventWords(event, queue, plate) {
  const { data } = event;
  const key = `ev_${event.kind}`;
  if (!knows(key)) return event.kind.replaceAll("_", " ");
  const words = say(key, {
    actor: event.actor,
    door: doorOf(event, queue),
    source: data.source ? sourceName(data.source) : "",
    name: data.name ?? "",
    text: data.text ?? display(plate),
    at: data.post ? say("atPost", { post: data.post }) : "",
    what: data.what ? sayOr(`ev_${data.what}`, data.what).replace(/ *\{.*$/, "").toLowerCase() : "",
    state: data.to ? bayState({ state: data.to, until: data.until }).toLowerCase() : "",
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
  const said = data.said && data.source !== "desk" ? saidWords(data.said) : "";
  const unheard = data.unheard ? say("toldUnheard") : "";
  return [own, from, data.fault, data.word, whyWords(data), said, unheard];
}

// Some reasons are central's own words, such as why an arrival was held; the rest are a person's.
function whyWords(data) {
  const why = data.reason ?? data.why;
  return [data.outcome ? outcomeWords(data.outcome) : "", why ? sayOr(`why_${why}`, why) : ""].filter(Boolean).join(". ");
}

function longerWords({ said_ends_at: before, doors_closed: doors }) {
  return [say("toldLonger", { time: time(before) }), doors ? say("toldClosed", { n: doors }) : ""].filter(Boolean).join(", ");
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
  if (said.missed_call_at) words.push(say("toldMissed", { time: time(said.missed_call_at) }));
  if (said.longer) words.push(longerWords(said.longer));
  return words.length ? say("told", { words: words.join(", ") }) : "";
}
