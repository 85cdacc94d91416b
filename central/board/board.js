// The board: one page for the people who run the yard.  It is pushed to, and it says how old its picture is.

import { Api, toSignIn } from "./api.js";
import { drawBays } from "./bays.js";
import { lockAll } from "./buttons.js";
import { nowMs, setZone, stopAt, time, timeWithSeconds } from "./clock.js";
import { Contact } from "./contact.js";
import { press } from "./deeds.js";
import { clearAnswer, drawDesk, startDesk } from "./desk.js";
import { drawDevices } from "./devices.js";
import { showKeys } from "./dialogs.js";
import { el, mark, show, write } from "./dom.js";
import { drawHeld } from "./held.js";
import { drawHelp } from "./help.js";
import { startKeys } from "./keys.js";
import { drawLine } from "./line.js";
import { offer } from "./may.js";
import { hoursWords } from "./say.js";
import { drawUndo, startUndo } from "./undo.js";
import { drawYardSigns } from "./yard_signs.js";
import { language, say, sayStatic, speak } from "./words.js";

const NOTICE_MS = 12_000;
const NOT_YET = { queue: null, known: null, broke: null, stale: false };
const part = (id) => document.getElementById(id);

class Board {
  api = new Api();
  contact = NOT_YET;
  session = null;
  path = "";
  #noticed = 0;

  get queue() {
    return this.contact.queue;
  }

  /** The visit's row as the board has it now; undefined when it is open no longer. */
  row(visit) {
    return this.queue?.line.find((one) => one.visit === visit);
  }

  async start() {
    this.draw();
    const session = await this.#whoWeAre();
    this.api.csrf = session.csrf;
    this.session = session;
    const station = chosenStation(session);
    if (!station) return this.notice(say("p_not_allowed"));
    this.path = `/stations/${encodeURIComponent(station)}`;
    offerStations(session, station);
    this.contact = new Contact(this.api, station, () => {
      if (this.queue) setZone(this.queue.time_zone);
      this.draw();
    });
    this.draw();
    return setInterval(() => this.#tick(), 1_000);
  }

  /** Ask who we are until somebody answers: a board that is started before central must come up by itself. */
  async #whoWeAre() {
    for (;;) {
      try {
        return await this.api.ask("/session");
      } catch (refused) {
        if (refused.status === 401) {
          toSignIn();
          await new Promise(() => {});
        }
        this.contact = { ...NOT_YET, stale: true };
        this.draw();
        await new Promise((done) => setTimeout(done, 2_000));
      }
    }
  }

  #tick() {
    this.contact.watch();
    this.draw();
  }

  draw() {
    const { queue, contact } = this;
    stopAt(contact.stale && contact.known ? contact.known.station : null);
    drawHelp(this);
    drawBays(this);
    drawYardSigns(this);
    drawLine(this);
    drawDesk(queue);
    drawHeld(this);
    drawDevices(this);
    drawTop(this, queue);
    drawContact(contact);
    drawUndo(this);
    lockAll(contact.stale || !queue);
    offer(this);
  }

  /** One line at the foot of the page, which moves nothing else; "" takes it away. */
  notice(words) {
    write(part("notice"), words);
    clearTimeout(this.#noticed);
    if (words) this.#noticed = setTimeout(() => this.notice(""), NOTICE_MS);
  }
}

function chosenStation({ stations }) {
  const asked = new URLSearchParams(location.search).get("station");
  return stations.includes(asked) ? asked : stations[0];
}

function offerStations({ stations, names = {} }, chosen) {
  const select = part("station");
  select.replaceChildren(...stations.map((one) => el("option", { value: one, textContent: names[one] ?? one, selected: one === chosen })));
  show(part("station-label"), stations.length > 1);
  select.addEventListener("change", () => {
    const address = new URL(location.href);
    address.searchParams.set("station", select.value);
    location.assign(address);
  });
}

function drawTop({ session, contact }, queue) {
  const help = queue?.help.filter((row) => !row.acknowledged_by).length ?? 0;
  write(part("name"), queue?.name ?? "Portvakt");
  show(part("sign-out"), Boolean(session));
  show(part("find"), Boolean(session));
  drawOffice(session);
  write(part("hours"), queue && !contact.stale ? hoursWords(queue) : "");
  write(part("who"), session ? say("signedIn", { name: session.name }) : "");
  const title = [help ? say("helpOpen", { n: help }) : "", queue?.name ?? say("title"), "Portvakt"];
  write(document.querySelector("title"), title.filter(Boolean).join(" – "));
}

// Whoever only runs the line has nothing to do there but to change their password.
function drawOffice(session) {
  const link = part("office");
  show(link, Boolean(session));
  if (!session) return;
  write(link, say(session.role === "staff" ? "ownPassword" : "toOffice"));
  mark(link, "href", `/office?${new URLSearchParams({ station: part("station").value })}`);
}

function drawContact(contact) {
  const { known } = contact;
  const stale = contact.stale || contact.elsewhere;
  document.body.classList.toggle("stale", stale);
  document.body.classList.toggle("unknown", !known);
  write(part("contact-words"), contactWords(contact));
  const alarm = stale ? say("noContact") : "";
  write(part("alarm"), contact.elsewhere ? say("p_line_elsewhere") : alarm);
}

function contactWords({ stale, known, broke, elsewhere }) {
  if (broke && known && !stale) return say("broke", { time: timeWithSeconds(broke.station) });
  if (elsewhere) return say("p_line_elsewhere");
  if (!stale) return known ? `${say("live")} · ${time(nowMs())}` : say("loading");
  if (!known) return `${say("noContact")} ${say("nothingKnown")}`;
  const knew = say("knew", { time: timeWithSeconds(known.station) });
  const seconds = Math.floor(known.ageMs / 1000);
  const age = seconds < 120 ? say("secondsAgo", { n: seconds }) : say("minutesAgo", { n: Math.floor(seconds / 60) });
  return `${knew} — ${age}. ${say("noContact")}`;
}

function dress() {
  sayStatic(document);
  const other = part("language");
  other.textContent = say("switchTo");
  other.lang = language() === "sv" ? "en" : "sv";
}

const board = new Board();
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-deed]");
  if (!button) return;
  clearAnswer();
  press(board, button);
});
part("language").addEventListener("click", () => {
  speak(part("language").lang);
  dress();
  // What was answered in the other language is not said again in this one.
  clearAnswer();
  board.notice("");
  board.draw();
});
part("sign-out").addEventListener("click", () => {
  board.api.signOut().then(toSignIn, ({ status }) => (status === 401 ? toSignIn() : board.notice(say("p_no_contact"))));
});
part("keys").addEventListener("click", () => showKeys(board));
dress();
startDesk(board);
startKeys(board);
startUndo(board);
board.start();
