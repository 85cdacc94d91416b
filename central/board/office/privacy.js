// Personal data: how long what is kept, and what a customer may ask for, about one plate.

import { dayTime } from "../clock.js";
import { leave, open, answer } from "../dialogs.js";
import { el, mark } from "../dom.js";
import { runsLine } from "../may.js";
import { display, drawn } from "../plate.js";
import { whyNot } from "./desk.js";
import { exportPage } from "./export.js";
import { button, field, head, heading, text } from "./parts.js";
import { say } from "./words.js";

const COUNTED = ["visits", "arrivals", "bookings", "inspections", "help_calls"];

export async function privacy(desk, room) {
  const keeping = el("div");
  const page = el("div", { className: "export-place" });
  room.append(head("privacy", "privacyLead"), onePlate(desk, page, () => keep(desk, keeping)), page, keeping);
  await keep(desk, keeping);
}

async function keep(desk, place) {
  const kept = await desk.ask("/privacy");
  const pairs = [
    ["keepPlates", say("keepAfterVisit", { n: kept.plates_days })],
    ["keepRecheck", say("keepAfterVisit", { n: kept.recheck_days })],
    ["keepNames", say("keepDays", { n: kept.names_days })],
    ["keepLooks", say("keepDays", { n: kept.looks_days })],
    ["keepTimes", say("keepForever")],
  ];
  const facts = pairs.flatMap(([key, words]) => [el("dt", { textContent: say(key) }), el("dd", { textContent: words })]);
  const erased = kept.erased_at ? say("keptAt", { when: dayTime(kept.erased_at) }) : say("keptNever");
  place.replaceChildren(heading("keepTitle"), el("dl", { className: "keeping" }, ...facts), text("what", erased));
}

function onePlate(desk, page, draw) {
  const input = el("input", { name: "plate", maxLength: 24, autocapitalize: "characters", spellcheck: false, autocomplete: "off" });
  const wrong = el("p", { className: "missing", role: "alert" });
  const asked = () => {
    const plate = input.value.trim();
    wrong.textContent = plate ? "" : say("oneMissing");
    mark(input, "aria-invalid", plate ? null : "true");
    if (!plate) input.focus();
    return plate;
  };
  const show = button("exportDo", () => {}, { className: "main" });
  show.type = "submit";
  const erase = button("eraseDo", () => asked() && eraseOne(desk, page, wrong, asked(), draw), { className: "danger" });
  const form = el("form", { className: "one-plate", noValidate: true, autocomplete: "off" }, field("plateOne", input), show, erase);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (asked()) exportOne(desk, page, wrong, asked());
  });
  return el("section", {}, heading("oneTitle"), text("what", say("oneMore")), form, wrong);
}

/** Say a refusal beside the field; what is said there is not said at the foot as well. */
const beside = (desk, wrong, plate) => (refused) => {
  const isOpen = refused.reason === "wrong_state";
  wrong.textContent = isOpen ? say(runsLine(desk.session) ? "eraseOpen" : "eraseOpenAsk", { plate: display(plate.toUpperCase()) }) : whyNot(refused);
  return true;
};

async function exportOne(desk, page, wrong, plate) {
  page.replaceChildren();
  const found = await desk.once("export", () => desk.ask("/privacy/export", { plate }), beside(desk, wrong, plate));
  if (!found) return;
  page.replaceChildren(exportPage(desk, found, () => page.replaceChildren()));
  page.querySelector("h3").focus();
}

async function eraseOne(desk, page, wrong, plate, draw) {
  const shown = drawn();
  shown.update(plate.toUpperCase());
  const body = ["eraseGoes", "eraseStays", "eraseNever"].map((key) => text("", say(key)));
  const meant = await open({
    title: [say("sureErase"), shown.node],
    body: [el("div", { className: "spaced" }, ...body)],
    buttons: [leave(), answer("yes", say("erase"), { className: "danger" })],
  });
  if (meant !== "yes") return;
  const erased = await desk.once("erase", () => desk.ask("/privacy/erase", { plate }), beside(desk, wrong, plate));
  if (!erased) return;
  const did = el("p", { className: "did", role: "status" });
  page.replaceChildren(did);
  // Written after it stands there, so that a screen reader says it.
  did.textContent = didWords(erased, display(plate.toUpperCase()));
  await draw();
}

function didWords(erased, plate) {
  const counts = COUNTED.filter((key) => erased[key]).map((key) => say(`n_${key}`, { n: erased[key] }));
  const told = [counts.length ? say("didErase", { plate, what: counts.join(", ") }) : say("didEraseNothing", { plate })];
  if (erased.bookings_to_come) told.push(say("eraseStayed", { n: erased.bookings_to_come }));
  if (counts.length) told.push(say("eraseBackups"));
  return told.join(" ");
}
