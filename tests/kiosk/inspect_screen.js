// Looks at a drawn screen as a person with a ruler and a light meter would; gives what it found wrong.
"use strict";

const ruler = document.createElement("canvas").getContext("2d");

function capital(style) {
  ruler.font = `${style.fontWeight} 1000px ${style.fontFamily}`;
  return (ruler.measureText("H").actualBoundingBoxAscent / 1000) * parseFloat(style.fontSize);
}

function rgb(color) {
  const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
  return { red, green, blue, alpha };
}

// WCAG 2.1, relative luminance and contrast ratio.
function luminance({ red, green, blue }) {
  const [r, g, b] = [red, green, blue].map((one) => one / 255).map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ground(node) {
  for (let one = node; one; one = one.parentElement) {
    const color = rgb(getComputedStyle(one).backgroundColor);
    if (color.alpha === 1) return color;
  }
  throw new Error("nothing opaque behind the text");
}

function contrast(node) {
  const [light, dark] = [luminance(rgb(getComputedStyle(node).color)), luminance(ground(node))].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

// What people see of a text: from the foot of its letters to the top of its capitals, line by line.
function boxes(text) {
  const range = document.createRange();
  range.selectNodeContents(text);
  const style = getComputedStyle(text.parentElement);
  ruler.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: up } = ruler.measureText("H");
  return [...range.getClientRects()].filter((one) => one.width > 0).map((one) => {
    const foot = one.top + up;
    return { left: one.left, right: one.right, top: foot - capital(style), bottom: foot };
  });
}

function isSeen(text) {
  const { parentElement: parent } = text;
  return text.data.trim() && parent.checkVisibility({ visibilityProperty: true }) && !parent.closest(".unseen") && boxes(text).length > 0;
}

function texts() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (isSeen(walker.currentNode)) found.push(walker.currentNode);
  return found;
}

function drawnMarks() {
  return [...document.querySelectorAll("body *")].flatMap((node) => ["::before", "::after"].map((which) => getComputedStyle(node, which)).filter((style) => /^"[^" ].*"$/.test(style.content)));
}

function meets(one, other) {
  return one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1;
}

function holder(text) {
  return text.parentElement.closest(".plate") ?? text.parentElement;
}

function inspected() {
  const share = Number(document.documentElement.dataset.capital);
  const least = share * Math.hypot(innerWidth, innerHeight);
  const seen = texts();
  const faults = seen.length ? [] : ["nothing stands on the screen"];
  const all = seen.flatMap((text) => boxes(text).map((box) => ({ text, ...box })));
  for (const text of seen) {
    const tall = capital(getComputedStyle(text.parentElement));
    if (tall < least - 0.01) faults.push(`"${text.data}" has capitals of ${tall.toFixed(1)} px, least ${least.toFixed(1)}`);
    const ratio = contrast(text.parentElement);
    if (ratio < 7) faults.push(`"${text.data}" has a contrast of ${ratio.toFixed(1)}`);
  }
  for (const style of drawnMarks()) if (capital(style) < least - 0.01) faults.push(`the mark ${style.content} is too small`);
  for (const box of all) {
    if (box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight) faults.push(`"${box.text.data}" leaves the screen`);
    const frame = holder(box.text).getBoundingClientRect();
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) faults.push(`"${box.text.data}" leaves its frame`);
  }
  all.forEach((one, at) => all.slice(at + 1).forEach((other) => {
    if (meets(one, other)) faults.push(`"${one.text.data}" lies over "${other.text.data}"`);
  }));
  for (const node of document.querySelectorAll("html, body, main, .cells i, footer, aside")) {
    if (!node.checkVisibility()) continue;
    if (node.scrollHeight > node.clientHeight + 1 && getComputedStyle(node).display !== "inline") faults.push(`${node.nodeName} ${node.className} is too low: ${node.scrollHeight} > ${node.clientHeight}`);
    if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth) faults.push(`${node.nodeName} ${node.className} is too narrow: ${node.scrollWidth} > ${node.clientWidth}`);
  }
  const rows = document.querySelectorAll("#lines p, #plate > .plate:not(.cells)").length;
  if (rows > 5) faults.push(`${rows} lines`);
  return { faults, how: `${document.getElementById("lines").style.getPropertyValue("--size")} ${document.body.className}`, capitals: Math.min(...seen.map((text) => capital(getComputedStyle(text.parentElement)))), contrast: Math.min(...seen.map((text) => contrast(text.parentElement))) };
}
