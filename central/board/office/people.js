// Who may sign in at this station.  What the person who looks may not do is not offered.

import { dayTime, nowMs } from "../clock.js";
import { choose, sure } from "../dialogs.js";
import { el, keyed, mark, show, write } from "../dom.js";
import { button, choices, chosenOf, command, field, form, head, largeCode, list, none, once, steps, text } from "./parts.js";
import { say, sayDo, sayOr } from "./words.js";

// Nobody grants a role above their own.
const GRANTS = { manager: ["staff", "manager"], office: ["staff", "manager", "technician", "office"] };
const ALL = "*";

export async function people(desk, room) {
  const rows = list();
  const empty = none("peopleEmpty");
  const draw = async () => {
    const found = await desk.ask("/people");
    keyed(rows, found, (one) => one.id, () => personRow(desk, draw));
    show(empty, !found.length);
  };
  room.append(head("people", "peopleLead", button("personNew", () => invite(desk, draw), { className: "main" })), rows, empty);
  await draw();
}

const roleName = (role) => sayOr(`role_${role}`, role);

const isOneself = ({ session }, person) => person.name === session.name;

/** Whether the person who looks has every role and station that `person` has. */
function isWithin({ session }, { role, stations }) {
  const all = session.everywhere || stations.every((one) => session.stations.includes(one));
  return all && (GRANTS[session.role] ?? []).includes(role);
}

const isLocked = ({ locked_until: until }) => Boolean(until) && Date.parse(until) > nowMs();

function personRow(desk, draw) {
  const name = el("h3");
  const what = text("what", "");
  const says = el("p", { className: "says" });
  const node = el("li", {}, el("div", { className: "words" }, name, what, says));
  let person = null;
  const change = button("manage", () => manage(desk, draw, person));
  node.append(change);
  const update = (now) => {
    person = now;
    write(name, now.name);
    write(what, [roleName(now.role), stationsOf(desk, now), isOneself(desk, now) ? say("isYou") : ""].filter(Boolean).join(" · "));
    const [level, words] = stateOf(desk, now);
    write(says, words);
    mark(says, "data-level", level);
    mark(node, "data-off", now.disabled ? "" : null);
    mark(change, "aria-label", say("manageOf", now));
    show(change, !isOneself(desk, now) && isWithin(desk, now));
  };
  return { node, update };
}

function stationsOf({ session }, { stations }) {
  if (stations.includes(ALL)) return say("stationsAll");
  return stations.length > 1 || session.stations.length > 1 ? stations.map((one) => nameOf({ session }, one)).join(", ") : "";
}

function stateOf(desk, person) {
  if (person.disabled) return ["off", say("isDisabled")];
  if (isLocked(person)) {
    const told = say("isLocked", { when: dayTime(person.locked_until) });
    return ["look", isOneself(desk, person) || isWithin(desk, person) ? told : `${told} ${say("askOffice")}`];
  }
  if (person.has_password === false && !person.signs_in_elsewhere) return ["look", say("isInvited")];
  const seen = person.seen_at ? say("seenAt", { when: dayTime(person.seen_at) }) : say("seenNever");
  return ["quiet", person.signs_in_elsewhere ? `${say("isElsewhere")} ${seen}` : seen];
}

// -- what may be done ----------------------------------------------------------------------------

const DEEDS = { personRole: changeRole, personUnlock: unlock, personInvite: anew, personEnable: enable, personDisable: disable };

function offered(person) {
  const possible = {
    personRole: !person.disabled,
    personUnlock: isLocked(person),
    personInvite: !person.disabled && !person.signs_in_elsewhere,
    personEnable: person.disabled,
    personDisable: !person.disabled,
  };
  return Object.keys(DEEDS).filter((key) => possible[key]);
}

async function manage(desk, draw, person) {
  const items = offered(person).map((key) => ({ value: key, words: say(key), note: say(`${key}_note`) }));
  const chosen = await choose(person.name, items);
  return chosen ? DEEDS[chosen](desk, draw, person) : null;
}

/** Do `verb` to the person and say so; `back` is the verb that takes it back. */
function done(desk, draw, person, verb, said, back = null) {
  return desk.once(`${verb} ${person.id}`, async () => {
    await desk.ask(`/people/${person.id}/${verb}`, {});
    const undo = back && (async () => {
      await desk.ask(`/people/${person.id}/${back}`, {});
      await draw();
    });
    desk.notice(say(said, person), undo);
    await draw();
  });
}

function enable(desk, draw, person) {
  return done(desk, draw, person, "enable", "didEnable", "disable");
}

function unlock(desk, draw, person) {
  return done(desk, draw, person, "unlock", "didUnlock");
}

async function disable(desk, draw, person) {
  const meant = await sure(say("sureDisable", person), say("sureDisableMore", person), sayDo("personDisable"));
  return meant ? done(desk, draw, person, "disable", "didDisable", "enable") : null;
}

