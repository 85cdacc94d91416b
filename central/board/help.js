// Help: who asks, where, for how long, and who has taken it.

import { deedButton } from "./buttons.js";
import { ago } from "./clock.js";
import { el, keyed, mark, show, write } from "./dom.js";
import { drawn } from "./plate.js";
import { emptyWords } from "./say.js";
import { say } from "./words.js";

const rows = document.getElementById("help-rows");
const none = document.getElementById("help-none");
const pill = document.getElementById("help-open");

function makeRow({ id }) {
  const marks = { "data-help": id, "aria-describedby": `help-${id}` };
  const where = el("strong", { id: `help-${id}` });
  const when = el("span", { className: "age" });
  const plate = drawn();
  const seen = el("span", { className: "seen" });
  const take = deedButton("acknowledge", "acknowledge", { ...marks, "data-stand": "", className: "main" });
  const close = deedButton("close-help", "closeHelp", marks);
  const node = el("li", {}, el("div", { className: "words" }, where, when), plate.node, seen, el("div", { className: "deeds" }, take, close));
  const update = (row) => {
    mark(node, "data-taken", row.acknowledged_by ? "" : null);
    write(where, say("helpAt", { post: row.post }));
    write(when, ago(row.raised_at));
    show(plate.node, Boolean(row.plate));
    plate.update(row.plate ?? "");
    write(seen, row.acknowledged_by ? say("helpSeen", { name: row.acknowledged_by }) : "");
    if (row.acknowledged_by && document.activeElement === take) close.focus();
    show(take, !row.acknowledged_by);
  };
  return { node, update };
}

export function drawHelp(board) {
  const calls = board.queue?.help ?? [];
  const open = calls.filter((row) => !row.acknowledged_by).length;
  keyed(rows, calls, (row) => row.id, makeRow);
  show(none, !calls.length);
  write(none, calls.length ? "" : emptyWords(board, "helpNone"));
  show(pill, open > 0);
  write(pill, say("helpOpen", { n: open }));
}
