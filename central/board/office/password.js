// One's own password.  Typed once, and looked at instead of typed twice (NIST SP 800-63B-4 section 3.1.1.2).

import { el } from "../dom.js";
import { whyNot } from "./desk.js";
import { button, field, head } from "./parts.js";
import { say } from "./words.js";

const SHORTEST = 12;
const LONGEST = 512;

export async function password(desk, room) {
  const old = secret("current-password");
  const fresh = secret("new-password");
  const wrong = el("p", { className: "missing", role: "alert" });
  const see = el("input", { type: "checkbox" });
  see.addEventListener("change", () => {
    for (const input of [old, fresh]) input.type = see.checked ? "text" : "password";
  });
  const whose = { type: "text", autocomplete: "username", value: desk.session.name };
  // For the browser's own keeper of passwords, which wants to know whose it is.
  const name = el("input", { ...whose, className: "unseen", tabIndex: -1, readOnly: true, "aria-hidden": "true" });
  const change = button("passwordChange", () => {}, { className: "main" });
  change.type = "submit";
  const show = el("label", { className: "pick" }, see, el("span", { textContent: say("passwordShow") }));
  const fields = [name, field("passwordOld", old), field("passwordNew", fresh), show];
  const form = el("form", { className: "narrow", noValidate: true }, ...fields, wrong, change);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(desk, { old, fresh, wrong });
  });
  room.append(head("password", "passwordLead"), form);
}

const secret = (autocomplete) => el("input", { type: "password", autocomplete, maxLength: LONGEST, spellcheck: false });

function missing({ old, fresh }) {
  if (!old.value) return [say("passwordOldMissing"), old];
  return [...fresh.value].length < SHORTEST ? [say("passwordShort", { n: SHORTEST }), fresh] : ["", null];
}

function refusedWords(refused) {
  if (refused.reason !== "value_refused") return whyNot(refused);
  return say(refused.problem.path?.endsWith("old") ? "passwordWrong" : "passwordEasy");
}

async function submit(desk, fields) {
  const { old, fresh, wrong } = fields;
  const [words, at] = missing(fields);
  for (const input of [old, fresh]) input.removeAttribute("aria-invalid");
  wrong.textContent = words;
  if (at) {
    at.setAttribute("aria-invalid", "true");
    return at.focus();
  }
  const asked = { old: old.value, new: fresh.value };
  const done = await desk.once("password", () => desk.api.ask("/session/password", asked), (refused) => {
    wrong.textContent = refusedWords(refused);
    return true;
  });
  if (!done) return null;
  // All sessions of this person ended, and this one began anew.
  await desk.renew();
  old.value = "";
  fresh.value = "";
  return desk.notice(say("passwordDone"));
}
