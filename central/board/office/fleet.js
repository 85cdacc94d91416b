// The fleet: every machine in one picture, what needs a person first, and which release goes where.

import { toSignIn } from "../api.js";
import { dayTime, heardTime, stopAt, timeWithSeconds } from "../clock.js";
import { el, keyed, mark, show, write } from "../dom.js";
import { Desk, whyNot } from "./desk.js";
import { FILTERS, fits, heads, machineRow, nameOf, needs, short } from "./fleet_rows.js";
import { change, drawReleases } from "./fleet_releases.js";
import "./fleet_words.js";
import { language, say, sayStatic, speak } from "./words.js";

const EVERY_MS = 10_000;
const STALE_MS = 35_000;
const NAMED = 4;

const part = (id) => document.getElementById(id);
const desk = new Desk();
const rows = new Map();
const page = { desk, fleet: null, may: false, releases: part("release-rows"), noRelease: part("no-release"), older: part("older"), showsOlder: false, draw: look };
let heardMs = 0;
let filter = "all";

// -- what is known -------------------------------------------------------------------------------

async function look() {
  try {
    const fleet = await desk.api.ask("/fleet");
    heardTime(fleet.as_of);
    heardMs = Date.now();
    page.fleet = fleet;
    draw();
  } catch (refused) {
    // An answer that was cut off in its middle is no contact, as none at all is.
    if (!refused.reason && !(refused instanceof DOMException)) throw refused;
    if (refused.status === 401) return toSignIn();
    if (!page.fleet) write(part("first"), refused.reason ? whyNot(refused) : say("p_no_contact"));
  }
  tellContact();
  return null;
}

/** What is old looks old, and its ages stand still: they are part of what we knew then. */
function tellContact() {
  if (!page.fleet) return;
  const isStale = Date.now() - heardMs > STALE_MS;
  stopAt(isStale ? Date.parse(page.fleet.as_of) : null);
  document.body.classList.toggle("stale", isStale);
  const when = timeWithSeconds(page.fleet.as_of);
  write(part("contact-words"), say(isStale ? "staleAt" : "freshAt", { when }));
  for (const row of rows.values()) row.again();
}

// -- drawing -------------------------------------------------------------------------------------

function draw() {
  const { fleet } = page;
  for (const id of ["summary", "releases", "machines"]) show(part(id), true);
  show(part("first"), false);
  drawSummary(fleet);
  drawReleases(page, fleet);
  drawFilters(fleet);
  drawMachines(fleet);
}

function drawSummary({ stations, ready, machines }) {
  const found = troubles(machines);
  write(part("ready"), readyWords(stations, ready));
  mark(part("summary"), "data-level", found.length ? "act" : "good");
  const named = found.slice(0, NAMED).map((one) => ({ ...one, key: one.row.device }));
  const more = found.length - named.length;
  if (more > 0) named.push({ key: "more", words: say("moreTroubles", { n: more }), row: null });
  if (!found.length && stations) named.push({ key: "none", words: say("nothingNeeded"), row: null });
  keyed(part("troubles"), named, ({ key }) => key, trouble);
}

function readyWords(stations, ready) {
  if (!stations) return say("readyNone");
  if (stations === 1) return say(ready ? "readyOne" : "readyNot");
  return say(ready < stations ? "readySome" : "readyAll", { ready, n: stations });
}

/** One for each machine that needs somebody, or for its station where all are lost. */
function troubles(machines) {
  const inService = machines.filter(({ state }) => state !== "revoked");
  const lives = new Set(inService.filter(({ state }) => state !== "lost").map(({ station }) => station));
  const told = new Set();
  return inService.filter(needs).flatMap((row) => {
    const isGone = !lives.has(row.station);
    if (isGone && told.has(row.station)) return [];
    if (isGone) told.add(row.station);
    return [{ row, words: troubleWords(row, isGone ? row.station : nameOf(row)) }];
  });
}

function troubleWords(row, name) {
  const when = row.since ? dayTime(row.since) : "";
  const what = say(`tell_${row.state}`, { name, when, about: short(row.about) });
  return row.why && row.state !== "fault" ? say("tellWhy", { what, why: row.why }) : what;
}

function trouble() {
  const button = el("button", { type: "button", className: "plain" });
  const words = el("span");
  const node = el("li", {}, button, words);
  let now = null;
  button.addEventListener("click", () => goTo(now));
  const update = ({ row, words: told }) => {
    now = row;
    show(button, Boolean(row));
    show(words, !row);
    write(row ? button : words, told);
  };
  return { node, update };
}

function goTo(row) {
  choose("all");
  part("search").value = "";
  drawMachines(page.fleet);
  rows.get(keyOf(row))?.node.focus();
}

