// Signing in.  Without this script the form still works; with it a refusal is said on the page.

import { language, say, sayOr, sayStatic, speak } from "./words.js";

const form = document.querySelector("form");
// Where the person was on the way to, if the board sent them here.
form.elements.next.value = new URLSearchParams(location.search).get("next") ?? "";
const answer = document.getElementById("answer");
const switcher = document.getElementById("language");

function dress() {
  sayStatic(document);
  document.title = `${say("loginTitle")} – Portvakt`;
  switcher.textContent = say("switchTo");
  switcher.lang = language() === "sv" ? "en" : "sv";
}

async function signIn(event) {
  event.preventDefault();
  answer.textContent = "";
  const body = new URLSearchParams(new FormData(form));
  const reply = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (reply?.ok) location.assign(reply.redirected ? reply.url : "/board");
  else answer.textContent = await why(reply);
}

async function why(reply) {
  if (!reply) return say("unreachable");
  const { reason, detail } = await reply.json().catch(() => ({}));
  if (reason === "wrong_sign_in") return say("wrong");
  return sayOr(`p_${reason}`, detail ?? say("unreachable"));
}

switcher.addEventListener("click", () => {
  speak(switcher.lang);
  dress();
});
form.addEventListener("submit", signIn);
dress();
