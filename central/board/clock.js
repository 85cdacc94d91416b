// Times of the station, in the station's zone, by the station's clock: this browser's own may be wrong.

import { locale, say } from "./words.js";

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

const formats = new Map();

function format(options, when) {
  const key = `${locale()} ${zone} ${options.second ?? ""}`;
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(locale(), { ...options, timeZone: zone }));
  return formats.get(key).format(new Date(when));
}

export const time = (when) => format({ hour: "2-digit", minute: "2-digit" }, when);

export const timeWithSeconds = (when) => format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }, when);

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
