// Draws what the post decides, and reports what stands on the screen.  It never decides and never types.
"use strict";

// The post proves every 2 s that its deciding loop lives; three missed proofs mean that it does not.
const SILENCE_MS = 6500;
const AGAIN_MS = 500;
const REPORT_MS = 5000;
// Sizes of the words, in least sizes, and ways to make room.  While words are few, a plate has a row of its
// own.  Then messages share the row of the hints ("over"), rows move together, sentences share rows, and
// lines do; only then letters shrink, which no screen of ours needs.
const FITS = [
  ...[2.7, 2.4, 2.15, 1.95, 1.8, 1.65, 1.52, 1.4, 1.3].map((size) => [size, "stacked"]),
  ...[1.22, 1.14, 1.07, 1].map((size) => [size, ""]),
  ...["over", "tight", "tight over", "tight flow", "tight flow over", "tight close flow over", "tight flow joined over"].map((ways) => [1, ways]),
  ...[0.94, 0.88, 0.82, 0.76, 0.7, 0.62, 0.54].map((size) => [size, "tight flow joined over"]),
].map(([size, ways]) => [size, ways.split(" ")]);
const WAYS = ["stacked", "tight", "close", "flow", "joined", "over"];
// Beside a plate that is being typed the words stay quiet.
const LARGEST_BESIDE_CELLS = 1.22;
const LARGEST_ABOVE_CHOICES = 1.65;
// The screens are laid out for fonts in which this is at most so many capitals' heights wide.
const SAMPLE = "Skriv registreringsnumret.";
const SAMPLE_CAPITALS = 15;

const part = (id) => document.getElementById(id);
const root = document.documentElement;
const pen = document.createElement("canvas").getContext("2d");
let silence = 0;
let current = null;
let heardBeat = null;
let reporting = false;

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

// -- letters as tall as the reading distance asks, in whichever font is there --

function leastSize() {
  const capital = Number(root.dataset.capital) * Math.hypot(innerWidth, innerHeight);
  const family = getComputedStyle(document.body).fontFamily;
  const shares = [400, 500, 700].map((weight) => {
    pen.font = `${weight} 1000px ${family}`;
    return pen.measureText("H").actualBoundingBoxAscent / 1000;
  });
  const size = capital / Math.min(...shares);
  pen.font = `700 ${size}px ${family}`;
  // Where the narrow fonts are missing, smaller letters are better than lost ones.
  return size * Math.min(1, (SAMPLE_CAPITALS * capital) / pen.measureText(SAMPLE).width);
}

// -- the parts of a screen --

function plate(text) {
  const made = element("span", "plate", ...zeros(text));
  // Only ordinary Swedish plates are grouped; of the others we do not know the country.
  made.classList.toggle("swedish", text.includes(" "));
  made.style.setProperty("--signs", text.length);
  return made;
}

function zeros(text) {
  return text.split(/(0)/).filter(Boolean).map((signs) => (signs === "0" ? element("span", "zero", signs) : signs));
}

function words(piece) {
  return piece.plate === undefined ? glued(piece.text) : plate(piece.plate);
}

// Keeps what is read together from being torn apart at the end of a row: "kl. 10.32", "30 sekunder", a lone "…".
function glued(text) {
  return text
    .replace(/ ([…?=·])/g, "\u00a0$1")
    .replace(/\b(kl\.|klo|port|door|ovesta|plats|plass|number|numero|nummer) (?=\d)/g, "$1\u00a0")
    .replace(/(\d) (?=(min|sek|sec|bil|car|auto))/g, "$1\u00a0")
    .replace(/\bi (?=(dag|morgon|morgen)\b)/g, "i\u00a0");
}

// A row for each sentence where there is room.
function line(pieces, at) {
  const sentences = [[]];
  for (const piece of pieces) {
    if (piece.plate !== undefined) {
      sentences.at(-1).push(plate(piece.plate));
      continue;
    }
    piece.text.split(/(?<=[.?!]) (?=\p{Lu}|$)/u).forEach((text, number) => {
      if (number) sentences.push([]);
      sentences.at(-1).push(...marked(text));
    });
  }
  if (at === 0) sentences[0][0]?.classList?.add("first");
  const rows = sentences.filter((one) => one.length).map((one) => element("span", "sentence", ...one));
  return element("p", "", ...rows.flatMap((row, number) => (number ? [" ", row] : [row])));
}

// Times stand out, a lone "?" is drawn as the key that it stands for, and a colon goes with its plate.
const MARKS = [
  [/^\d+\.\d\d/, (text) => element("b", "whole", text)],
  [/^\(/, (text) => element("span", "whole", text)],
  [/^\?$/, () => element("span", "mark help", "?")],
  [/^: $/, (text) => element("span", "colon", text)],
];

function marked(text) {
  const parts = glued(text).split(/(^: |\d{1,2}\.\d\d(?:–\d{1,2}\.\d\d)?|\([^)]{1,26}\)|(?<=^|\u00a0)\?)/);
  return parts.filter(Boolean).map((some) => MARKS.find(([shape]) => shape.test(some))?.[1](some) ?? some);
}

function cells(places, least) {
  const made = element("span", "plate cells");
  // On an upright screen a long plate has two rows, as plates have on motorcycles.
  const double = places.length > 6 && innerWidth < innerHeight && document.body.dataset.screen !== "enrol";
  const across = double ? Math.ceil(places.length / 2) : places.length;
  const narrow = Math.min(2.6 * least, (innerWidth - 2.2 * least) / across) < widest(least);
  made.style.setProperty("--across", across);
  made.classList.toggle("narrow", narrow);
  made.append(...places.map((place) => cell(place, narrow)));
  return made;
}

