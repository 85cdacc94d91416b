// How an inspection ended: one key, and what must be said beside it.

import { askReason, askWord, choose, linesOf, wrongLines } from "./dialogs.js";
import { display } from "./plate.js";
import { say } from "./words.js";

const RESULTS = ["approved", "approved_with_remarks", "re_inspection", "not_inspected"];
const REASONS = ["reasonDirty", "reasonPapers", "reasonUnsafe"];

/** Ask for the outcome; null when the person left, and then nothing has changed. */
export async function askOutcome({ plate }) {
  const title = say("outcomeOf", { plate: display(plate) });
  const choices = RESULTS.map((result, at) => ({
    value: result, words: say(`outcome_${result}`), note: say(`outcome_${result}_note`), key: String(at + 1),
  }));
  const result = await choose(title, choices);
  if (!result || result === "approved") return result ? { result } : null;
  const asked = `${display(plate)}: ${say(`outcome_${result}`)}`;
  if (result === "not_inspected") {
    const reason = await askReason(asked, say("do_finish"), REASONS.map((key) => say(key)));
    return reason ? { result, reason } : null;
  }
  const remarks = await askWord({ title: asked, label: say("remarks"), ok: say("do_finish"), lines: true, check: wrongLines });
  return remarks ? { result, remarks: linesOf(remarks) } : null;
}

/** An outcome in words: "Re-inspection: brake hose, left; horn". */
export function outcomeWords({ result, remarks, reason }) {
  const words = say(`outcome_${result}`);
  const more = remarks?.join("; ") ?? reason;
  return more ? `${words}: ${more}` : words;
}
