// A one-time code for a device: what it is for, and how it is put in at the post or sign.

import { dayTime } from "../clock.js";
import { el, mark } from "../dom.js";
import { doorName } from "../say.js";
import { choices, chosenOf, command, field, form, largeCode, once, options, steps, text } from "./parts.js";
import { say } from "./words.js";

const PUT_IN = "sudo install -m 0640 -g portvakt /dev/stdin /etc/portvakt/enrol-code";
const SERVICE = { post: "portvakt-kiosk", sign: "portvakt-sign" };

/** Ask what the code is for, make it and show it; with `old` it is for what takes that device's place. */
export async function askCode(desk, draw, old = null) {
  const words = old ? await asReplacement(old) : await asNew(desk);
  if (!words) return;
  const made = await desk.once("device code", () => desk.ask("/devices/codes", words));
  if (!made) return;
  await draw();
  await showCode(made, words);
  await draw();
}

async function asReplacement(old) {
  const body = [text("", say("replaceMore"))];
  const meant = await form({ title: say("codeReplace", old), body, ok: say("codeMake"), check: () => ["", null] });
  return meant ? { role: old.role, name: old.name, bay: old.bay, replaces: old.id } : null;
}

async function asNew(desk) {
  const roles = [["post", say("role_post")], ["sign", say("role_sign")]];
  const role = choices("radio", "role", "codeRole", roles, ["post"]);
  const name = el("input", { name: "name", maxLength: 64, autocomplete: "off" });
  const doors = desk.facts.doors.map(({ bay, door }) => [bay, doorName(door)]);
  const bay = el("select", { name: "bay" }, ...options([...doors, ["", say("codeNoDoor")]]));
  const hang = field("codeDoor", bay);
  const asked = () => chosenOf(role)[0];
  const fit = () => mark(hang, "hidden", asked() === "sign" ? null : "");
  role.addEventListener("change", fit);
  fit();
  const check = () => (name.value.trim() ? ["", null] : [say("nameMissing"), name]);
  const body = [role, field("codeName", name, say("codeNameLike")), hang];
  const meant = await form({ title: say("codeNew"), body, ok: say("codeMake"), check });
  const hangs = asked() === "sign" && bay.value ? bay.value : null;
  return meant ? { role: asked(), name: name.value.trim(), bay: hangs } : null;
}

function showCode({ code, expires_at: until }, { role, name }) {
  const todo = steps(
    [say("codeStep1"), command(PUT_IN)],
    say("codeStep2"),
    [say("codeStep3"), command(`sudo systemctl restart ${SERVICE[role]}`)],
  );
  const lasts = text("what", `${say("validUntil", { when: dayTime(until) })} ${say("onlyNow")}`);
  return once({ title: say("codeFor", { name }), shown: largeCode(code), before: [], after: [lasts, todo] });
}
