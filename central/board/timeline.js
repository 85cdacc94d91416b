// What happened to one visit, and everything that we said to the customer, oldest first.

import { timeWithSeconds } from "./clock.js";
import { leave, open } from "./dialogs.js";
import { el } from "./dom.js";
import { display } from "./plate.js";
import { eventWords } from "./say.js";
import { say } from "./words.js";

function factRow(event, queue, plate) {
  return el(
    "li",
    {},
    el("time", { dateTime: event.at, textContent: timeWithSeconds(event.at) }),
    el("span", { textContent: eventWords(event, queue, plate) }),
    el("span", { className: "actor", textContent: event.actor }),
  );
}

async function fill(list, note, board, visit, plate) {
  try {
    const events = await board.api.ask(`${board.path}/visits/${visit}/timeline`);
    list.replaceChildren(...events.map((event) => factRow(event, board.queue, plate)));
    note.textContent = events.length ? "" : say("timelineEmpty");
  } catch {
    note.textContent = say("timelineLost");
  }
}

export function openTimeline(board, visit, plate) {
  const list = el("ol", { className: "facts", role: "list" });
  const note = el("p", { textContent: say("loading"), role: "status" });
  fill(list, note, board, visit, plate);
  const title = say("timeline", { plate: display(plate) });
  return open({ title, body: [note, list], buttons: [leave("close")], wide: true });
}