const nameOf = ({ session }, station) => session.names?.[station] ?? station;

/** The stations to choose from; all of them, with those to come, only for the office of all. */
function placesFor(desk, chosen, role) {
  const all = desk.session.everywhere ? [[ALL, say("stationsAllToo"), say("stationsAllToo_note")]] : [];
  const own = desk.session.stations.map((one) => [one, nameOf(desk, one)]);
  const places = choices("checkbox", "stations", "stationsOf", [...own, ...all], chosen);
  const fit = () => {
    const every = places.querySelector(`[value="${ALL}"]`);
    if (every) mark(every.closest("label"), "hidden", role() === "office" ? null : "");
    if (every && role() !== "office") every.checked = false;
    for (const input of places.querySelectorAll("input")) input.disabled = input !== every && Boolean(every?.checked);
  };
  places.addEventListener("change", fit);
  return { places, fit };
}

/** What was chosen: all is all, whatever else was. */
function placesOf(places) {
  const chosen = chosenOf(places);
  return chosen.includes(ALL) ? [ALL] : chosen;
}

const rolesFor = ({ session }) => (GRANTS[session.role] ?? []).map((role) => [role, roleName(role), sayOr(`role_${role}_note`, "")]);

async function changeRole(desk, draw, person) {
  const roles = choices("radio", "role", "roles", rolesFor(desk), [person.role]);
  // A station that is not listed here is one of others' that this person keeps.
  const several = desk.session.stations.length > 1 && !person.stations.includes(ALL);
  const own = desk.session.stations.map((one) => [one, nameOf(desk, one)]);
  const places = choices("checkbox", "stations", "stationsOf", own, person.stations);
  const check = () => (several && !chosenOf(places).length ? [say("stationsMissing"), places.querySelector("input")] : ["", null]);
  const body = several ? [roles, places] : [roles];
  if (!(await form({ title: say("roleTitle", person), body, ok: say("change"), check }))) return;
  const words = { role: chosenOf(roles)[0], ...(several ? { stations: chosenOf(places) } : {}) };
  await put(desk, draw, person, words);
}

function put(desk, draw, person, words) {
  const send = async (now) => {
    await desk.ask(`/people/${person.id}`, now, "PUT");
    await draw();
  };
  return desk.once(`role ${person.id}`, async () => {
    await send(words);
    const before = { role: person.role, ...(words.stations ? { stations: person.stations } : {}) };
    desk.notice(say("didRole", { name: person.name, role: roleName(words.role) }), () => send(before));
  });
}

// -- invitations ---------------------------------------------------------------------------------

async function invite(desk, draw) {
  const name = el("input", { name: "name", maxLength: 64, autocomplete: "off", autofocus: true });
  const roles = choices("radio", "role", "roles", rolesFor(desk), ["staff"]);
  const here = desk.facts.station;
  const { places, fit } = placesFor(desk, [here], () => chosenOf(roles)[0]);
  roles.addEventListener("change", fit);
  fit();
  const several = desk.session.everywhere || desk.session.stations.length > 1;
  const check = () => {
    if (!name.value.trim()) return [say("nameMissing"), name];
    return placesOf(places).length ? ["", null] : [say("stationsMissing"), places.querySelector("input")];
  };
  const where = several ? places : text("what", say("inviteAt", desk.facts));
  const asked = { title: say("personNewTitle"), body: [field("name", name), roles, where], ok: say("invite"), check };
  if (!(await form(asked))) return;
  const words = { name: name.value.trim(), role: chosenOf(roles)[0] };
  const stations = several ? placesOf(places) : [here];
  await give(desk, draw, await desk.once("invite", () => invited(desk, words, stations)));
}

/** An invitation is for the station of this page; to where else they come, they are let in right after. */
async function invited(desk, words, stations) {
  const invitation = await desk.ask("/people", words);
  if (stations.join() !== desk.facts.station) await desk.ask(`/people/${invitation.person.id}`, { stations }, "PUT");
  return invitation;
}

async function anew(desk, draw, person) {
  await give(desk, draw, await desk.once(`invite ${person.id}`, () => desk.ask(`/people/${person.id}/invite`, {})));
}

async function give(desk, draw, invitation) {
  if (!invitation) return;
  await draw();
  const { person, code, expires_at: until } = invitation;
  const address = command(`${location.origin}/login`);
  const second = say("inviteStep2", { ...person, way: say("haveCode") });
  const todo = steps(say("inviteStep1", person), [second, address], say("inviteStep3", person));
  const lasts = text("what", `${say("validUntil", { when: dayTime(until) })} ${say("onlyNow")}`);
  await once({ title: say("codeOfPerson", person), shown: largeCode(code), after: [lasts, todo] });
}
