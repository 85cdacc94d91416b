// Tokens of other systems, such as the one that books: what each may do, until when, and whether it is used.

import { date, dayTime, nowMs } from "../clock.js";
import { sure } from "../dialogs.js";
import { el, keyed, mark, show, write } from "../dom.js";
import { button, choices, chosenOf, field, form, head, heading, list, none, once, options, text } from "./parts.js";
import { say, sayDo, sayOr } from "./words.js";

const SCOPES = ["bookings:read", "bookings:write"];
const DAYS = ["30", "90", "365", "730"];
const USUAL_DAYS = "365";

export async function tokens(desk, room) {
  const rows = list();
  const past = list("past");
  const over = el("section", {}, heading("tokensPast"), past);
  const empty = none("tokensEmpty");
  const draw = async () => {
    const found = await desk.ask("/tokens");
    const makeRow = () => tokenRow(desk, draw);
    keyed(rows, found.filter(isValid), (one) => one.id, makeRow);
    keyed(past, found.filter((one) => !isValid(one)), (one) => one.id, makeRow);
    show(over, !found.every(isValid));
    show(empty, !found.some(isValid));
  };
  room.append(head("tokens", "tokensLead", button("tokenNew", () => make(desk, draw), { className: "main" })), rows, empty, over);
  await draw();
}

const isValid = (token) => !token.revoked_at && Date.parse(token.expires_at) > nowMs();

const scopeWords = (scopes) => scopes.map((scope) => sayOr(`scope_${scope}`, scope)).join(" · ");

function tokenRow(desk, draw) {
  const name = el("h3");
  const what = text("what", "");
  const says = el("p", { className: "says" });
  const made = text("what", "");
  const node = el("li", {}, el("div", { className: "words" }, name, what, says, made));
  let token = null;
  const end = button("tokenRevoke", () => revoke(desk, draw, token), { className: "danger" });
  node.append(end);
  const update = (now) => {
    token = now;
    write(name, now.name);
    write(what, scopeWords(now.scopes));
    write(says, `${lastsWords(now)} ${now.last_used_at ? say("tokenUsed", { when: dayTime(now.last_used_at) }) : say("tokenUnused")}`);
    write(made, say("tokenBy", { when: date(now.created_at), by: now.created_by }));
    mark(node, "data-off", isValid(now) ? null : "");
    mark(end, "aria-label", say("tokenRevokeOf", now));
    show(end, isValid(now));
  };
  return { node, update };
}

function lastsWords(token) {
  if (token.revoked_at) return say("tokenRevoked", { when: date(token.revoked_at) });
  return say(isValid(token) ? "tokenState" : "tokenOver", { when: date(token.expires_at) });
}

async function revoke(desk, draw, token) {
  if (!(await sure(say("sureToken", token), say("sureTokenMore"), sayDo("tokenRevoke"), "danger"))) return;
  await desk.once(`token ${token.id}`, async () => {
    await desk.ask(`/tokens/${token.id}/revoke`, {});
    desk.notice(say("didToken", token));
    await draw();
  });
}

async function make(desk, draw) {
  const name = el("input", { name: "name", maxLength: 64, autocomplete: "off", autofocus: true });
  const scopes = choices("checkbox", "scopes", "scopes", SCOPES.map((scope) => [scope, scopeWords([scope])]), SCOPES);
  const days = el("select", { name: "days" }, ...options(DAYS.map((n) => [n, say(`days${n}`)]), USUAL_DAYS));
  const check = () => {
    if (!name.value.trim()) return [say("nameMissing"), name];
    return chosenOf(scopes).length ? ["", null] : [say("scopesMissing"), scopes.querySelector("input")];
  };
  const body = [field("tokenName", name), scopes, field("tokenDays", days)];
  if (!(await form({ title: say("tokenNewTitle"), body, ok: say("tokenMake"), check }))) return;
  const words = { name: name.value.trim(), scopes: chosenOf(scopes), days: Number(days.value) };
  const made = await desk.once("token", () => desk.ask("/tokens", words));
  if (!made) return;
  await draw();
  await showToken(made);
}

function showToken({ row, token }) {
  const shown = el("p", { className: "token", textContent: token });
  const lasts = text("what", `${say("tokenState", { when: date(row.expires_at) })} ${say("onlyNow")}`);
  return once({ title: say("tokenFor", row), shown, after: [lasts, text("", say("tokenHow"))] });
}
