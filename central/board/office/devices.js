// Posts and signs: how each is, in words, and what a technician may do about it.

import { dayTime, date } from "../clock.js";
import { choose, sure } from "../dialogs.js";
import { el, keyed, mark, show, write } from "../dom.js";
import { doorInText } from "../say.js";
import { askCode } from "./device_codes.js";
import { button, head, heading, list, none, steps, text } from "./parts.js";
import { knows, say, sayDo } from "./words.js";

const FITTERS = ["technician", "office"];
const AGAIN_MS = 10_000;
const LOOKS_AGAIN = 90;

/** Fill the tab; who may only look gets no buttons. */
export async function devices(desk, room) {
  const may = FITTERS.includes(desk.session.role);
  const clones = el("div", { className: "clones" });
  const rows = list("devices-list");
  const empty = none("devicesEmpty");
  const codes = list("codes");
  const waiting = el("section", {}, heading("codesOpen"), codes);
  const shown = { desk, may, clones, rows, empty, codes, waiting };
  const draw = () => refresh(shown);
  shown.draw = draw;
  const news = may ? [button("deviceNew", () => askCode(desk, draw), { className: "main" })] : [];
  room.append(head("devices", "devicesLead", ...news), clones, rows, empty, waiting);
  await draw();
  watch(room, draw);
}

/** Look again while somebody waits for a device to be heard; not for ever, so that a session can grow old. */
function watch(room, draw) {
  let turns = LOOKS_AGAIN;
  const timer = setInterval(() => {
    turns -= 1;
    if (room.isConnected && turns > 0) draw().catch(() => {});
    else clearInterval(timer);
  }, AGAIN_MS);
}

async function refresh(shown) {
  const { desk, may, clones, rows, empty, codes, waiting } = shown;
  const [found, open] = await Promise.all([desk.ask("/devices"), may ? desk.ask("/devices/codes") : []]);
  keyed(clones, found.filter((one) => one.cloned_at), (one) => one.id, () => cloneCard(shown));
  keyed(rows, found, (one) => one.id, () => deviceRow(shown));
  keyed(codes, open, (one) => one.handle, () => codeRow(shown, found));
  show(empty, !found.length);
  show(waiting, open.length > 0);
}

// -- one device ----------------------------------------------------------------------------------

function deviceRow(shown) {
  const name = el("h3");
  const what = text("what", "");
  const says = el("ul", { className: "says", role: "list" });
  const more = text("what", "");
  const node = el("li", {}, el("div", { className: "words" }, name, what, says, more));
  let device = null;
  const change = button("manage", () => manage(shown, device));
  if (shown.may) node.append(change);
  const update = (now) => {
    device = now;
    write(name, now.name);
    write(what, kindOf(shown.desk, now));
    keyed(says, saysOf(now), ({ words }) => words, sentence);
    write(more, quietly(now));
    mark(change, "aria-label", say("manageOf", now));
  };
  return { node, update };
}

function sentence() {
  const node = el("li");
  const update = ({ level, words }) => {
    mark(node, "data-level", level);
    write(node, words);
  };
  return { node, update };
}

function kindOf(desk, { role, bay, lists }) {
  if (role !== "sign") return say("role_post");
  if (bay) return say("signAt", { door: doorInText(desk.door(bay)) });
  const doors = lists.map((one) => doorInText(desk.door(one))).join(", ");
  return doors ? say("signListing", { doors }) : say("signInYard");
}

/** What is wrong, the worst first; one quiet sentence when nothing is. */
function saysOf(device) {
  if (!device.heard_at) return [{ level: "quiet", words: say("heardNever") }];
  const when = dayTime(device.heard_at);
  const told = device.cloned_at ? [{ level: "act", words: say("cloneShort") }] : [];
  if (device.silent) told.push({ level: "act", words: say("heardNotSince", { when }) });
  for (const { part, reason } of device.faults) {
    const what = knows(`fault_${part}`) ? say(`fault_${part}`) : say("faultOther", { part });
    const large = what[0].toUpperCase() + what.slice(1);
    told.push({ level: "look", words: reason ? say("faultWhy", { what: large, why: reason }) : say("fault", { what: large }) });
  }
  const n = device.heartbeat?.outbox?.refused ?? 0;
  if (n) told.push({ level: "look", words: say(n === 1 ? "waitsOne" : "waitsMany", { n }) });
  return told.length ? told : [{ level: "good", words: say("heardAt", { when }) }];
}

