// Who saw personal data on a day.  The newest stands on top.

import { time } from "../clock.js";
import { el, keyed, mark, show, write } from "../dom.js";
import { button, field, head, list, none } from "./parts.js";
import { say, sayOr } from "./words.js";

const DAY_MS = 86_400_000;
// Ids are for machines; a masked plate is for people.
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-/;

export async function looks(desk, room) {
  const today = dayOf(desk, Date.now());
  const day = el("input", { type: "date", value: today, max: today });
  const who = el("select", {});
  const rows = list("looks-list");
  const empty = none("looksEmpty");
  let found = [];
  const draw = () => fill({ found, who, rows, empty });
  const fetchDay = async () => {
    found = await desk.ask(`/looks?day=${day.value}`);
    offer(who, found);
    draw();
  };
  const change = () => desk.once("looks", fetchDay);
  const step = (by) => {
    const next = isoDay(Date.parse(day.value || today) + by * DAY_MS);
    if (next > today) return null;
    day.value = next;
    return change();
  };
  day.addEventListener("change", () => day.value && change());
  who.addEventListener("change", draw);
  const before = button("dayBefore", () => step(-1));
  const after = button("dayAfter", () => step(1));
  const asked = el("div", { className: "asked" }, field("day", day), before, after, field("person", who));
  room.append(head("looks", "looksLead"), asked, rows, empty);
  await fetchDay();
}

const isoDay = (ms) => new Date(ms).toISOString().slice(0, 10);

/** The station's own day; Swedish dates are written as ISO 8601 wants them. */
const dayOf = ({ facts }, ms) =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: facts.time_zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(ms);

function offer(who, found) {
  const names = [...new Set(found.map((look) => look.person))].sort((one, other) => one.localeCompare(other));
  const chosen = names.includes(who.value) ? who.value : "";
  who.replaceChildren(...["", ...names].map((name) =>
    el("option", { value: name, textContent: name || say("everybody"), selected: name === chosen })));
}

function fill({ found, who, rows, empty }) {
  const shown = found.filter((look) => !who.value || look.person === who.value)
    .sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  keyed(rows, shown, (look) => `${look.at} ${look.person} ${look.what} ${look.about}`, lookRow);
  show(empty, !shown.length);
}

function lookRow() {
  const at = el("time");
  const person = el("strong");
  const what = el("span", { className: "what" });
  const times = el("span", { className: "age" });
  const node = el("li", {}, at, el("div", { className: "words" }, person, what), times);
  const update = (look) => {
    mark(at, "datetime", look.at);
    write(at, time(look.at));
    write(person, look.person);
    write(what, whatWords(look));
    write(times, look.times > 1 ? say("looksTimes", { n: look.times }) : "");
  };
  return { node, update };
}

function whatWords({ what, about }) {
  const words = sayOr(`look_${what}`, what);
  return about && !ID.test(about) ? say("looksAbout", { what: words, about }) : words;
}
