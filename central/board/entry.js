// What the pages in front of the board share: their language, a password that may be seen, and refusals.

import { language, say, sayOr, sayStatic, speak } from "./words.js";

const answer = document.getElementById("answer");
const switcher = document.getElementById("language");
const see = document.getElementById("see");
const MINUTE_S = 60;

function dress() {
  sayStatic(document);
  document.title = `${say(document.body.dataset.title ?? "loginTitle")} – Portvakt`;
  switcher.textContent = say("switchTo");
  switcher.lang = language() === "sv" ? "en" : "sv";
}

/** Let the language be chosen, and a new password be looked at instead of typed twice. */
export function begin() {
  switcher.addEventListener("click", () => {
    speak(switcher.lang);
    dress();
  });
  see?.addEventListener("change", () => {
    for (const input of document.querySelectorAll("[autocomplete$='-password']")) input.type = see.checked ? "text" : "password";
  });
  if (see) see.parentElement.hidden = false;
  dress();
}

/** Say something where everybody looks, and to who listens. */
export function tell(words, place = answer) {
  delete place.dataset.say; // what the server said before is said no longer
  place.textContent = words;
}

/** Say why the answer `reply` refuses; `wrong` is what a wrong code or password is called here; `place` is where it is said. */
export async function tellWhy(reply, wrong, place = answer) {
  const { reason, detail, path, retry_after_s: wait } = (await reply?.json().catch(() => ({}))) ?? {};
  if (!reply) tell(say("unreachable"), place);
  else if (reason === "wrong_sign_in") tell(say(wrong), place);
  else if (reason === "value_refused") tell(say(path === "$.old" ? "oldWrong" : "passwordEasy"), place);
  else if (reason === "too_many" && wait > MINUTE_S) tell(say("lockedFor", { n: Math.ceil(wait / MINUTE_S) }), place);
  else tell(sayOr(`p_${reason}`, detail ?? say("unreachable")), place);
}
