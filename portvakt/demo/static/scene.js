// What the demo tells, and the two things that every page of it draws: signs, and parts that are away.

export const words = JSON.parse(document.body.dataset.words);

const SVG = "http://www.w3.org/2000/svg";
const signs = () => document.querySelectorAll(".sign");

function dotsOf(sign, rows) {
  if (sign.childElementCount > 0) return sign.children;
  rows.forEach((row, y) => [...row].forEach((_, x) => {
    const dot = document.createElementNS(SVG, "circle");
    dot.setAttribute("cx", x + 1.5);
    dot.setAttribute("cy", y + 1.5);
    dot.setAttribute("r", 0.4);
    sign.append(dot);
  }));
  return sign.children;
}

function label(sign, what) {
  sign.setAttribute("aria-label", words[what].replace("{door}", sign.dataset.door));
}

function drawSign({ door, rows }) {
  const sign = document.querySelector(`.sign[data-door="${door}"]`);
  const dots = dotsOf(sign, rows);
  const lit = rows.join("");
  [...lit].forEach((dot, place) => dots[place].classList.toggle("lit", dot === "#"));
  sign.classList.remove("unknown");
  label(sign, lit.includes("#") ? "sign_lit" : "sign_dark");
}

function drawHealth(part, { state }) {
  const line = document.querySelector(`.health[data-part="${part}"]`);
  if (line === null) return;
  line.classList.toggle("down", state !== "ready");
  const text = state === "ready" ? "" : words[state];
  if (line.textContent !== text) line.textContent = text;
}

// Without the demo we do not know what the signs show; dark would be a claim.
function lost() {
  document.querySelector(".gone").hidden = false;
  for (const sign of signs()) {
    sign.classList.add("unknown");
    sign.querySelectorAll(".lit").forEach((dot) => dot.classList.remove("lit"));
    label(sign, "sign_unknown");
  }
}

/** Draw the scene now and after every change; *also* draws what only one page has. */
export function follow(also = () => {}, without = () => {}) {
  const stream = new EventSource("/stream");
  stream.onmessage = ({ data }) => {
    const scene = JSON.parse(data);
    document.querySelector(".gone").hidden = true;
    scene.signs.forEach(drawSign);
    Object.entries(scene.parts).forEach(([part, health]) => drawHealth(part, health));
    also(scene);
  };
  stream.onerror = () => {
    lost();
    without();
  };
}
