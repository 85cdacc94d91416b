// Releases and rings: which ring wants which, how far it is, and what the office may do about it.

import { date, dayTime } from "../clock.js";
import { askWord, choose, sure } from "../dialogs.js";
import { el, keyed, mark, show, write } from "../dom.js";
import { nameOf, short } from "./fleet_rows.js";
import { text } from "./parts.js";
import { say, sayDo } from "./words.js";

const SHOWN = 1;

/** Draw the newest releases, and each that a ring wants. */
export function drawReleases(page, fleet) {
  const wanted = new Set(fleet.rings.map(({ release }) => release));
  const matters = ({ release }, place) => place < SHOWN || wanted.has(release);
  const rows = fleet.releases.filter((one, place) => page.showsOlder || matters(one, place));
  keyed(page.releases, rows, (one) => one.release, () => releaseRow(page));
  const older = fleet.releases.filter((one, place) => !matters(one, place)).length;
  show(page.noRelease, !fleet.releases.length);
  show(page.older, older > 0);
  write(page.older, page.showsOlder ? say("olderHide") : say("olderShow", { n: older }));
}

function releaseRow(page) {
  const name = el("h4");
  const digest = el("span", { className: "digest" });
  const about = text("what", "");
  const halted = el("p", { className: "halted" }, el("strong"), " ", el("span"));
  const rings = el("ol", { className: "rings", role: "list" });
  const title = el("div", { className: "release-name" }, name, digest);
  const node = el("li", {}, el("div", { className: "words" }, title, halted, about), rings);
  let now = null;
  const onward = el("button", { type: "button", "data-stand": "" });
  onward.addEventListener("click", () => release(page, now));
  const stop = el("button", { type: "button" });
  stop.addEventListener("click", () => (now.halted_at ? resume(page, now) : halt(page, now)));
  if (page.may) node.append(el("p", { className: "deeds" }, onward, stop));
  const update = (one) => {
    now = one;
    write(name, short(one.release));
    write(digest, one.release.slice(short(one.release).length));
    write(about, say("forPlatforms", { platforms: one.platforms.join(", ") || "–", when: date(one.added_at) }));
    show(halted, Boolean(one.halted_at));
    if (one.halted_at) write(halted.firstChild, say("haltedSince", { when: dayTime(one.halted_at) }));
    write(halted.lastChild, whyHalted(one.why));
    mark(node, "data-halted", one.halted_at ? "" : null);
    keyed(rings, page.fleet.rings, ({ ring }) => ring, () => ringChip(() => now));
    const next = nextRing(page.fleet, one);
    show(onward, Boolean(next) && !one.halted_at);
    // To go back to an older one is possible too, and not what a hand should fall on.
    onward.classList.toggle("main", one.release === page.fleet.releases[0].release);
    if (next) write(onward, say("releaseTo", { ring: say(`ring_${next.ring}`) }));
    write(stop, say(one.halted_at ? "doResume" : "doHalt"));
    show(stop, Boolean(one.halted_at) || page.fleet.rings.some((ring) => ring.release === one.release));
  };
  return { node, update };
}

/** Central's own two reasons in the person's language; what a person or a machine wrote stays as it is. */
function whyHalted(why) {
  const [, name, more] = /^(.+?) went back from it(?:: (.+))?$/.exec(why) ?? [];
  if (name) return more ? say("haltBackWhy", { name, why: more }) : say("haltBack", { name });
  const [, names] = /^(.+) have not been heard since they began it$/.exec(why) ?? [];
  if (names) return say("haltSilent", { names });
  return why === "a person halted it" ? say("haltByHand") : why;
}

function ringChip(releaseOf) {
  const name = el("strong");
  const many = el("span", { className: "many" });
  const node = el("li", {}, name, many);
  const update = (ring) => {
    const wants = ring.release === releaseOf().release;
    mark(node, "data-wants", wants ? "" : null);
    write(name, say(`ring_${ring.ring}`));
    write(many, wants && ring.machines ? say("runsOn", ring) : stationsOf(ring));
    mark(node, "title", say(wants ? "ringHas" : "ringHasNot", { ring: say(`ring_${ring.ring}`) }));
  };
  return { node, update };
}

function stationsOf({ stations }) {
  if (!stations.length) return say("ringEmpty");
  return stations.length === 1 ? say("ringStation") : say("ringStations", { n: stations.length });
}

/** The first ring that does not want it; one without stations has nothing to try, and is passed. */
function nextRing({ rings }, { release }) {
  const left = rings.filter((ring) => ring.release !== release);
  return left.find(({ stations }) => stations.length) ?? left.at(-1) ?? null;
}

