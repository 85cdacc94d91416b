// The office: devices, people, other systems, who looked, personal data, and one's own password.

import { toSignIn } from "../api.js";
import { el, mark, show, write } from "../dom.js";
import { Desk, whyNot } from "./desk.js";
import { devices } from "./devices.js";
import { halls } from "./halls.js";
import { looks } from "./looks.js";
import { button, text } from "./parts.js";
import { password } from "./password.js";
import { people } from "./people.js";
import { privacy } from "./privacy.js";
import { tokens } from "./tokens.js";
import { language, say, sayStatic, speak } from "./words.js";

const EVERYBODY = ["staff", "manager", "technician", "office"];
const IN_CHARGE = ["manager", "office"];
const TABS = [
  { id: "devices", may: ["technician", "office", "manager"], fill: devices },
  { id: "halls", may: ["technician", "office"], fill: halls },
  { id: "people", may: IN_CHARGE, fill: people },
  { id: "tokens", may: IN_CHARGE, fill: tokens },
  { id: "looks", may: IN_CHARGE, fill: looks },
  { id: "privacy", may: IN_CHARGE, fill: privacy },
  { id: "password", may: EVERYBODY, fill: password },
];

const part = (id) => document.getElementById(id);
const desk = new Desk();
let drawn = 0;

const mine = () => TABS.filter((tab) => tab.may.includes(desk.session?.role));

function current() {
  const asked = new URLSearchParams(location.search).get("tab");
  return mine().find((tab) => tab.id === asked) ?? mine()[0];
}

function address(tab) {
  const words = new URLSearchParams({ tab, station: desk.facts.station });
  return `/office?${words}`;
}

function drawTabs() {
  const chosen = current();
  const rows = mine().map((tab) => {
    const link = el("a", { href: address(tab.id), textContent: say(`tab_${tab.id}`) });
    mark(link, "aria-current", tab === chosen ? "page" : null);
    link.addEventListener("click", (event) => go(event, tab.id));
    return el("li", {}, link);
  });
  part("tabs").replaceChildren(...rows);
  mark(part("nav"), "aria-label", say("officeParts"));
  show(part("nav"), rows.length > 1);
}

function go(event, tab) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", address(tab));
  draw(true);
}

/** Draw the chosen tab; what an earlier press still fetches is dropped. */
async function draw(moved = false) {
  const turn = (drawn += 1);
  const tab = current();
  dress();
  if (!tab) return part("tab").replaceChildren(text("none", say("p_not_allowed")));
  drawTabs();
  desk.notice("");
  // Whoever pressed a link stands on its successor, which says what is shown now.
  if (moved) part("tabs").querySelector("[aria-current]")?.focus();
  const room = el("section", { className: tab.id, "aria-label": say(`tab_${tab.id}`) });
  part("tab").replaceChildren(text("none", say("wait")));
  try {
    await tab.fill(desk, room);
  } catch (refused) {
    if (!refused.reason) throw refused;
    if (refused.status === 401) return toSignIn();
    room.replaceChildren(text("none", `${say("lost")} ${whyNot(refused)}`), button("again", () => draw()));
  }
  if (turn === drawn) part("tab").replaceChildren(room);
  return room;
}

function dress() {
  sayStatic(document);
  const other = part("language");
  other.textContent = say("switchTo");
  other.lang = language() === "sv" ? "en" : "sv";
  write(part("name"), desk.facts?.name ?? "Portvakt");
  write(part("who"), desk.session ? say("signedIn", desk.session) : "");
  show(part("sign-out"), Boolean(desk.session));
  show(part("to-fleet"), ["technician", "office"].includes(desk.session?.role));
  const tab = desk.session && current();
  const title = [tab ? say(`tab_${tab.id}`) : "", desk.facts?.name ?? say("officeTitle"), "Portvakt"];
  document.title = title.filter(Boolean).join(" – ");
}

function offerStations() {
  const { stations, names = {} } = desk.session;
  const here = desk.facts.station;
  part("station").replaceChildren(
    ...stations.map((one) => el("option", { value: one, textContent: names[one] ?? one, selected: one === here })),
  );
  show(part("station-label"), stations.length > 1);
  part("station").addEventListener("change", ({ target }) => {
    const there = new URL(location.href);
    there.searchParams.set("station", target.value);
    location.assign(there);
  });
  part("to-board").href = `/board?${new URLSearchParams({ station: here })}`;
}

async function start() {
  dress();
  try {
    if (!(await desk.begin())) return part("tab").replaceChildren(text("none", say("p_not_allowed")));
  } catch (refused) {
    if (!refused.reason) throw refused;
    if (refused.status === 401) return toSignIn();
    return part("tab").replaceChildren(text("none", whyNot(refused)), button("again", start));
  }
  offerStations();
  return draw();
}

part("language").addEventListener("click", () => {
  speak(part("language").lang);
  draw();
});
part("sign-out").addEventListener("click", () => {
  desk.api.signOut().then(toSignIn, (refused) => (refused.status === 401 ? toSignIn() : desk.notice(whyNot(refused))));
});
part("undo").addEventListener("click", () => desk.undo());
addEventListener("popstate", () => draw());
start();
