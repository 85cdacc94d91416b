// Changing the order: before whom, and why.  Whoever is passed by it reads the reason on the row.

import { askReason } from "./dialogs.js";
import { el } from "./dom.js";
import { display } from "./plate.js";
import { say, sayDo } from "./words.js";

const REASONS = ["reasonPromised", "reasonUrgent", "reasonAgreed"];

/** Ask where `row` shall stand and why; null when the person left. */
export async function askOrder({ queue }, row) {
  const places = el("select", { name: "before" }, ...options(queue, row));
  const where = el("label", {}, el("span", { textContent: say("orderWhere") }), places);
  const title = say("orderOf", { plate: display(row.plate) });
  const reason = await askReason(title, sayDo("do_override"), REASONS.map((key) => say(key)), { before: [where] });
  if (!reason) return null;
  return places.value ? { reason, before: places.value } : { reason };
}

function options({ line }, row) {
  const waiting = line.filter((other) => other.state === "waiting");
  const here = waiting.findIndex((other) => other.visit === row.visit);
  // Before oneself, and before the one behind, is where one stands already.
  const others = waiting.filter((_, at) => here < 0 || (at !== here && at !== here + 1));
  const before = others.map((other) =>
    el("option", { value: other.visit, textContent: say("orderBefore", { place: other.place, plate: display(other.plate) }) }));
  return [...before, el("option", { value: "", textContent: say("orderLast") })];
}
