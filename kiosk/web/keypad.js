// Demo only: presses keys by closing the contacts of a fake matrix.  What they mean is decided elsewhere.
"use strict";

const KEYBOARD = { Enter: "ok", Backspace: "clear", Escape: "cancel", "?": "help" };
const keys = new Map([...document.querySelectorAll(".key")].map((key) => [key.dataset.key, key]));

// One request after the other: an "up" that overtook its "down" would leave the key held.
let moves = Promise.resolve();

function move(key, direction) {
  keys.get(key).classList.toggle("down", direction === "down");
  const path = `/keys/${encodeURIComponent(key)}/${direction}`;
  moves = moves.then(() => fetch(path, { method: "POST" })).catch(() => {});
}

for (const [key, button] of keys) {
  let held = false;
  const release = () => {
    if (held) move(key, "up");
    held = false;
  };
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    move(key, "down");
  });
  button.addEventListener("pointerup", release);
  button.addEventListener("pointerleave", release);
  button.addEventListener("pointercancel", release);
  // A click without a pointer: a screen reader, or a space bar on a focused key.
  button.addEventListener("click", (event) => {
    if (event.detail !== 0) return;
    move(key, "down");
    move(key, "up");
  });
}

function typed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const key = KEYBOARD[event.key] ?? event.key.toUpperCase();
  return keys.has(key) ? key : undefined;
}

addEventListener("keydown", (event) => {
  const key = typed(event);
  if (key === undefined) return;
  event.preventDefault();
  if (!event.repeat) move(key, "down");
});
addEventListener("keyup", (event) => {
  const key = typed(event);
  if (key !== undefined) move(key, "up");
});

const stream = new EventSource("/stream");
stream.addEventListener("lamp", (event) => {
  document.getElementById("lamp").classList.toggle("on", event.data === "true");
});
stream.addEventListener("hall", (event) => {
  document.getElementById("hall").classList.toggle("on", event.data === "true");
});
let quiet = 0;
stream.addEventListener("beep", () => {
  const buzzer = document.getElementById("buzzer");
  buzzer.classList.add("sounds");
  clearTimeout(quiet);
  quiet = setTimeout(() => buzzer.classList.remove("sounds"), 120);
});