// -- what the office may do ----------------------------------------------------------------------

async function release(page, { release: name }) {
  const next = nextRing(page.fleet, { release: name });
  const ring = say(`ring_${next.ring}`);
  const more = say("sureReleaseMore", { stations: stationsOf(next), machines: next.machines });
  if (!(await sure(say("sureRelease", { release: short(name), ring }), more, say("doRelease")))) return;
  await page.desk.once(`release ${name}`, async () => {
    const { rings } = await page.desk.api.ask("/fleet/release", { release: name, ring: next.ring });
    const names = rings.map((one) => say(`ring_${one}`)).join(", ");
    const back = () => page.desk.api.ask("/fleet/take-back", { release: name, rings }).then(() => page.draw());
    if (rings.length) page.desk.notice(say("didRelease", { release: short(name), rings: names }), back);
    else page.desk.notice(say("didReleaseNothing"));
    await page.draw();
  });
}

async function halt(page, { release: name }) {
  const why = await askWord({
    title: say("sureHalt", { release: short(name) }),
    label: say("haltWhy"),
    ok: sayDo("haltIt"),
    before: [text("", say("sureHaltMore"))],
    check: (words) => (words ? "" : say("reasonMissing")),
  });
  if (!why) return;
  await page.desk.once(`halt ${name}`, async () => {
    await page.desk.api.ask("/fleet/halt", { release: name, why });
    const back = () => page.desk.api.ask("/fleet/resume", { release: name }).then(() => page.draw());
    page.desk.notice(say("didHalt", { release: short(name) }), back);
    await page.draw();
  });
}

async function resume(page, { release: name, why }) {
  const meant = await sure(say("sureResume", { release: short(name) }), say("sureResumeMore", { why: whyHalted(why).replace(/\.$/, "") }), sayDo("resumeIt"));
  if (!meant) return;
  await page.desk.once(`resume ${name}`, async () => {
    await page.desk.api.ask("/fleet/resume", { release: name });
    const back = () => page.desk.api.ask("/fleet/halt", { release: name, why }).then(() => page.draw());
    page.desk.notice(say("didResume", { release: short(name) }), back);
    await page.draw();
  });
}

/** What may be done about one machine: let it stay where it is, or follow its ring, or move its station. */
export async function change(page, row) {
  const ring = say(`ring_${row.ring}`);
  const pin = row.pinned
    ? { value: "unpin", words: say("unpinIt"), note: say("unpinIt_note", { ring }) }
    : { value: "pin", words: say("pinHere", { release: short(row.release) }), note: say("pinHere_note"), possible: Boolean(row.release) };
  const move = { value: "move", words: say("moveRing", row), note: say("moveRing_note", { ring }) };
  const chosen = await choose(nameOf(row), [pin, move]);
  if (chosen === "move") await moveRing(page, row);
  if (chosen === "pin") await stay(page, row);
  if (chosen === "unpin") await pinTo(page, row, null, row.pinned);
}

async function stay(page, row) {
  const words = { name: nameOf(row), release: short(row.release) };
  if (await sure(say("surePin", words), say("surePinMore"), sayDo("pinIt"))) await pinTo(page, row, row.release, null);
}

/** Pin a machine at `release`, or let it go with null; undo brings `before` back. */
function pinTo(page, row, release, before) {
  const path = `/stations/${encodeURIComponent(row.station)}/devices/${encodeURIComponent(row.device)}`;
  const put = (to) => (to ? page.desk.api.ask(`${path}/pin`, { release: to }) : page.desk.api.ask(`${path}/unpin`, {}));
  return page.desk.once(`pin ${row.device}`, async () => {
    await put(release);
    const words = { name: nameOf(row), release: short(release) };
    page.desk.notice(say(release ? "didPin" : "didUnpin", words), () => put(before).then(() => page.draw()));
    await page.draw();
  });
}

async function moveRing(page, row) {
  const rings = page.fleet.rings.map(({ ring }) => ({ value: ring, words: say(`ring_${ring}`), note: say(`ring_${ring}_note`), possible: ring !== row.ring }));
  const chosen = await choose(say("pickRing", row), rings);
  if (!chosen) return;
  const put = (ring) => page.desk.api.ask(`/stations/${encodeURIComponent(row.station)}/ring`, { ring });
  await page.desk.once(`ring ${row.station}`, async () => {
    await put(chosen);
    const words = { station: row.station, ring: say(`ring_${chosen}`) };
    page.desk.notice(say("didRing", words), () => put(row.ring).then(() => page.draw()));
    await page.draw();
  });
}