// The letters of the widest key, with some air.
function widest(least) {
  pen.font = `500 ${least}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText("WXYZ").width * 1.03;
}

function cell([main, small, asked], narrow) {
  // The letters below a figure are for whoever means one of them; the key below letters would say nothing new.
  const below = small.length > 1 && !narrow ? small : "";
  const rows = narrow && main.length > 2 ? [main.slice(0, 2), " ", main.slice(2)] : zeros(main);
  const sign = element("b", main.length > 1 ? "many" : below ? "with" : "", ...rows);
  return element("i", asked ? "asked" : main ? "" : "open", sign, ...(below ? [element("small", "", below)] : []));
}

function hint([key, text]) {
  const mark = element("span", `mark ${key}`, key === "other" ? "ÅÄÖ" : "");
  const said = element("span", "", ...marked(text));
  // The help key's mark stands in the text itself, where its sign is.
  return said.querySelector(".help") ? element("p", "help", said) : element("p", "", mark, said);
}

function speaking(word) {
  return word ? [element("span", "mark speak"), element("span", "word", word)] : [];
}

// -- the whole screen --

function draw(screen) {
  const least = leastSize();
  root.style.setProperty("--least", `${least}px`);
  root.lang = screen.language;
  document.body.dataset.screen = screen.name;
  const big = screen.plate ? [plate(screen.plate)] : screen.cells.length ? [cells(screen.cells, least)] : [];
  part("plate").replaceChildren(...big);
  part("lines").replaceChildren(...screen.lines.map(line));
  const choices = screen.choices.map(([key, text]) => element("li", "", element("span", "cap", key), words(text)));
  part("choices").replaceChildren(...choices);
  part("choices").className = screen.choices.some(([, text]) => text.plate !== undefined) ? "long" : "";
  part("hints").replaceChildren(...screen.hints.map(hint));
  part("note").textContent = screen.note;
  part("speaking").replaceChildren(...speaking(screen.speaking));
  part("story").textContent = screen.story ?? "";
  fit();
}

// The largest letters with which everything fits; the same words always get the same size and place.
function fit() {
  const main = part("screen");
  const { classList } = document.body;
  classList.remove("covered");
  for (const [size, ways] of tries()) {
    part("lines").style.setProperty("--size", size);
    for (const way of WAYS) classList.toggle(way, ways.includes(way));
    if (main.scrollHeight <= main.clientHeight && [main, part("lines")].every((one) => one.scrollWidth <= one.clientWidth)) break;
  }
  if (classList.contains("over")) cover();
}

function tries() {
  const largest = document.querySelector(".cells") ? LARGEST_BESIDE_CELLS : document.querySelector("#choices li") ? LARGEST_ABOVE_CHOICES : FITS[0][0];
  const allowed = FITS.filter(([size]) => size <= largest);
  // Where several keys do something, no message may hide which, if there is any other way.
  if (part("hints").children.length < 2 && innerWidth > innerHeight) return allowed;
  return [...allowed.filter(([, ways]) => !ways.includes("over")), ...allowed.filter(([, ways]) => ways.includes("over"))];
}

// A message that has no room beside the hint lies over it, until the next key.
function cover() {
  const hints = [...part("hints").children].map((one) => one.getBoundingClientRect());
  const { right, top, width } = part("aside").getBoundingClientRect();
  document.body.classList.toggle("covered", width > 0 && hints.some((one) => one.left < right && one.bottom > top));
}

// -- the stream, and what the page says about itself --

function beat(event) {
  clearTimeout(silence);
  silence = setTimeout(lose, SILENCE_MS);
  // A new stream tells the last beat once more, which is no proof that anybody still decides.
  if (event.data !== heardBeat) found();
  heardBeat = event.data;
}

function found() {
  if (!current || !document.body.classList.contains("lost")) return;
  document.body.classList.remove("lost");
  draw(current);
  report();
}

function lose() {
  document.body.classList.add("lost");
  root.style.setProperty("--least", `${leastSize()}px`);
}

// One report at a time waits for its frames: where none come, it alone waits, however many screens pass by.
function report() {
  if (reporting) return;
  reporting = true;
  requestAnimationFrame(() => {
    const { id } = current;
    // After the second frame begins, the first one with this screen has been painted.
    requestAnimationFrame(() => {
      reporting = false;
      if (document.body.classList.contains("lost")) return;
      send(id);
      if (current.id !== id) report();
    });
  });
}

function send(id) {
  const heap = performance.memory?.usedJSHeapSize;
  fetch("/drawn", { method: "POST", body: JSON.stringify({ screen: id, heap }) }).catch(lose);
}

// One stream at a time: it is closed before the next one is made, and takes its listeners with it.
function listen() {
  const stream = new EventSource("/stream");
  stream.addEventListener("screen", (event) => {
    current = JSON.parse(event.data);
    if (document.body.classList.contains("lost")) return;
    draw(current);
    report();
  });
  stream.addEventListener("beat", beat);
  stream.addEventListener("lamp", (event) => document.body.classList.toggle("lamp", event.data === "true"));
  stream.addEventListener("error", () => {
    lose();
    stream.close();
    setTimeout(listen, AGAIN_MS);
  }, { once: true });
}

addEventListener("resize", () => {
  if (document.body.classList.contains("lost")) lose();
  else if (current) draw(current);
});
lose();
listen();

// Says again and again what stands here, so that the post notices a browser that has hung.  A page behind
// another one gets no frames.
setInterval(() => {
  if (current && !document.hidden) report();
}, REPORT_MS);
