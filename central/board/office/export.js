// All that a station holds about one plate, as a page that a person can read, print and take along.

import { date, timeWithSeconds } from "../clock.js";
import { el } from "../dom.js";
import { eventWords } from "../events.js";
import { outcomeWords } from "../finish.js";
import { display, drawn } from "../plate.js";
import { doorInText, kindName, sourceName, stateName } from "../say.js";
import { button, heading, none, text } from "./parts.js";
import { knows, say, sayOr } from "./words.js";

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const PLAIN = ["arrivals", "bookings", "inspections", "help_calls"];

export function exportPage(desk, found, shut) {
  const plate = drawn();
  plate.update(found.plate);
  const title = el("h3", { tabIndex: -1, className: "export-title" }, say("exportOf"), plate.node);
  const made = text("what", say("exportMade", { station: desk.facts.name, when: moment(found.made_at) }));
  const buttons = [button("print", () => print()), button("download", () => save(found)), button("shut", shut)];
  const deeds = el("p", { className: "deeds" }, ...buttons);
  const parts = [visitsPart(desk, found), ...PLAIN.map((key) => plainPart(desk, key, found[key] ?? []))].filter(Boolean);
  return el("article", { className: "export" }, title, made, deeds, ...(parts.length ? parts : [none("exportNothing")]));
}

const moment = (iso) => `${date(iso)} ${timeWithSeconds(iso)}`;

function visitsPart(desk, { visits, plate }) {
  if (!visits?.length) return null;
  const pages = visits.flatMap(({ visit, timeline }, at) => [
    el("h5", { textContent: say("x_visit", { n: at + 1 }) }),
    facts(desk, visit),
    el("h6", { textContent: say("x_timeline") }),
    el("ol", { className: "facts", role: "list" }, ...timeline.map((event) => happened(desk, event, plate))),
  ]);
  return el("section", {}, el("h4", { textContent: say("x_visits") }), ...pages);
}

function happened({ facts: { doors } }, event, plate) {
  const words = eventWords({ actor: "", data: {}, ...event }, { bays: doors }, plate);
  return el("li", {}, el("time", { dateTime: event.at, textContent: moment(event.at) }), el("span", { textContent: words }));
}

function plainPart(desk, key, rows) {
  if (!rows.length) return null;
  return el("section", {}, el("h4", { textContent: say(`x_${key}`) }), ...rows.map((row) => facts(desk, row)));
}

// What only machines read stands last: it tells the customer nothing, and is theirs all the same.
const FOR_MACHINES = ["id", "visit", "device", "call", "booking", "stall", "seq", "version"];

/** A row as it stands: its own column names, for nothing may be left out for want of a word. */
function facts(desk, row) {
  const told = Object.entries(row).filter(([, value]) => value !== null && value !== "");
  const isForMachines = ([name]) => FOR_MACHINES.includes(name);
  const pairs = [...told.filter((pair) => !isForMachines(pair)), ...told.filter(isForMachines)];
  return el("dl", { className: "row-facts" }, ...pairs.flatMap(([name, value]) => [
    el("dt", { textContent: columnName(name, row) }),
    el("dd", { textContent: valueWords(desk, name, value) }),
  ]));
}

/** A visit that is not over has not ended in any way yet. */
function columnName(name, row) {
  if (name === "state" && !row.ended_at) return say("col_state_now");
  return knows(`col_${name}`) ? say(`col_${name}`) : name.replaceAll("_", " ");
}

const NAMED = {
  kind: kindName,
  source: sourceName,
  state: stateName,
  plate: display,
  plate2: display,
  rule: (rule) => sayOr(`x_rule_${rule}`, rule),
  why: (why) => sayOr(`why_${why}`, why),
};

function valueWords(desk, name, value) {
  if (name === "bay") return doorInText(desk.door(value));
  if (name === "outcome" && knows(`x_outcome_${value}`)) return say(`x_outcome_${value}`);
  if (NAMED[name]) return NAMED[name](value);
  if (typeof value === "boolean") return say(value ? "isYes" : "isNo");
  if (value.result) return outcomeWords(value);
  if (typeof value === "object") return JSON.stringify(value);
  return MOMENT.test(value) ? moment(value) : String(value);
}

/** The file has no plate in its name: names travel in mails and lists of files. */
function save(found) {
  const url = URL.createObjectURL(new Blob([JSON.stringify(found, null, 2)], { type: "application/json" }));
  el("a", { href: url, download: `portvakt-${found.made_at.slice(0, 10)}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
