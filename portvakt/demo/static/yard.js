// The whole yard: frames that open when their part answers, and the newcomer's steps.

import { follow } from "./scene.js";

const opened = new Set();
const steps = document.querySelector(".steps");
const allDone = document.querySelector(".all-done");
let again = false;
let latest = [];

// A frame is opened once: afterwards the part's own page finds its way back by itself.
function open(part) {
  if (opened.has(part)) return;
  opened.add(part);
  document.querySelectorAll(`iframe[data-part="${part}"][data-src]`).forEach((frame) => {
    frame.src = frame.dataset.src;
  });
  if (part === "central") signIn().catch(() => opened.delete(part));
}

// The code works once and travels in a form, so it stands in no address and in no history.
async function signIn() {
  const answer = await fetch("/desk-code", { method: "POST" });
  if (!answer.ok) throw new Error(answer.statusText);
  const form = document.querySelector(".desk form");
  form.elements.code.value = (await answer.json()).code;
  form.submit();
  form.elements.code.value = "";
}

function drawSteps(done) {
  latest = done;
  const next = done.indexOf(false);
  const over = next === -1 && !again;
  [...steps.children].forEach((step, place) => {
    step.classList.toggle("done", done[place]);
    step.classList.toggle("now", place === next);
  });
  steps.hidden = over;
  allDone.hidden = !over;
}

document.querySelector(".again").addEventListener("click", () => {
  again = true;
  drawSteps(latest);
});

follow(
  (scene) => {
    Object.entries(scene.parts).forEach(([part, { state }]) => state === "ready" && open(part));
    drawSteps(scene.steps);
  },
  () => {
    steps.hidden = true;
    allDone.hidden = true;
  },
);
