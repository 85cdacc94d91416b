// The doors: who is called or inside, and what each sign was told, sent and confirmed.

import { allow, deedButton, menuButton, pictureButton } from "./buttons.js";
import { lasting, time } from "./clock.js";
import { el, keyed, mark, show, standOn, write } from "./dom.js";
import { display, drawn } from "./plate.js";
import {
  bayState, calledAt, doorInText, doorName, isNoShowDue, isOffered, isOverdue, kindName, mayCall, nextFor, rowsAt, takesCalls,
} from "./say.js";
import { signSays } from "./sign.js";
import { runsLine } from "./may.js";
import { say } from "./words.js";

const cards = document.getElementById("bay-cards");
const none = document.getElementById("bays-none");

// Inside, the deeds stand at the right: nothing takes the place of Drove in, so that a double press does not do both.
const SHOWN = {
  enter: ({ state }) => state === "called",
  recall: ({ state }) => state === "called",
  "put-back": ({ state }) => state === "called",
  "no-show": (row) => row.state === "called" && isNoShowDue(row),
  finish: ({ state }) => state === "in_bay",
};

function makeOccupant({ visit }) {
  const id = `bay-${visit}`;
  const plate = drawn("button", { type: "button", id, "data-deed": "timeline", "data-visit": visit, "data-stand": "" });
  const state = el("strong", { className: "state" });
  const age = el("span", { className: "age" });
  const marks = { "data-visit": visit, "aria-describedby": id };
  const buttons = Object.keys(SHOWN).map((deed) => deedButton(deed, `do_${deed}`, marks));
  const more = menuButton(marks);
  const words = el("div", { className: "words" }, state, age);
  const deeds = el("div", { className: "deeds" }, ...buttons);
  const node = el("li", { className: "occupant", "data-visit": visit }, plate.node, words, more, deeds);
  const update = (row) => {
    plate.update(row.plate);
    mark(plate.node, "title", say("openTimeline", { plate: display(row.plate) }));
    mark(node, "data-state", row.state);
    mark(node, "data-offered", row.state === "called" && isOffered(row) ? "" : null);
    write(state, stateWords(row));
    write(age, lasting(since(row)));
    standOn(node, plate.node, () => buttons.forEach((button) => show(button, SHOWN[button.dataset.deed](row))));
  };
  return { node, update };
}

const since = (row) => (row.state === "in_bay" ? row.in_bay_at : row.called_at) ?? row.arrived_at;

function stateWords(row) {
  const when = { time: time(since(row)), n: row.calls };
  if (row.state === "in_bay") return say("inBay", when);
  return say(row.calls > 1 ? "calledAgain" : "called", when);
}

function makeHead(bay, { session }) {
  const door = el("h3", { id: `door-${bay}` });
  const kinds = el("span", { className: "kinds" });
  const deed = { type: "button", "data-deed": "bay-state", "data-bay": bay, "aria-haspopup": "dialog" };
  const state = runsLine(session) ? el("button", { className: "bay-state", ...deed }) : el("span", { className: "bay-state" });
  const node = el("header", {}, door, kinds, state);
  const update = (one) => {
    write(door, doorName(one.door));
    write(state, bayState(one));
    mark(state, "data-state", one.state);
    mark(state, "data-overdue", isOverdue(one) ? "" : null);
    mark(state, "title", runsLine(session) ? say("bayChange", { door: doorName(one.door) }) : null);
    write(kinds, one.kinds.map(kindName).join(", ") || say("takesNothing"));
  };
  return { node, update };
}

// "Call next" stands where a called car's own words will stand, so that a double press hits no other deed.
function makeRoom(bay) {
  const free = el("span", { className: "free", "data-say": "free", textContent: say("free") });
  const whom = el("span");
  const words = el("span", { "data-say": "callNext", textContent: say("callNext") });
  const call = el("button", { type: "button", "data-deed": "call-next", "data-bay": bay }, words, " ", whom);
  const node = el("div", { className: "room" }, free, call);
  const update = (one, queue, here) => {
    const row = nextFor(queue, one);
    show(free, !here.length && takesCalls(one));
    show(call, mayCall(queue, one));
    write(whom, row ? display(row.plate) : "");
    mark(call, "title", row ? null : say("noneForBay"));
    allow(call, Boolean(row));
  };
  return { node, update };
}

function makeSign(bay) {
  const words = el("span");
  const seen = deedButton("seen-dark", "seenDark", { "data-bay": bay });
  const picture = pictureButton();
  const node = el("p", { className: "sign" }, words, " ", seen, picture.node);
  const update = (one, called) => {
    const says = signSays(one, called);
    mark(node, "data-level", says.level);
    write(words, says.words);
    mark(words, "title", one.sign?.fault || null);
    mark(node, "data-step", says.step);
    show(seen, one.holds_frame || one.held_on.length > 0);
    picture.update(one.sign?.device, say("pictureAt", { door: doorInText(one.door) }));
  };
  return { node, update };
}

function makeCard({ bay }, board) {
  const head = makeHead(bay, board);
  const sign = makeSign(bay);
  const inside = el("ul", { className: "inside", role: "list" });
  const room = makeRoom(bay);
  const props = { className: "bay", "aria-labelledby": `door-${bay}`, "data-bay": bay };
  const node = el("article", props, head.node, inside, room.node, sign.node);
  const update = (one) => {
    const here = rowsAt(board.queue, one);
    head.update(one);
    keyed(inside, here, (row) => row.visit, makeOccupant);
    // "Call next" goes when somebody is called: the person then stands on whom they have called.
    const called = inside.querySelector("[data-stand]");
    standOn(node, called ?? head.node.lastChild, () => room.update(one, board.queue, here));
    sign.update(one, calledAt(board.queue, one));
  };
  return { node, update };
}

export function drawBays(board) {
  const bays = board.queue?.bays ?? [];
  keyed(cards, bays, (bay) => bay.bay, (bay) => makeCard(bay, board));
  show(none, !bays.length);
  write(none, say(board.queue ? "noBays" : "loading"));
}

/** Go to the door with this number: to what may be done there now. */
export function goToDoor(board, number) {
  const bay = board.queue?.bays.find((one) => one.door === number);
  const card = bay && [...cards.children].find((one) => one.dataset.bay === bay.bay);
  card?.querySelector(".deeds button:not([hidden]), .room button:not([hidden]), header button")?.focus();
}

/** Press "call next" at the door that the person is on, else at the only free one; among several, go to the first. */
export function callNextHere(board) {
  const able = [...cards.querySelectorAll("[data-deed=call-next]:not([hidden], [aria-disabled])")];
  const here = able.find((button) => button.closest(".bay").contains(document.activeElement));
  if (here ?? able.length === 1) (here ?? able[0]).click();
  else if (able.length) able[0].focus();
  else board.notice(say(board.contact.stale ? "p_stale" : "noFreeBay"));
}
