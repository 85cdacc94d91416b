// One machine, one row: what it is said by word, shape and colour, and nothing moves when it changes.

import { dayTime, sinceMs } from "../clock.js";
import { el, mark, write } from "../dom.js";
import { knows, locale, say } from "./words.js";

export const COLUMNS = ["state", "station", "machine", "release", "ring", "heard", "outbox", "restarts", "temperature", "disk", "remarks", "deed"];
const NUMBERS = ["heard", "outbox", "restarts", "temperature", "disk"];
const LEVELS = { lost: "act", rolled_back: "act", unit_failing: "act", refused: "act", fault: "act", late: "look", trial: "moves", staging: "moves", old: "quiet", unheard: "quiet", revoked: "quiet", ready: "good" };
const MOVING = ["trial", "staging"];
const WAITING = ["old"];
const HOT_C = 80;
const FULL_MB = 500;
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

export const level = ({ state }) => LEVELS[state] ?? "quiet";
export const needs = (row) => level(row) === "act";

/** Which machines a person may choose to see, each by its own word. */
export const FILTERS = {
  all: () => true,
  needs,
  moving: ({ state }) => MOVING.includes(state),
  waiting: ({ state }) => WAITING.includes(state),
};

/** A machine by its station and its name, which may hold the station already. */
export const nameOf = ({ station, name }) => (name.startsWith(station) ? name : `${station} ${name}`);

/** The version alone where that says enough: the digest behind it parts two of the same name only. */
export const short = (release) => (release ?? "").replace(/-[0-9a-f]{8}$/, "");

export function fits(row, words) {
  const text = [row.station, row.station_name, row.name, row.device, row.role, say(`machine_${row.role}`), row.release, row.wanted, say(`ring_${row.ring}`), say(`state_${row.state}`), row.why];
  const whole = text.join(" ").toLocaleLowerCase(locale());
  return words.toLocaleLowerCase(locale()).split(/\s+/).every((word) => whole.includes(word));
}

export function heads() {
  return COLUMNS.map((name) => {
    const words = el("span", { textContent: say(`head_${name}`), className: name === "deed" ? "unseen" : "" });
    const head = el("th", { className: `c-${name}`, scope: "col" }, words);
    if (NUMBERS.includes(name)) head.classList.add("number");
    return head;
  });
}

/** A row; `change(row)` is what a person may do about it, null for who may only look; `halted()` the halted releases. */
export function machineRow(change, halted) {
  const cells = Object.fromEntries(COLUMNS.map((name) => [name, el("td", { className: `c-${name}` })]));
  for (const name of NUMBERS) cells[name].classList.add("number");
  const station = el("th", { className: "c-station", scope: "row" });
  cells.station = station;
  const parts = Object.fromEntries(["state", "place", "machine", "role", "runs", "wants"].map((name) => [name, el("span", { className: name })]));
  cells.state.append(parts.state);
  const id = el("strong");
  station.append(id, parts.place);
  cells.machine.append(parts.machine, parts.role);
  cells.release.append(parts.runs, parts.wants);
  let now = null;
  const open = el("button", { type: "button", className: "more", textContent: "⋯", "data-stand": "" });
  open.addEventListener("click", () => change?.(now));
  if (change) cells.deed.append(open);
  const node = el("tr", { tabIndex: -1 }, ...COLUMNS.map((name) => cells[name]));
  const update = (row) => {
    now = row;
    mark(node, "data-level", level(row));
    mark(parts.state, "data-state", row.state);
    write(parts.state, say(`state_${row.state}`));
    write(id, row.station);
    write(parts.place, row.station_name === row.station ? "" : row.station_name);
    write(parts.machine, row.name);
    write(parts.role, roleOf(row));
    writeRelease(parts, row, halted());
    write(cells.ring, say(`ring_${row.ring}`));
    writeHeard(cells.heard, row);
    writeNumbers(cells, row);
    writeRemarks(cells.remarks, row);
    mark(open, "aria-label", say("changeOf", { name: nameOf(row) }));
  };
  return { node, update, again: () => now && writeHeard(cells.heard, now) };
}

