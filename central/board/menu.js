// Everything that may be done to one visit now.  The table says what, central says when (`may`).

import { ago } from "./clock.js";
import { choose } from "./dialogs.js";
import { display } from "./plate.js";
import { stateName } from "./say.js";
import { knows, say } from "./words.js";

// The everyday first, what ends a visit last; beside each its key.
const KEYS = {
  call: "c", enter: "e", finish: "f", recall: "r", move: "m", "put-back": "b", unpark: "p", park: "p",
  override: "o", reopen: "o", "no-show": "n", leave: "l", remove: "d",
};

/** Let a person choose a verb for `row`; resolves to "" when they left. */
export function chooseVerb(row) {
  const choices = Object.entries(KEYS)
    .filter(([verb]) => row.may.includes(verb))
    .map(([verb, key]) => ({ value: verb, words: verbWords(verb, row), note: note(verb, row), key }));
  return choose(say("menuOf", { plate: display(row.plate), state: stateName(row.state) }), choices);
}

const verbWords = (verb, row) => say(verb === "enter" && row.state === "waiting" ? "enterUncalled" : `do_${verb}`);

function note(verb, row) {
  if (verb === "no-show" && row.called_at) return say("calledTimes", { n: row.calls, ago: ago(row.called_at) });
  return knows(`do_${verb}_note`) ? say(`do_${verb}_note`) : "";
}
