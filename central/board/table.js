// Written by `python -m central.line.table` from contract/transitions.py: change it there.

/** What a person does to a visit.  `to` null keeps the state; `needs` must be told. */
export const VERBS = {
  "call": { from: ["waiting", "parked"], to: "called", needs: ["bay"], takes: [] },
  "recall": { from: ["called"], to: "called", needs: [], takes: [] },
  "move": { from: ["called", "in_bay"], to: "called", needs: ["bay"], takes: [] },
  "enter": { from: ["waiting", "called"], to: "in_bay", needs: ["bay"], takes: [] },
  "put-back": { from: ["called", "in_bay"], to: "waiting", needs: [], takes: [] },
  "park": { from: ["waiting", "called"], to: "parked", needs: [], takes: ["reason"] },
  "unpark": { from: ["parked"], to: "waiting", needs: [], takes: [] },
  "no-show": { from: ["called"], to: "no_show", needs: [], takes: [] },
  "leave": { from: ["waiting", "parked", "called"], to: "left", needs: [], takes: ["reason"] },
  "remove": { from: ["waiting", "parked", "called", "in_bay"], to: "removed", needs: ["reason"], takes: [] },
  "finish": { from: ["in_bay"], to: "done", needs: [], takes: ["outcome"] },
  "reopen": { from: ["done", "no_show", "left", "removed"], to: "waiting", needs: [], takes: [] },
  "override": { from: ["waiting", "parked"], to: null, needs: ["reason"], takes: ["before"] },
};

/** What a person does to a bay, and the state that it has then. */
export const BAY_VERBS = { open: "open", break: "on_break", closing: "closing", close: "closed" };

export const UNDO_WITHIN_MS = 120000;
export const NO_SHOW_AFTER_CALLS = 2;
export const NO_SHOW_AFTER_MS = 300000;
