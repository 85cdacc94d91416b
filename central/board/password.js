// One's own password: the first one, after an invitation, or another.

import { begin, tell, tellWhy } from "./entry.js";

const [form] = document.forms;
const { old, login, new: fresh } = form.elements;
let csrf = "";

async function whoAmI() {
  const reply = await fetch("/v1/session").catch(() => null);
  if (!reply?.ok) return tellWhy(reply, "wrong");
  const session = await reply.json();
  csrf = session.csrf;
  login.value = session.name;
  const whose = document.getElementById("whose");
  whose.lastElementChild.textContent = session.name;
  whose.hidden = false;
  old.required = !session.sets_password;
  old.parentElement.hidden = session.sets_password;
  if (old.required) old.focus();
  return null;
}

async function save(event) {
  event.preventDefault();
  tell("");
  const words = old.required ? { new: fresh.value, old: old.value } : { new: fresh.value };
  const headers = { "Content-Type": "application/json", "X-Portvakt-Csrf": csrf };
  const sent = { method: "POST", headers, body: JSON.stringify(words) };
  const reply = await fetch("/v1/session/password", sent).catch(() => null);
  return reply?.ok ? location.assign("/board") : tellWhy(reply, "wrong");
}

form.addEventListener("submit", save);
begin();
await whoAmI();
