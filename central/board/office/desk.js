// The page as a whole: who is signed in, at which station, and what became of a press.

import { Api, toSignIn } from "../api.js";
import { setZone } from "../clock.js";
import { show, write } from "../dom.js";
import { knows, language, say } from "./words.js";

const NOTICE_MS = 15_000;
const UNDO_MS = 60_000;
const part = (id) => document.getElementById(id);

export class Desk {
  api = new Api();
  session = null;
  facts = null;
  #noticed = 0;
  #undoing = null;
  #busy = new Set();

  /** Learn who is signed in: a new session has another value to send back. */
  async renew() {
    this.session = await this.api.ask("/session");
    this.api.csrf = this.session.csrf;
  }

  /** Learn the same, and about which station this page is; false when they have none. */
  async begin() {
    await this.renew();
    const asked = new URLSearchParams(location.search).get("station");
    const { stations } = this.session;
    const station = stations.includes(asked) ? asked : stations[0];
    if (!station) return false;
    this.path = `/stations/${encodeURIComponent(station)}`;
    this.facts = await this.ask("/facts");
    setZone(this.facts.time_zone);
    return true;
  }

  /** GET below the station, or POST `body`. */
  ask(path, body, method) {
    return this.api.ask(this.path + path, body, method);
  }

  door(bay) {
    return this.facts.doors.find((one) => one.bay === bay)?.door ?? bay;
  }

  /** One line at the foot of the page, which moves nothing; with `undo` a button that takes it back. */
  notice(words, undo = null) {
    clearTimeout(this.#noticed);
    this.#undoing = undo;
    write(part("notice"), undo ? "" : words);
    write(part("undo-words"), undo ? words : "");
    show(part("undo-bar"), Boolean(undo));
    if (words) this.#noticed = setTimeout(() => this.notice(""), undo ? UNDO_MS : NOTICE_MS);
  }

  async undo() {
    const undoing = this.#undoing;
    if (!undoing) return;
    this.notice("");
    await this.once("undo", async () => {
      await undoing();
      this.notice(say("undoneOffice"));
    });
  }

  /**
   * Do `deed` unless `key` is being done already, and say at the foot what was refused, unless `said` has said
   * it in a better place.  Gives what the deed gave, null when it was refused.
   */
  async once(key, deed, said = () => false) {
    if (this.#busy.has(key)) return null;
    this.#busy.add(key);
    try {
      return (await deed()) ?? true;
    } catch (refused) {
      if (!refused.reason) throw refused;
      if (refused.status === 401) toSignIn();
      if (refused.reason === "set_password_first") location.assign("/password");
      if (!said(refused)) this.notice(whyNot(refused));
      return null;
    } finally {
      this.#busy.delete(key);
    }
  }
}

const SAYS_MORE = ["value_refused", "person_refused", "bad_request", "not_allowed", "not_found"];

/** Why central refused.  Its own sentence says more than ours, but it speaks English only. */
export function whyNot({ reason, problem }) {
  const known = knows(`p_${reason}`);
  if (problem.detail && (!known || (language() === "en" && SAYS_MORE.includes(reason)))) return problem.detail;
  return say(known ? `p_${reason}` : "p_broken");
}
