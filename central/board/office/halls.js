// Halls with a computer of their own: how each was when it was heard last, and how old that is.

import { ago, date, dayTime, heardTime, nowMs, sinceMs, untilMs } from "../clock.js";
import { choose, sure } from "../dialogs.js";
import { el, keyed, mark, show, write } from "../dom.js";
import { button, command, form, head, list, none, once, steps, text } from "./parts.js";
import { knows, say } from "./words.js";

const FITTERS = ["technician", "office"];
const EVERY_MS = 10_000;
const LATE_MS = 180_000;
const LOST_MS = 900_000;
const BACKUP_MS = 26 * 3_600_000;
const DAY_MS = 86_400_000;
const KEY_ENDS_MS = 60 * DAY_MS;
const COMMAND = `sudo portvakt central box office ${location.origin}`;

/** Fill the tab; it looks again every ten seconds while it is shown, and its ages grow meanwhile. */
export async function halls(desk, room) {
  const may = FITTERS.includes(desk.session.role);
  const lost = el("p", { className: "page-lost", role: "status", hidden: true });
  const rows = list("halls-list");
  const empty = none("hallsEmpty");
  const sum = text("sum", "");
  const shown = { desk, may, lost, rows, empty, sum, known: [], knownMs: 0 };
  const news = desk.session.role === "office" ? [button("hallConnect", () => connect(shown))] : [];
  room.append(head("halls", "hallsLead", ...news), sum, lost, rows, empty);
  await refresh(shown);
  watch(room, shown);
}

function watch(room, shown) {
  const timer = setInterval(async () => {
    if (!room.isConnected) return clearInterval(timer);
    try {
      await refresh(shown);
    } catch (refused) {
      if (!refused.reason) throw refused;
      write(shown.lost, say("hallsPageLost", { when: dayTime(shown.knownMs) }));
      show(shown.lost, true);
      draw(shown);
    }
    return null;
  }, EVERY_MS);
}

async function refresh(shown) {
  shown.known = await shown.desk.api.ask("/halls");
  const heard = shown.known.find((one) => one.heard_at);
  if (heard) heardTime(new Date(Date.parse(heard.heard_at) + heard.age_s * 1000).toISOString());
  shown.knownMs = nowMs();
  show(shown.lost, false);
  draw(shown);
}

function draw(shown) {
  keyed(shown.rows, shown.known, (one) => one.station, () => hallRow(shown));
  const ok = shown.known.filter((one) => contactOf(one) === "good").length;
  write(shown.sum, say("hallsSum", { ok, n: shown.known.length }));
  show(shown.sum, shown.known.length > 1);
  show(shown.empty, !shown.known.length);
}

// -- one hall ------------------------------------------------------------------------------------

function hallRow(shown) {
  const name = el("h3");
  const contact = el("p", { className: "says" });
  const line = text("line-facts", "");
  const says = el("ul", { className: "says", role: "list" });
  const more = text("what", "");
  const node = el("li", {}, el("div", { className: "words" }, name, contact, line, says, more));
  let hall = null;
  const change = button("hallManage", () => manage(shown, hall));
  if (shown.may) node.append(change);
  const update = (now) => {
    hall = now;
    const state = contactOf(now);
    write(name, now.name);
    mark(contact, "data-level", LEVELS[state]);
    write(contact, contactWords(now, state));
    mark(node, "data-contact", state);
    write(line, now.said ? lineWords(now.said, state === "good") : "");
    keyed(says, troubles(now), ({ words }) => words, sentence);
    write(more, now.said ? quietly(now) : "");
    mark(change, "aria-label", say("hallManageOf", now));
    show(change, Boolean(now.said));
  };
  return { node, update };
}

const LEVELS = { good: "good", late: "look", lost: "act", never: "quiet" };
const WORDS = { good: "hallGood", late: "hallLate", lost: "hallLost" };

/** By this moment, not by when the page asked: a page that hears nothing itself must not call a hall well. */
function contactOf({ heard_at: heardAt }) {
  if (!heardAt) return "never";
  const age = sinceMs(heardAt);
  if (age < LATE_MS) return "good";
  return age < LOST_MS ? "late" : "lost";
}

function contactWords({ heard_at: heardAt }, state) {
  if (state === "never") return say("hallNever");
  const days = Math.floor(sinceMs(heardAt) / DAY_MS);
  return say(WORDS[state], { when: dayTime(heardAt), ago: days > 1 ? say("hallDaysAgo", { n: days }) : ago(heardAt) });
}

function sentence() {
  const node = el("li");
  const update = ({ level, words }) => {
    mark(node, "data-level", level);
    write(node, words);
  };
  return { node, update };
}

/** Of a hall that is not heard now nothing is said in the present, least of all that nobody waits. */
function lineWords({ waiting, oldest_at: oldest, called, in_bay: inBay, open, help_open: help }, fresh) {
  if (!fresh && !waiting && !called && !inBay) return say("hallEmptyThen");
  const waits = waiting ? say("hallWaits", { n: waiting }) : say("hallNobody");
  const parts = [
    oldest ? `${waits}, ${say("hallOldest", { when: dayTime(oldest) })}` : waits,
    called ? say(called === 1 ? "hallCalledOne" : "hallCalled", { n: called }) : "",
    inBay ? say("hallInBay", { n: inBay }) : fresh && say("hallNobodyInBay"),
    help || !fresh ? "" : say("hallNoHelp"),
  ];
  const line = parts.filter(Boolean).join(" · ");
  return open || !fresh ? line : `${say("hallClosed")}. ${line}`;
}

