// What is known of the sign above a door, each step for what it is: told, sent, read back.  Values in, words out.

import { lasting, sinceMs, time, untilMs } from "./clock.js";
import { display } from "./plate.js";
import { doorInText, isNoShowDue } from "./say.js";
import { say } from "./words.js";

const ANSWER_WITHIN_MS = 3_000;
// What a panel reads back comes one beat after what was sent.
const CONFIRM_WITHIN_MS = 8_000;
const FETCH_AFTER_MS = 120_000;
const SOON_OFF_MS = 10_000;

/**
 * What the sign of a bay was told, sent and confirmed: `{level, words, step}`.  Levels are quiet, sent, good, look,
 * act; `step` is how far a call is known to have come, for the shape beside the words: told, left, read.
 */
export function signSays(bay, called) {
  const { sign } = bay;
  // Nobody is lit anywhere with that plate until a person has looked.
  if (bay.held_on.length) return { level: called ? "act" : "look", words: say("signHeldOn", { names: bay.held_on.join(", ") }) };
  if (called && bay.cannot_show) return { level: "act", words: say("signCannot", { plate: display(bay.cannot_show) }) };
  const broken = sign ? brokenWords(sign, bay.holds_frame) : say("signNone");
  if (broken && called) return { level: "act", words: say("andFetch", { what: broken }) };
  if (broken) return { level: sign ? "look" : "quiet", words: broken };
  if (bay.waits_for) return { level: "look", words: say("signWaits", { door: doorInText(bay.waits_for) }) };
  return called ? showing(sign, called) : dark(sign);
}

/** What is wrong with a sign, or "": it is out of order, was not heard for a while, or never was. */
export function brokenWords(sign, holdsFrame = false) {
  const fault = sign.fault ? say("signFaultWhy", { why: sign.fault }) : say("signFault");
  if (sign.state === "fault") return holdsFrame ? `${say("signFault")}. ${say("signHeld")}` : fault;
  if (sign.reachable) return sign.too_slow ? say("signSlow") : "";
  if (!sign.beat_at) return say("signNever");
  // Its process cannot take away what such a panel keeps.
  return sign.may_hold ? `${silentWords(sign.beat_at)}. ${say("signHeld")}` : silentWords(sign.beat_at);
}

function silentWords(since) {
  // A number and its unit stand on one line.
  const age = lasting(since).replaceAll(" ", "\u00a0");
  return say("signSilent", { time: time(since), age }).replace(" ()", "");
}

function dark(sign) {
  if (sign.commanded || sign.sent) return { level: "quiet", words: say("signEnding") };
  // Somebody may still read a plate on it, whatever it was told.
  if (sign.confirmed === false) return { level: "look", words: say("signNotDark") };
  if (!sign.sent_whole) return { level: "quiet", words: say("signEnding") };
  // What the sign itself refuses to draw it says as a fault while its panel is well.
  if (sign.notice && sign.fault) return { level: "look", words: say("signCannotSay", sign) };
  if (sign.notice) return { level: "quiet", words: say("signNotice", sign) };
  return { level: "quiet", words: say(sign.confirmed ? "signDarkRead" : "signDark") };
}

function showing(sign, called) {
  const age = sinceMs(called.called_at);
  const isTold = sign.commanded === called.call;
  const leftMs = sign.off_at ? untilMs(sign.off_at) : Infinity;
  if (leftMs <= 0) return isTold ? { level: "look", words: say("signCapped") } : over(sign, called);
  if (!isTold) return untold(age);
  if (leftMs <= SOON_OFF_MS) return { level: "act", words: say("signSoonOff", { n: Math.ceil(leftMs / 1000) }) };
  if (sign.sent !== called.call || !sign.sent_whole) return sending(sign, called, age);
  return proof(sign, called, age);
}

/** The two minutes are over: it is called off only once the sign is known to be dark, as for any other deed. */
function over(sign, called) {
  if (!sign.commanded && !sign.sent && sign.confirmed === false) return { level: "look", words: say("signNotDark") };
  const isSure = sign.sent_whole && (sign.confirmed || !sign.reads_back);
  if (sign.commanded || sign.sent || !isSure) return { level: "look", words: say("signOverUnsaid") };
  return { level: "act", words: say(isNoShowDue(called) ? "signOffLong" : "signOff") };
}

function untold(age) {
  if (age <= ANSWER_WITHIN_MS) return { level: "quiet", words: say("signTelling") };
  if (age <= FETCH_AFTER_MS) return { level: "look", words: say("signNoAnswer") };
  return { level: "act", words: say("andFetch", { what: say("signNoAnswer") }) };
}

function sending(sign, called, age) {
  const words = say(sign.sent === called.call ? "signSending" : "signTold");
  return { level: age > ANSWER_WITHIN_MS ? "look" : "quiet", words, step: "told" };
}

/** All bytes have left: what can be said of the panel itself.  That it shows the plate only a panel can say. */
function proof(sign, called, age) {
  if (sign.confirmed) return { level: "good", words: say("signShows", { plate: display(called.plate) }), step: "read" };
  if (sign.confirmed === false) return { level: "look", words: say("signUnconfirmed"), step: "left" };
  if (!sign.reads_back) return { level: "sent", words: say("signSent"), step: "left" };
  if (age <= CONFIRM_WITHIN_MS) return { level: "sent", words: say("signReading"), step: "left" };
  return { level: "look", words: say("signUnread"), step: "left" };
}