function drawFilters({ machines }) {
  const items = Object.entries(FILTERS).map(([name, is]) => ({ name, n: machines.filter(is).length }));
  keyed(part("filters"), items, ({ name }) => name, filterButton);
}

function filterButton() {
  const node = el("button", { type: "button" });
  let own = "";
  node.addEventListener("click", () => {
    choose(own);
    drawMachines(page.fleet);
  });
  const update = ({ name, n }) => {
    own = name;
    write(node, say(`filter_${name}`, { n }));
    mark(node, "aria-pressed", String(filter === name));
  };
  return { node, update };
}

function choose(name) {
  filter = name;
  drawFilters(page.fleet);
}

const halted = () => new Set(page.fleet.releases.filter((one) => one.halted_at).map((one) => one.release));

const keyOf = ({ station, device }) => `${station} ${device}`;

function drawMachines({ machines }) {
  const words = part("search").value.trim();
  const found = machines.filter((row) => FILTERS[filter](row) && (!words || fits(row, words)));
  keyed(part("rows"), steady(found), keyOf, (row) => {
    const made = machineRow(page.may ? (one) => change(page, one) : null, halted);
    rows.set(keyOf(row), made);
    return made;
  });
  write(part("none-found"), words ? say("noneFound", { words }) : say("noneFoundFilter"));
  show(part("none-found"), !found.length);
}

/** While somebody points at a row or stands on one, the rows stay where they are. */
function steady(found) {
  const table = part("rows");
  const isUsed = table.matches(":hover") || table.contains(document.activeElement);
  if (!isUsed) return found;
  const places = new Map([...table.children].map((node, place) => [node, place]));
  const placeOf = (row) => places.get(rows.get(keyOf(row))?.node) ?? places.size;
  return found.toSorted((one, other) => placeOf(one) - placeOf(other));
}

// -- by keyboard ---------------------------------------------------------------------------------

function step(by) {
  const shown = [...part("rows").children];
  const here = shown.findIndex((node) => node.contains(document.activeElement));
  const next = here < 0 ? 0 : Math.max(0, Math.min(shown.length - 1, here + by));
  shown[next]?.focus();
  shown[next]?.scrollIntoView({ block: "nearest" });
}

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const { target, key } = event;
  const inSearch = target === part("search");
  if (key === "/" && !inSearch) part("search").focus();
  else if (key === "Escape" && (part("search").value || filter !== "all")) clear();
  else if (key === "ArrowDown" && (inSearch || part("rows").contains(target))) step(1);
  else if (key === "ArrowUp" && part("rows").contains(target)) step(-1);
  else if (key === "Enter" && target.matches("#rows tr")) target.querySelector(".more")?.click();
  else return;
  event.preventDefault();
}

function clear() {
  part("search").value = "";
  choose("all");
  drawMachines(page.fleet);
}

// -- the page ------------------------------------------------------------------------------------

function dress() {
  sayStatic(document);
  const other = part("language");
  other.textContent = say("switchTo");
  other.lang = language() === "sv" ? "en" : "sv";
  write(part("who"), desk.session ? say("signedIn", desk.session) : "");
  show(part("sign-out"), Boolean(desk.session));
  part("search").placeholder = say("searchLike");
  mark(part("filters"), "aria-label", say("filters"));
  mark(part("scroll"), "aria-label", say("machinesTable"));
  part("columns").replaceChildren(...heads());
  document.title = `${say("fleetTitle")} – Portvakt`;
}

async function start() {
  dress();
  write(part("first"), say("fleetWait"));
  try {
    if (!(await desk.begin())) return write(part("first"), say("p_not_allowed"));
  } catch (refused) {
    if (!refused.reason) throw refused;
    if (refused.status === 401) return toSignIn();
    return write(part("first"), whyNot(refused));
  }
  page.may = desk.session.role === "office";
  dress();
  await look();
  setInterval(look, EVERY_MS);
  setInterval(tellContact, EVERY_MS / 2);
  return null;
}

part("search").addEventListener("input", () => drawMachines(page.fleet));
part("language").addEventListener("click", () => {
  speak(part("language").lang);
  dress();
  rows.clear();
  part("rows").replaceChildren();
  if (page.fleet) draw();
  tellContact();
});
part("sign-out").addEventListener("click", () => {
  desk.api.signOut().then(toSignIn, (refused) => (refused.status === 401 ? toSignIn() : desk.notice(whyNot(refused))));
});
part("older").addEventListener("click", () => {
  page.showsOlder = !page.showsOlder;
  drawReleases(page, page.fleet);
});
part("undo").addEventListener("click", () => desk.undo());
addEventListener("keydown", pressed);
start();
