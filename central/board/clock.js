// Times of the station, in the station's zone, by the station's clock: this browser's own may be wrong.

import { locale, say } from "./words.js";

const DAY_MS = 86_400_000;
const WEEK_DAYS = 7;
const HALF_DAY_MS = DAY_MS / 2;

let zone = "UTC";
let aheadMs = 0;
let stoppedAtMs = null;

export function setZone(name) {
  zone = name;
}

/** Take over the station's time from an answer that has just come in. */
export function heardTime(iso) {
  aheadMs = Date.parse(iso) - Date.now();
}

export const nowMs = () => stoppedAtMs ?? Date.now() + aheadMs;

/** Let ages stand still while the picture is stale: they are part of what we knew then.  `null` lets them run. */
export function stopAt(ms) {
  stoppedAtMs = ms;
}

export const sinceMs = (iso) => Math.max(0, nowMs() - Date.parse(iso));

/** How long it is until a moment; negative when it is past. */
export const untilMs = (iso) => Date.parse(iso) - nowMs();

const formats = new Map();

function format(options, when, tongue = locale()) {
  const key = `${tongue} ${zone} ${Object.entries(options)}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(tongue, { ...options, timeZone: zone }));
  return formats.get(key).format(new Date(when));
}

export const time = (when) => format({ hour: "2-digit", minute: "2-digit" }, when);

export const timeWithSeconds = (when) => format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, when);

export const date = (when) => format({ day: "numeric", month: "long", year: "numeric" }, when);

// Swedish dates are written 2026-11-23, which is what ISO 8601 wants too.
const isoDay = (when) => format({ year: "numeric", month: "2-digit", day: "2-digit" }, when, "sv-SE");

const daysFromToday = (when) => Math.round((Date.parse(isoDay(when)) - Date.parse(isoDay(nowMs()))) / DAY_MS);

const NEAR = { "-1": "yesterday", 0: "today", 1: "tomorrow" };

/** A day as people say it: "tomorrow", "Monday", "24 December". */
export function dayName(when) {
  const days = daysFromToday(when);
  if (days in NEAR) return say(NEAR[days]);
  if (days > 0 && days < WEEK_DAYS) return format({ weekday: "long" }, when);
  return format({ day: "numeric", month: "long" }, when);
}

/** A time of today by its clock alone, any other with its day: "09:00", "tomorrow 09:00". */
export const dayTime = (when) => (daysFromToday(when) ? `${dayName(when)} ${time(when)}` : time(when));

/**
 * The moment at which the station's clocks next show `clock`, such as "10:15".  What was less than half a day
 * ago is past, and its moment is given as it was: a break until a time that is over must be refused, not kept
 * until tomorrow.
 */
export function momentAt(clock) {
  const shown = Date.parse(`${isoDay(nowMs())}T${clock}Z`);
  // The zone's distance from UTC at that moment; asked twice because it may change between guess and answer.
  let at = shown;
  for (let turn = 0; turn < 2; turn += 1) at = shown - zoneAheadMs(at);
  return new Date(nowMs() - at > HALF_DAY_MS ? at + DAY_MS : at).toISOString();
}

function zoneAheadMs(at) {
  const clock = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, at, "sv-SE");
  return Date.parse(`${isoDay(at)}T${clock}Z`) - Math.floor(at / 1000) * 1000;
}

/** Whole minutes: a number that changes every second would draw the eye to what needs nobody. */
function parts(ms) {
  const minutes = Math.floor(ms / 60_000);
  return { n: minutes, h: Math.floor(minutes / 60), m: minutes % 60 };
}

// "Just now" is a claim about now, so a picture that stands still makes none.
const fresh = () => (stoppedAtMs === null ? say("justNow") : "");

export function lasting(iso) {
  const part = parts(sinceMs(iso));
  if (!part.n) return fresh();
  return say(part.h ? "hours" : "minutes", part);
}

export function ago(iso) {
  const part = parts(sinceMs(iso));
  if (!part.n) return fresh();
  return say(part.h ? "hoursAgo" : "minutesAgo", part);
}
