// What a role may do on the board, as central lets it (docs/who-may.md).  What it may not is not offered.

import { mark } from "./dom.js";

const LINE = ["staff", "manager"];
const PICTURES = [...LINE, "technician"];
const EVERYBODY = ["timeline", "held", "devices"];

/** Whether this person runs the line; until we know who they are, nothing is taken away. */
export const runsLine = (session) => !session || LINE.includes(session.role);

/** Whether this person may press a button of `deed`. */
export function may(session, deed) {
  if (!session || EVERYBODY.includes(deed)) return true;
  return (deed === "picture" ? PICTURES : LINE).includes(session.role);
}

/** Take away every button that this person may not press; to be called after rows were made. */
export function offer({ session }) {
  if (!session) return;
  document.body.classList.toggle("looks-only", !runsLine(session));
  for (const button of document.querySelectorAll("[data-deed]")) {
    mark(button, "data-foreign", may(session, button.dataset.deed) ? null : "");
  }
}