function quietly({ heartbeat, token_at: tokenAt, rotating }) {
  const told = [
    heartbeat?.release ? say("release", heartbeat) : "",
    tokenAt ? say("tokenSince", { when: date(tokenAt) }) : "",
  ];
  const line = told.filter(Boolean).join(" · ");
  return [line, rotating ? say("takesNew") : ""].filter(Boolean).join(". ");
}

// -- two machines with one card ------------------------------------------------------------------

function cloneCard(shown) {
  const title = el("h3");
  const what = text("", "");
  let device = null;
  const deeds = el("p", { className: "deeds" });
  if (shown.may) {
    deeds.append(
      button("deviceReplace", () => askCode(shown.desk, shown.draw, device)),
      button("deviceOneAgain", () => oneAgain(shown, device)),
    );
  }
  const todo = steps(say("cloneStep1"), say("cloneStep2"));
  const node = el("section", { className: "alert" }, title, what, todo, text("or", say("cloneOr")), deeds);
  const update = (now) => {
    device = now;
    write(title, say("cloneTitle", now));
    const goesOn = say(now.role === "sign" ? "cloneSign" : "clonePost");
    write(what, `${say("cloneWhat", { when: dayTime(now.cloned_at) })} ${goesOn}`);
  };
  return { node, update };
}

// -- what may be done ----------------------------------------------------------------------------

const DEEDS = {
  deviceReplace: (shown, device) => askCode(shown.desk, shown.draw, device),
  deviceRotate: rotate,
  deviceOneAgain: oneAgain,
  deviceRevoke: revoke,
};

async function manage(shown, device) {
  // Of two machines with one key nobody knows which would get a new one.
  const never = device.cloned_at ? "deviceRotate" : "deviceOneAgain";
  const offered = Object.keys(DEEDS).filter((key) => key !== never);
  const items = offered.map((key) => ({ value: key, words: say(key), note: say(`${key}_note`), danger: key === "deviceRevoke" }));
  const chosen = await choose(device.name, items);
  return chosen ? DEEDS[chosen](shown, device) : null;
}

/** Do `verb` to the device and say that it is done. */
function done({ desk, draw }, device, verb, said) {
  return desk.once(`${verb} ${device.id}`, async () => {
    await desk.ask(`/devices/${device.id}/${verb}`, {});
    desk.notice(say(said, device));
    await draw();
  });
}

function rotate(shown, device) {
  return done(shown, device, "rotate", "didRotate");
}

function oneAgain(shown, device) {
  return done(shown, device, "one-again", "didOneAgain");
}

async function revoke(shown, device) {
  const meant = await sure(say("sureRevoke", device), say("sureRevokeMore"), sayDo("deviceRevoke"), "danger");
  return meant ? done(shown, device, "revoke", "didRevoke") : null;
}

// -- codes that wait -----------------------------------------------------------------------------

function codeRow({ desk, may, draw }, found) {
  const name = el("h3");
  const about = text("what", "");
  const node = el("li", {}, el("div", { className: "words" }, name, about));
  let code = null;
  const back = button("withdraw", () => desk.once(`withdraw ${code.handle}`, async () => {
    await desk.ask(`/devices/codes/${code.handle}`, undefined, "DELETE");
    desk.notice(say("didWithdraw", code));
    await draw();
  }));
  if (may) node.append(back);
  const update = (now) => {
    code = now;
    const old = found.find((one) => one.id === now.replaces)?.name ?? now.replaces;
    write(name, old ? say("codeReplaces", { name: now.name, old }) : now.name);
    const what = kindOf(desk, { lists: [], ...now });
    write(about, say("codeAbout", { what, handle: now.handle, when: dayTime(now.expires_at), n: now.tries_left }));
    mark(back, "aria-label", say("withdrawOf", now));
  };
  return { node, update };
}