function roleOf({ role, door }) {
  const words = knows(`machine_${role}`) ? say(`machine_${role}`) : role;
  return door ? `${words}, ${say("atDoor", { door })}` : words;
}

/** `halted` are the releases that nobody new is given. */
function writeRelease({ runs, wants }, row, halted) {
  write(runs, short(row.release) || "–");
  mark(runs, "title", row.release || null);
  const wanted = row.wanted && row.wanted !== row.release ? say(halted.has(row.wanted) ? "wantsHalted" : "wants", { release: short(row.wanted) }) : "";
  const pin = row.pinned ? say("pinnedHere") : "";
  write(wants, [wanted, pin].filter(Boolean).join(" · "));
  mark(wants, "title", wanted ? row.wanted : null);
}

/** How long it is that we know nothing newer, in one unit, so that the column stays as wide as it is. */
export function age(seconds) {
  if (seconds >= DAY_S) return say("agoDays", { n: Math.floor(seconds / DAY_S) });
  if (seconds >= HOUR_S) return say("agoH", { n: Math.floor(seconds / HOUR_S) });
  if (seconds >= MINUTE_S) return say("agoMin", { n: Math.floor(seconds / MINUTE_S) });
  // Ten seconds are as fine as anybody needs: a number that ticks draws the eye.
  return say("agoS", { n: Math.floor(seconds / 10) * 10 });
}

function writeHeard(cell, row) {
  write(cell, row.heard_at ? age(sinceMs(row.heard_at) / 1000) : say("neverHeard"));
  mark(cell, "title", row.heard_at ? dayTime(row.heard_at) : null);
}

function writeNumbers(cells, row) {
  const waits = row.outbox_waiting;
  write(cells.outbox, waits ? say("outboxAge", { n: waits, age: age(row.outbox_oldest_s ?? 0) }) : waits === 0 ? "0" : "–");
  mark(cells.outbox, "data-look", waits ? "" : null);
  write(cells.restarts, row.restarts === null ? "–" : String(row.restarts));
  mark(cells.restarts, "data-look", row.restarts > 2 ? "" : null);
  const warm = row.temperature_c;
  write(cells.temperature, warm === null ? "–" : say("degrees", { n: Math.round(warm) }));
  mark(cells.temperature, "data-look", warm >= HOT_C ? "" : null);
  write(cells.disk, diskOf(row.disk_free_mb));
  mark(cells.disk, "data-look", row.disk_free_mb !== null && row.disk_free_mb < FULL_MB ? "" : null);
}

function diskOf(megabytes) {
  if (megabytes === null) return "–";
  if (megabytes < 1000) return say("megabytes", { n: megabytes });
  return say("gigabytes", { n: (megabytes / 1000).toLocaleString(locale(), { maximumFractionDigits: 1 }) });
}

function writeRemarks(cell, row) {
  const told = remarks(row).join(" · ");
  write(cell, told);
  mark(cell, "title", told || null);
}

/** What is not as it should be, in words; what machines say themselves they say in English. */
export function remarks(row) {
  const parts = row.faults.map((part) => (knows(`fault_${part}`) ? say(`fault_${part}`) : say("faultOther", { part })));
  const about = knows(`remark_${row.about}`) ? say(`remark_${row.about}`) : "";
  return [
    ["rolled_back", "refused", "trial", "staging"].includes(row.state) ? short(row.about) : "",
    row.lacks_file ? say("remark_lacks", { release: short(row.wanted), platform: row.platform }) : "",
    about,
    ...parts,
    about || parts.length || row.lacks_file ? "" : row.why,
    row.under_voltage ? say("remark_power") : "",
    row.clock_synced === false ? say("remark_clock") : "",
    row.root_writable === false && row.about !== "root" ? say("remark_root") : "",
    row.disk_free_mb !== null && row.disk_free_mb < FULL_MB ? say("remark_disk") : "",
    row.temperature_c >= HOT_C ? say("remark_hot") : "",
    row.last_error && row.last_error !== row.why ? say("remark_error", { words: row.last_error }) : "",
  ].filter(Boolean);
}