/** What needs somebody, the worst first. */
function troubles(hall) {
  const { said } = hall;
  const found = [];
  const tell = (level, words) => words && found.push({ level, words });
  if (hall.left_here) tell("act", say(hall.left_here === 1 ? "hallLeftOne" : "hallLeft", { n: hall.left_here }));
  if (said?.help_open) tell("act", say(said.help_open === 1 ? "hallHelpOne" : "hallHelp", { n: said.help_open }));
  tell(...keyTrouble(hall));
  const bad = (said?.devices ?? []).filter(needs);
  if (bad.length) tell("look", say("hallDevices", { names: bad.map(badWords).join(", ") }));
  for (const one of said?.not_taken ?? []) tell("look", notTaken(one));
  if (said && !said.clock_synced) tell("look", say("hallClock"));
  if (said) tell("look", backupTrouble(said));
  if (hall.erasures) tell("look", erasuresOf(hall));
  if (hall.behind) tell("quiet", say(hall.behind === 1 ? "hallBehindOne" : "hallBehind", { n: hall.behind }));
  return found;
}

/** Its key has an end, and with it what is heard of the hall; whoever makes a new one has two months. */
function keyTrouble({ key_ends_at: at, heard_at: heardAt }) {
  if (!at) return ["look", heardAt ? say("hallKeyNone") : ""];
  const leftMs = untilMs(at);
  if (leftMs <= 0) return ["act", say("hallKeyEnded", { when: date(at) })];
  return ["look", leftMs < KEY_ENDS_MS ? say("hallKeyEnds", { when: date(at) }) : ""];
}

const needs = ({ silent, faults, refused, cloned }) => silent || cloned || refused > 0 || faults.length > 0;

function badWords({ name, silent, faults }) {
  const what = silent ? "" : faults.map((one) => (knows(`fault_${one}`) ? say(`fault_${one}`) : one)).join(", ");
  return what ? `${name} (${what})` : name;
}

const notTaken = ({ id, reason }) => say(knows(`nt_${reason}`) ? `nt_${reason}` : "ntOther", { id });

function backupTrouble({ backup_at: at }) {
  if (!at) return say("hallNoBackup");
  return sinceMs(at) > BACKUP_MS ? say("hallBackupOld", { when: dayTime(at) }) : "";
}

function erasuresOf({ erasures: n, erasures_since: since }) {
  return say(n === 1 ? "hallErasureOne" : "hallErasures", { n, when: dayTime(since) });
}

function quietly({ said }) {
  const n = said.devices.length;
  const fresh = said.backup_at && !backupTrouble(said);
  return [
    said.release ? say("hallRelease", said) : "",
    n ? say(n === 1 ? "hallDeviceOne" : "hallDeviceMany", { n }) : "",
    fresh ? say("hallBackup", { when: dayTime(said.backup_at) }) : "",
  ].filter(Boolean).join(" · ");
}

// -- its devices ---------------------------------------------------------------------------------

async function manage(shown, hall) {
  const items = hall.said.devices.map((one) => ({ value: one.device, words: one.name, note: heardWords(one), danger: true }));
  if (!items.length) return shown.desk.notice(say("hallNoDevices"));
  const chosen = await choose(say("hallManageOf", hall), items);
  return chosen ? revoke(shown, hall, hall.said.devices.find((one) => one.device === chosen)) : null;
}

function heardWords({ heard_at: at, silent }) {
  if (!at) return say("hallDeviceUnheard");
  return say(silent ? "hallDeviceSilent" : "hallDeviceWell", { when: dayTime(at) });
}

async function revoke({ desk }, hall, { device, name }) {
  const words = { device: name, name: hall.name };
  if (!(await sure(say("hallRevoke", words), say("hallRevokeMore"), say("hallRevokeDo"), "danger"))) return;
  await desk.once(`revoke ${device}`, async () => {
    const path = `/stations/${encodeURIComponent(hall.station)}/hall/devices/${encodeURIComponent(device)}/revoke`;
    await desk.api.ask(path, {});
    desk.notice(say("hallDidRevoke", words));
  });
}

// -- a new one -----------------------------------------------------------------------------------

async function connect(shown) {
  const { desk } = shown;
  const { name } = desk.facts;
  const words = wordsFor(shown);
  const body = [text("", say(words.more, { name }))];
  const meant = await form({ title: say(words.title, { name }), body, ok: say("hallConnectDo"), check: () => ["", null] });
  if (!meant) return;
  const asked = { name: say("hallKeyFor", { name }).slice(0, 64), scopes: ["hall:link"], days: 730 };
  const made = await desk.once("hall", () => desk.ask("/tokens", asked), (refused) => sayLeft(desk, refused));
  if (!made) return;
  await refresh(shown);
  const shownOnce = el("p", { className: "token", textContent: made.token });
  const todo = steps(
    [say("hallStep1"), command(COMMAND)],
    say(words.last),
  );
  await once({ title: say("hallKeyFor", { name }), shown: shownOnce, after: [text("what", say("onlyNow")), todo] });
}

/** A hall that has reported gets another key; nothing of its line moves any more. */
function wordsFor({ desk, known }) {
  const again = known.some(({ station, heard_at: heardAt }) => heardAt && desk.path === `/stations/${encodeURIComponent(station)}`);
  if (again) return { title: "hallAgainTitle", more: "hallAgainMore", last: "hallAgainStep" };
  return { title: "hallConnectTitle", more: "hallConnectMore", last: "hallStep2" };
}

/** Whom nobody would see any more if the line moved now. */
function sayLeft(desk, { reason, problem }) {
  if (reason !== "line_not_empty") return false;
  const n = problem.vehicles;
  desk.notice(say(n === 1 ? "hallNotYetOne" : "hallNotYet", { n, name: desk.facts.name }));
  return true;
}
