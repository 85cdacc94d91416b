// Everything about one visit: the vehicle, what was promised, and all that happened and was said, oldest first.

import { date, dayTime, timeWithSeconds } from "./clock.js";
import { leave, open } from "./dialogs.js";
import { el } from "./dom.js";
import { eventWords } from "./events.js";
import { outcomeWords } from "./finish.js";
import { runsLine } from "./may.js";
import { display, drawn } from "./plate.js";
import { doorName, endedWords, kindName, notes, reason, stateName, waitWindow } from "./say.js";
import { knows, say } from "./words.js";

const plateOf = (text) => {
  const plate = drawn();
  plate.update(text);
  return plate.node;
};

/** Open the sheet of a visit; `row` is it as the board or the search has it. */
export function openSheet(board, visit, row) {
  if (!row) return null;
  const list = el("ol", { className: "facts", role: "list" });
  const note = el("p", { className: "none", textContent: say("loading"), role: "status" });
  const vehicle = el("dl", { className: "vehicle" });
  const about = el("p", { className: "none", textContent: say("vehicleLooking"), role: "status" });
  // What the register says of a vehicle is for who runs the line.
  const mayVehicle = runsLine(board.session);
  if (mayVehicle) fillVehicle(vehicle, about, board, visit);
  fillTimeline(list, note, board, visit, row.plate);
  const head = [say("aboutOf"), plateOf(row.plate), ...(row.plate2 ? [plateOf(row.plate2)] : [])];
  const part = (key, ...body) => el("section", {}, el("h3", { textContent: say(key) }), ...body);
  const body = [standing(board, row), ...(mayVehicle ? [part("vehicle", about, vehicle)] : []), part("timeline", note, list)];
  return open({ title: head, body, buttons: [leave("close")], className: "wide sheet" });
}

function standing({ queue }, row) {
  const door = queue?.bays.find((one) => one.bay === row.bay)?.door;
  const where = row.ended_at ? endedWords(row) : [stateName(row.state), door ? doorName(door) : ""].filter(Boolean).join(", ");
  const turn = row.state === "waiting" ? say("sheetTurn", { place: row.place ?? "–", turn: waitWindow(row) }) : "";
  const told = [where, kindName(row.kind), turn].filter(Boolean).join(" · ");
  const chips = notes({ ...row, plate2: null }).map(({ level, words }) => el("li", { "data-level": level, textContent: words }));
  const lines = [el("p", { className: "now", textContent: told }), el("p", { className: "why", textContent: reason(row) })];
  return el("div", { className: "standing" }, ...lines, el("ul", { className: "notes", role: "list" }, ...chips));
}

async function fillVehicle(list, about, board, visit) {
  try {
    const vehicle = await board.api.ask(`${board.path}/visits/${visit}/vehicle`);
    const facts = vehicleFacts(vehicle);
    list.replaceChildren(...facts.flatMap(([key, text]) => [el("dt", { textContent: say(key) }), el("dd", { textContent: text })]));
    about.textContent = registerWords(vehicle.register, facts.length);
  } catch {
    about.textContent = say("vehicleLost");
  }
}

// The register being silent is said, because "nothing known" would be a claim about the vehicle.
function registerWords(register, known) {
  if (knows(`register_${register}`)) return say(`register_${register}`);
  return known ? "" : say("vehicleNothing");
}

function vehicleFacts(vehicle) {
  const { make, model, year, colour, owner, remark, last, bookings } = vehicle;
  const car = [make, model, year, colour].filter(Boolean).join(" ");
  const others = (bookings ?? []).map(bookingWords).join(", ");
  const facts = [
    ["factCar", car], ["factOwner", owner], ["factRemark", remark],
    ["factLast", last ? say("lastTime", { when: date(last.at), kind: kindName(last.kind), outcome: outcomeWords(last.outcome) }) : ""],
    ["factBookings", others],
  ];
  return facts.filter(([, text]) => text);
}

const bookingWords = ({ slot_at: slot, kind, cancelled }) =>
  say(cancelled ? "bookingCancelled" : "bookingAt", { when: dayTime(slot), kind: kindName(kind) });

function factRow(event, queue, plate) {
  return el(
    "li",
    {},
    el("time", { dateTime: event.at, title: date(event.at), textContent: timeWithSeconds(event.at) }),
    el("span", { textContent: eventWords(event, queue, plate) }),
    el("span", { className: "actor", textContent: event.actor }),
  );
}

async function fillTimeline(list, note, board, visit, plate) {
  try {
    const events = await board.api.ask(`${board.path}/visits/${visit}/timeline`);
    list.replaceChildren(...events.map((event) => factRow(event, board.queue, plate)));
    note.textContent = events.length ? "" : say("timelineEmpty");
  } catch {
    note.textContent = say("timelineLost");
  }
}
