// The push from central, and how old our picture is.  A picture that may be wrong must never look right.

import { heardTime, nowMs } from "./clock.js";
import { toSignIn } from "./api.js";

// A stream that broke is doubted sooner than one that is merely silent.
export const STALE_AFTER_MS = { silence: 20_000, breaking: 5_000 };
const REOPEN_AFTER_MS = 5_000;
const SILENT_MS = 35_000; // two heartbeats and a little: a dead cable does not close a stream
const RETRY_MS = 2_000;
const REPAIR_MS = 60_000; // one slow question a minute repairs a lost hint and renews the waits
const GAP_MS = 200;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Time since a moment by both clocks, so that neither a sleep nor a set clock can make old news look new. */
class Moment {
  wall = Date.now();
  mono = performance.now();
  station = nowMs();
  get ageMs() {
    return Math.max(Date.now() - this.wall, performance.now() - this.mono);
  }
}

const seqOf = (cursor) => Number(cursor.slice(cursor.lastIndexOf("-") + 1));
const epochOf = (cursor) => cursor.slice(0, cursor.lastIndexOf("-"));
const covers = (cursor, id) => !id || (epochOf(cursor) === epochOf(id) && seqOf(cursor) >= seqOf(id));

/** Keeps one `queue` up to date; calls `onChange` after every newer one and when the stream breaks. */
export class Contact {
  queue = null;
  /** Whether the line is kept by a computer in its hall: then this central never has a picture of it. */
  elsewhere = false;
  #api;
  #path;
  #onChange;
  #source = null;
  #opened = new Moment();
  #heard = new Moment();
  #known = null;
  #broke = null;
  #began = new Moment();
  #asked = new Moment();
  #newest = "";
  #running = null;
  #next = null;

  constructor(api, station, onChange) {
    this.#api = api;
    this.#path = `/stations/${encodeURIComponent(station)}`;
    this.#onChange = onChange;
    this.#open();
  }

  /** When the picture was last known to be whole: null before the first one. */
  get known() {
    return this.#known;
  }

  /** When the stream broke; null while it is whole. */
  get broke() {
    return this.#broke;
  }

  get stale() {
    return (this.#known ?? this.#began).ageMs > STALE_AFTER_MS.silence
      || (this.#broke?.ageMs ?? 0) > STALE_AFTER_MS.breaking;
  }

  #open() {
    this.#source?.close();
    this.#opened = new Moment();
    this.#heard = new Moment();
    this.#source = new EventSource(`${this.#api.root}${this.#path}/events`);
    this.#source.addEventListener("error", () => this.#lost());
    this.#source.addEventListener("snapshot", ({ data }) => this.#whole(JSON.parse(data)));
    this.#source.addEventListener("event", ({ lastEventId }) => this.#changed(lastEventId));
    this.#source.addEventListener("heartbeat", ({ data }) => this.#beat(JSON.parse(data)));
  }

  // Every try that fails is an error too; the first one is when we lost it.
  #lost() {
    this.#broke ??= new Moment();
    this.#onChange();
  }

  // Every stream begins with a snapshot, so this is the proof that it works again.
  #whole(queue) {
    this.#broke = null;
    this.#take(queue);
    this.#onChange();
  }

  #take(queue) {
    this.#heard = new Moment();
    const late = this.queue && epochOf(queue.cursor) === epochOf(this.queue.cursor)
      && seqOf(queue.cursor) < seqOf(this.queue.cursor);
    if (late) return; // an answer that was overtaken by a newer one
    heardTime(queue.as_of);
    this.queue = queue;
    if (epochOf(queue.cursor) !== epochOf(this.#newest)) this.#newest = queue.cursor;
    this.#confirm();
    this.#onChange();
  }

  #changed(id) {
    this.#heard = new Moment();
    if (id) this.#newest = id;
    this.refresh();
  }

  #beat({ now }) {
    this.#heard = new Moment();
    if (now) heardTime(now);
    this.#confirm();
  }

  /** A heartbeat proves our picture only if no event has been told that the picture does not hold yet. */
  #confirm() {
    if (this.queue && covers(this.queue.cursor, this.#newest)) this.#known = new Moment();
  }

  /** Fetch the queue anew.  All who ask while one question is under way share the next one. */
  refresh() {
    this.#next ??= (this.#running ?? Promise.resolve()).then(() => this.#fetch());
    return this.#next;
  }

  async #fetch() {
    this.#running = this.#next;
    this.#next = null;
    await pause(Math.max(0, GAP_MS - this.#asked.ageMs));
    this.#asked = new Moment();
    try {
      this.#take(await this.#api.ask(`${this.#path}/queue`));
    } catch (refused) {
      if (refused.status === 401) toSignIn();
      this.elsewhere = refused.reason === "line_elsewhere";
    }
  }

  /** To be called every second: mends what a lost hint, a dead cable or a refusal left behind. */
  watch() {
    const owed = this.queue && !covers(this.queue.cursor, this.#newest);
    const asked = this.#asked.ageMs;
    if (owed ? asked > RETRY_MS : this.queue && asked > REPAIR_MS) this.refresh();
    const closed = this.#source.readyState === EventSource.CLOSED;
    // A stream does not say why it was refused; the question does.
    if (closed && !this.queue && !this.#running) this.refresh();
    if ((closed || this.#heard.ageMs > SILENT_MS) && this.#opened.ageMs > REOPEN_AFTER_MS) this.#reopen();
  }

  async #reopen() {
    this.#opened = new Moment();
    try {
      const session = await this.#api.ask("/session");
      this.#api.csrf = session.csrf;
    } catch (refused) {
      if (refused.status === 401) toSignIn();
      return;
    }
    this.#open();
  }
}
