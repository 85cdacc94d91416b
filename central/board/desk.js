// The desk puts a plate in the line for somebody who walked in.

import { lockAll } from "./buttons.js";
import { toSignIn } from "./api.js";
import { el, keyed, show, write } from "./dom.js";
import { display } from "./plate.js";
import { elsewhereWords, kindName, stateName } from "./say.js";
import { did } from "./undo.js";
import { say, sayOr } from "./words.js";

const form = document.getElementById("desk");
const answer = document.getElementById("desk-answer");
const input = form.elements.plate;
const kinds = form.elements.kind;
const another = document.getElementById("another");
const ANSWER_MS = 10_000;
const ORDINARY = "full";
const OPEN = new Set(["waiting", "parked", "called", "in_bay"]);

/** UUID version 7 (RFC 9562): the id is made here, so that a repeated press is the same arrival. */
export function uuid7(atMs = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let at = 0; at < 6; at += 1) bytes[at] = Math.floor(atMs / 2 ** (8 * (5 - at))) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const makeKind = (kind) => {
  const node = el("option", { value: kind });
  return { node, update: () => write(node, kindName(kind)) };
};

export function drawDesk(queue) {
  const known = new Set(queue?.bays.flatMap((bay) => bay.kinds));
  // The ordinary kind comes first, so that it is what Enter sends.
  const offered = [ORDINARY, ...known].filter((kind, at, all) => (known.has(kind) || !known.size) && all.indexOf(kind) === at);
  keyed(kinds, offered, (kind) => kind, makeKind);
}

// The ordinary kind stands there by itself: then a booking, or the last inspection, tells what it is.
const chosen = () => (kinds.value === ORDINARY ? undefined : kinds.value);

// One id per plate, kind and vehicle until it was answered: after a lost answer, Enter again cannot make two arrivals.
let pending = null;

function arrival(plate, kind, second) {
  const same = pending?.plate === plate && pending.kind === kind && Boolean(pending.another) === second;
  if (!same) pending = { id: uuid7(), plate, kind, ...(second ? { another: true } : {}) };
  return pending;
}

/** Where the vehicle stands now, and where else it is booked. */
export const standingWords = (standing) => [whereWords(standing), elsewhereWords(standing)].filter(Boolean).join(" ");

function whereWords(standing) {
  const fill = { plate: display(standing.plate), place: standing.place, state: stateName(standing.state) };
  if (standing.state === "held") return say("deskHeld", fill);
  if (standing.state !== "waiting") return say("deskThere", fill);
  if (!standing.place) return say("deskIn", fill);
  if (standing.reopened) return say("deskReopened", fill);
  return say(standing.again ? "deskAgain" : "deskPlaced", fill);
}

export function refusalWords({ reason, problem, message }) {
  return sayOr(`refused_${problem.refusal}`, sayOr(`p_${reason}`, message));
}

let told = 0;

// The plate and kind of a vehicle that is here already: a second one may bear the same number.
let twin = null;

// A refusal and a question stand until something is done about them.
function tell(words, refused, asked = null) {
  clearTimeout(told);
  twin = asked;
  show(another, Boolean(asked));
  if (words && !refused && !asked) told = setTimeout(clearAnswer, ANSWER_MS);
  write(answer, words);
  answer.dataset.refused = refused;
  input.setAttribute("aria-invalid", refused);
}

/** What was said of the last plate is over at the next deed. */
export const clearAnswer = () => tell("", false);

function submit(board) {
  const plate = input.value.trim();
  if (board.contact.stale) return tell(say("p_stale"), true);
  return plate ? send(board, arrival(plate, chosen(), false)) : tell(say("plateMissing"), true);
}

async function send(board, sent) {
  try {
    const standing = await board.api.ask(`${board.path}/arrivals`, sent);
    pending = null;
    // Somebody may have begun the next plate while this one was on its way.
    if (input.value.trim() === sent.plate) input.value = "";
    tell(standingWords(standing), false, standing.again && OPEN.has(standing.state) ? sent : null);
    if (!standing.again && standing.state === "waiting") did(board, "arrive", standing);
    await board.contact.refresh();
  } catch (refused) {
    if (!refused.reason) throw refused;
    if (refused.status === 401) toSignIn();
    if (refused.reason === "id_reused") pending = null;
    tell(refusalWords(refused), true, sent.another ? sent : null);
  }
  return lockAll(board.contact.stale);
}

export function startDesk(board) {
  input.addEventListener("input", clearAnswer);
  another.addEventListener("click", () => {
    input.focus();
    if (board.contact.stale) tell(say("p_stale"), true, twin);
    else send(board, arrival(twin.plate, twin.kind, true));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(board);
  });
}

export const goToDesk = () => input.focus();
