// Signing in, also as the first.  Without this script the forms still work; with it a refusal is said on the page.

import { begin, tell, tellWhy } from "./entry.js";

// Where the person was on the way to, if the board sent them here.
const onward = new URLSearchParams(location.search).get("next") ?? "";

async function signIn(event) {
  event.preventDefault();
  const form = event.currentTarget;
  // What is wrong with a code is said where the code is typed, and nowhere else.
  const place = form.querySelector(".answer") ?? undefined;
  tell("");
  if (place) tell("", place);
  const body = new URLSearchParams(new FormData(form));
  const reply = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (reply?.ok) return location.assign(reply.redirected ? reply.url : "/board");
  return tellWhy(reply, form.dataset.wrong ?? "wrong", place);
}

for (const form of document.forms) {
  if (form.elements.next) form.elements.next.value = onward;
  form.addEventListener("submit", signIn);
}
const elsewhere = document.querySelector("#elsewhere a");
if (elsewhere && onward) elsewhere.href += `?${new URLSearchParams({ next: onward })}`;
begin();
