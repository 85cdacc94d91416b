// Asking central, and what its refusals mean.

import { say, sayOr } from "./words.js";
import { display } from "./plate.js";

const PATIENCE_MS = 10_000;

// Some deeds are answered by nothing but "done".
async function read(answer) {
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

/** A refusal: `reason` is central's stable word, or `no_contact` when nobody answered. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.reason);
    this.status = status;
    this.reason = problem.reason;
    this.problem = problem;
  }
}

export class Api {
  csrf = "";
  root = "/v1";

  /** GET `path`, or POST `body` to it when one is given; `method` says another. */
  ask(path, body, method) {
    return this.#askAt(this.root + path, body, method);
  }

  /** POST `body`: what a deed was answered, `{}` where that is nothing but "done". */
  async tell(path, body) {
    return (await this.ask(path, body)) ?? {};
  }

  signOut() {
    return this.#askAt("/logout", {});
  }

  async #askAt(path, body, method) {
    const answer = await this.#send(path, body, method).catch(() => {
      throw new Refused(0, { reason: "no_contact" });
    });
    if (answer.ok) return read(answer);
    throw new Refused(answer.status, await answer.json().catch(() => ({ reason: "broken" })));
  }

  #send(path, body, method = body === undefined ? "GET" : "POST") {
    const headers = { Accept: "application/json" };
    const options = { headers, cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) };
    if (method === "GET") return fetch(path, options);
    headers["X-Portvakt-Csrf"] = this.csrf;
    if (body === undefined) return fetch(path, { ...options, method });
    headers["Content-Type"] = "application/json";
    return fetch(path, { ...options, method, body: JSON.stringify(body) });
  }
}

export function toSignIn() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Say in one line who was faster, or why not: `shown` is the row that was pressed, `now` the same one refreshed. */
export function explain(refused, shown, now) {
  const { reason, problem } = refused;
  if (reason === "bay_busy" && problem.plate) return say("p_bay_busy_by", { plate: display(problem.plate) });
  const why = problem.by ? say("busyBy", { name: problem.by }) : knownReason(refused);
  if (reason === "changed_meanwhile" && !shown && problem.plate) return `${why} ${say("nextNow", { plate: display(problem.plate) })}`;
  const state = now?.state ?? problem.state;
  if (!["changed_meanwhile", "wrong_state"].includes(reason) || !state || !shown) return why;
  return `${why} ${say("busyNow", { plate: display(shown.plate), state: sayOr(`state_${state}`, state) })}`;
}

function knownReason({ reason, message }) {
  return sayOr(`p_${reason}`, message || say("p_broken"));
}
