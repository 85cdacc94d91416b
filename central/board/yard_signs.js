// Signs that hang over no door and list several: how each is, and where it sends people now.

import { pictureButton } from "./buttons.js";
import { untilMs } from "./clock.js";
import { el, keyed, mark, show, write } from "./dom.js";
import { brokenWords } from "./sign.js";
import { say } from "./words.js";

const strip = document.getElementById("yard");
const rows = document.getElementById("yard-rows");

/** What a yard sign is doing: `{level, words}`. */
function yardSays(sign) {
  // A call's two minutes end without an event, so the board itself looks at the clock.
  const names = sign.names.filter(({ off_at: offAt }) => !offAt || untilMs(offAt) > 0);
  const doors = [...new Set(names.map(({ door }) => door))];
  const broken = brokenWords(sign);
  const maybe = doors.length ? `. ${say(doors.length > 1 ? "yardMaybes" : "yardMaybe", { doors: listed(doors) })}` : "";
  if (broken) return { level: "look", words: broken + maybe };
  if (!sign.can_list) return { level: "look", words: say("yardCannot") };
  if (!doors.length) return { level: "quiet", words: say("yardNobody") };
  return { level: "sent", words: say(doors.length > 1 ? "yardDoors" : "yardDoor", { doors: listed(doors) }) };
}

/** "1", "1 and 2", "1, 2 and 3". */
const listed = (names) => [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(` ${say("and")} `);

function makeRow() {
  const name = el("strong");
  const says = el("span", { className: "says" });
  const picture = pictureButton();
  const node = el("li", { className: "yard-sign" }, el("div", { className: "words" }, name, says), picture.node);
  const update = (sign) => {
    const { level, words } = yardSays(sign);
    mark(node, "data-level", level);
    write(name, sign.name);
    mark(name, "title", say("yardLists", { doors: listed(sign.doors) }));
    write(says, words);
    picture.update(sign.device, say("pictureNamed", sign));
  };
  return { node, update };
}

export function drawYardSigns({ queue }) {
  const found = queue?.yard_signs ?? [];
  keyed(rows, found, ({ device }) => device, makeRow);
  show(strip, found.length > 0);
}
