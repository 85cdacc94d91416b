// What stands on a sign, dot by dot, as it says it has sent it: for whoever cannot see the door.

import { explain, toSignIn } from "./api.js";
import { dayTime, timeWithSeconds } from "./clock.js";
import { answer, leave, open } from "./dialogs.js";
import { el, mark, show, write } from "./dom.js";
import { calledAt, doorInText } from "./say.js";
import { signSays } from "./sign.js";
import { say } from "./words.js";

const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 250;
const SVG = "http://www.w3.org/2000/svg";
// A panel that nobody has told us about is drawn as long as most are.
const BLANK = { width_px: 64, height_px: 8, columns: [] };

/** Ask a sign what stands on it, and show it; whoever waits sees that, and whether it did not answer. */
export function openPicture(board, device) {
  const parts = makeParts();
  const again = answer("", say("pictureAgain"), { type: "button" });
  again.addEventListener("click", () => ask(board, device, parts));
  const body = [parts.panel, el("div", { className: "tells" }, parts.said, parts.proof)];
  const closed = open({ title: titleOf(board, device), body, buttons: [again, leave("close")], className: "wide picture" });
  parts.again = again;
  ask(board, device, parts);
  return closed;
}

const bayOf = ({ queue }, device) => queue?.bays.find(({ sign }) => sign?.device === device);

const signOf = (board, device) =>
  bayOf(board, device)?.sign ?? board.queue?.yard_signs?.find((one) => one.device === device);

function titleOf(board, device) {
  const bay = bayOf(board, device);
  return bay ? say("pictureOf", { door: doorInText(bay.door) }) : (signOf(board, device)?.name ?? device);
}

function makeParts() {
  const panel = el("div", { className: "panel", role: "img" });
  const said = el("p", { className: "said", role: "status" });
  const proof = el("p", { className: "proof", "data-level": "quiet" });
  return { panel, said, proof, turn: 0 };
}

/** One question and its answer; a newer question, or a closed dialog, ends an older one. */
async function ask(board, device, parts) {
  const turn = (parts.turn += 1);
  const isOver = () => turn !== parts.turn || !parts.panel.isConnected;
  draw(parts, null);
  write(parts.said, say("pictureAsking"));
  show(parts.again, false);
  const told = await answered(board, device, isOver).catch((refused) => refusal(refused));
  if (isOver()) return;
  tell(board, device, parts, told);
  show(parts.again, true);
}

/** `{picture}`, or nothing when the sign has not answered in time. */
async function answered(board, device, isOver) {
  const path = `${board.path}/signs/${device}/picture`;
  const began = performance.now();
  // A question that met a stream between two connections, or whose answer went by, is asked once more.
  for (const untilMs of [PATIENCE_MS / 2, PATIENCE_MS]) {
    if (isOver()) break;
    await board.api.ask(path, {});
    while (performance.now() - began < untilMs && !isOver()) {
      const picture = await board.api.ask(path);
      if (picture) return { picture };
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    }
  }
  return {};
}

function refusal(refused) {
  if (!refused.reason) throw refused;
  if (refused.status === 401) toSignIn();
  return { refused };
}

function tell(board, device, parts, { picture, refused }) {
  const bay = bayOf(board, device);
  draw(parts, picture ?? null);
  write(parts.said, refused ? `${say("pictureLost")} ${explain(refused)}` : picture ? sentWords(picture) : silence(board, device));
  // What was sent is one thing; whether the panel shows it, the sign's own line says.
  const says = picture && bay ? signSays(bay, calledAt(board.queue, bay)) : { level: null, words: "" };
  mark(parts.proof, "data-level", says.level);
  write(parts.proof, says.words);
}

function sentWords({ at, whole, columns }) {
  const isDark = columns.every((column) => !column);
  const told = [say("pictureSent", { time: timeWithSeconds(at) })];
  if (!whole) told.push(say("pictureHalf"));
  if (isDark) told.push(say("pictureDark"));
  return told.join(" ");
}

function silence(board, device) {
  const heard = signOf(board, device)?.beat_at;
  const last = heard ? say("pictureHeard", { time: dayTime(heard) }) : say("pictureNever");
  return `${say("pictureNone", { n: PATIENCE_MS / 1000 })} ${last}`;
}

function draw({ panel }, picture) {
  const { width_px: width, height_px: height, columns } = picture ?? BLANK;
  const lit = dots(width, height, (x, y) => isLit(columns[x] ?? 0, y));
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  svg.append(make("path", { class: "off", d: path(dots(width, height, () => true)) }), make("path", { class: "on", d: path(lit) }));
  panel.replaceChildren(svg);
  panel.classList.toggle("empty", !picture);
  panel.setAttribute("aria-label", picture ? say(lit.length ? "pictureLit" : "pictureDark", { width, height, n: lit.length }) : say("pictureAsking"));
}

// Bit 0 is the top dot.  Panels may have more rows than the bits of a JavaScript shift.
const isLit = (column, y) => Math.floor(column / 2 ** y) % 2 === 1;

function dots(width, height, isOn) {
  const found = [];
  for (let x = 0; x < width; x += 1) for (let y = 0; y < height; y += 1) if (isOn(x, y)) found.push([x, y]);
  return found;
}

// A line without length and with round ends is a dot.
const path = (found) => found.map(([x, y]) => `M${x + 0.5} ${y + 0.5}h0`).join("");

function make(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
