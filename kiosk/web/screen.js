// Draws what the post decides, and reports what stands on the screen.  It never decides and never types.
"use strict";

// The post proves every 2 s that its deciding loop lives; three missed proofs mean that it does not.
const SILENCE_MS = 6500;
const SIZES = [1.3, 1.2, 1.1, 1.02, 0.94, 0.88, 0.82, 0.76, 0.72, 0.68, 0.64, 0.6, 0.56, 0.52, 0.48, 0.44];

const part = (id) => document.getElementById(id);
let silence = 0;

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function plate(text) {
  const made = element("span", "plate", element("span", "", text));
  // Only ordinary Swedish plates are grouped; of the others we do not know the country.
  made.dataset.country = text.includes(" ") ? "S" : "";
  return made;
}

function words(piece) {
  return piece.plate === undefined ? glued(piece.text) : plate(piece.plate);
}

// Keeps "kl. 10.32" and a lone "?" or "…" from being torn apart at the end of a row.
function glued(text) {
  return text.replace(/ ([…?])/g, "\u00a0$1").replace(/\bkl\. /g, "kl.\u00a0");
}

function cells(places) {
  const made = element("span", "plate cells");
  made.classList.toggle("long", places.length > 6);
  for (const [main, small, asked] of places) {
    const sign = element("b", ["", "", "many", "many", "four"][main.length] ?? "four", main);
    const cell = element("i", asked ? "asked" : main ? "" : "open", sign);
    if (small) cell.append(element("small", "", small));
    made.append(cell);
  }
  return made;
}

function draw(screen) {
  document.documentElement.lang = screen.language;
  document.body.dataset.screen = screen.name;
  part("note").textContent = screen.note;
  const big = screen.plate ? [plate(screen.plate)] : screen.cells.length ? [cells(screen.cells)] : [];
  part("plate").replaceChildren(...big);
  part("lines").replaceChildren(...screen.lines.map((line) => element("p", "", ...line.map(words))));
  const choices = screen.choices.map(([key, text]) => element("li", "", element("span", "cap", key), words(text)));
  part("choices").replaceChildren(...choices);
  part("choices").className = screen.choices.some(([, text]) => text.plate !== undefined) ? "long" : "";
  part("hints").replaceChildren(...screen.hints.map(hint));
  fit();
}

function hint([key, text]) {
  const mark = element("span", `mark ${key}`, key === "other" ? "ÅÄÖ" : "");
  // The key's own shape says "?" and need not say it twice.
  return element("p", "", mark, key === "help" ? text.replace(/^\? = /, "") : text);
}

// The largest letters with which everything fits; the same words always get the same size.
function fit() {
  const main = part("screen");
  // Beside a plate that is being typed the words stay quiet.
  const largest = document.querySelector(".cells") ? 0.8 : SIZES[0];
  for (const size of SIZES.filter((one) => one <= largest)) {
    part("lines").style.setProperty("--size", `${size}rem`);
    if (main.scrollHeight <= main.clientHeight && main.scrollWidth <= main.clientWidth) return;
  }
}

function heard() {
  clearTimeout(silence);
  silence = setTimeout(lose, SILENCE_MS);
}

function lose() {
  document.body.classList.add("lost");
}

function report(id) {
  // After the second frame begins, the first one with the new screen has been painted.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (document.body.classList.contains("lost")) return;
    fetch("/drawn", { method: "POST", body: JSON.stringify({ screen: id }) }).catch(lose);
  }));
}

function listen() {
  const stream = new EventSource("/stream");
  stream.addEventListener("screen", (event) => {
    const screen = JSON.parse(event.data);
    heard();
    document.body.classList.remove("lost");
    draw(screen);
    report(screen.id);
  });
  stream.addEventListener("beat", heard);
  stream.addEventListener("lamp", (event) => document.body.classList.toggle("lamp", event.data === "true"));
  stream.addEventListener("error", () => {
    lose();
    stream.close();
    setTimeout(listen, 500);
  });
}

addEventListener("resize", fit);
listen();
