// Every word that the board says, in Swedish and English.  Both lists hold the same keys; a test sees to it.

const en = {
  title: "Board", skip: "Skip to the line", loading: "Not known yet", switchTo: "Svenska",
  signedIn: "Signed in as {name}", station: "Station", keys: "Keys",
  live: "Up to date", broke: "Contact lost at {time}, trying again", noContact: "No contact with the station's computer.", nothingKnown: "Nothing is known yet.",
  knew: "This is what we knew at {time}", secondsAgo: "{n} s ago", minutesAgo: "{n} min ago",
  justNow: "just now", hoursAgo: "{h} h {m} min ago", minutes: "{n} min", hours: "{h} h {m} min",

  help: "Help", helpNone: "Nobody is asking for help", helpNoneThen: "Nobody asked for help at {time}. We do not know about now", helpAt: "Help at {post}", acknowledge: "I am coming",
  helpSeen: "{name} is on the way", closeHelp: "Close…", helpClosing: "Help at {post}: what was it?",
  helpWord: "A word on what it was", helpNoWord: "Choose a word or write one.", helpSuggested: "Suggestions",
  helped: "Helped", helpWrongKey: "Wrong key", helpNobody: "Nobody there", helpOpen: "Help wanted: {n}",

  bays: "Doors", door: "Door {door}", free: "Free", takesNothing: "No kind set", noBays: "No doors are set up yet",
  bay_open: "Open", bay_break: "On break", bay_closing: "Closing", bay_closed: "Closed",
  called: "Called {time}", calledAgain: "Called {time}, call {n}", inBay: "Inside since {time}",
  callNext: "Call next", noneForBay: "Nobody is waiting whom this door takes",
  recall: "Recall", enter: "Drove in", finish: "Finish", noShow: "No-show", putBack: "Put back", move: "Move to…",
  callTo: "Call to…", enterUncalled: "Drove in…", seenDark: "I see the sign is dark",

  signDark: "Sign reports dark", signShows: "Sign: told, sent and confirmed. It shows {plate}",
  signSent: "Sent to the sign (it cannot confirm)", signUnconfirmed: "Sign: told and sent, but not confirmed. Look at it",
  signTold: "Sign: told, not sent yet", signTelling: "Sign: telling it…", signNoAnswer: "The sign has not answered yet",
  signWaits: "Waiting for {door} to go dark", signCannot: "The sign cannot show {plate}: fetch this customer",
  signSilent: "The sign is silent since {time}", signNever: "The sign has never been heard", andFetch: "{what}. Fetch this customer",
  signFault: "The sign is out of order", signFaultWhy: "The sign is out of order: {why}",
  signHeld: "A plate may still stand on it: look", signEnding: "Sign: an ended call is going dark",
  signNone: "No sign here", signOff: "Sign is off: recall, no-show or put back",
  signSoonOff: "The sign goes off in {n} s: recall, no-show or put back",

  line: "The line", waiting: "{n} waiting", expectedLeft: "{n} bookings still to come", empty: "Nobody is waiting", emptyThen: "Nobody was waiting at {time}. We do not know about now",
  kind_full: "Full inspection", kind_recheck: "Re-inspection", kind_heavy: "Heavy vehicle",
  source_post: "at the post", source_desk: "at the desk", source_text: "by text message",
  rule_booked: "Booked {slot}, arrived {arrived}", rule_booked_late: "Booked {slot}, came {arrived} (late)",
  rule_drop_in: "No booking: arrived {arrived}, counts from {turn}",
  rule_recheck: "Re-inspection: arrived {arrived}, counts from {turn}", rule_other: "Arrived {arrived}, counts from {turn}",
  window: "{from}–{to}", waitLabel: "Turn about", windowUnknown: "No honest estimate",
  windowWhy: "Turn: no door takes this kind now, or the cars before take times that are too uncertain. Any time would be a guess.", parked: "Parked",

  desk: "Put a plate in the line", plate: "Plate", kind: "Kind", add: "Put in line", plateMissing: "Type a plate first.",
  deskPlaced: "{plate} is number {place} in the line.", deskAgain: "{plate} stands in the line already, as number {place}.",
  deskIn: "{plate} is in the line.", deskThere: "{plate} is here already ({state}).", deskReopened: "{plate} is back, with its first arrival, as number {place}.",
  state_waiting: "waiting", state_parked: "parked", state_called: "called", state_in_bay: "in the bay",
  state_done: "done", state_no_show: "no-show", state_left: "left", state_removed: "removed", state_expected: "expected",
  refused_too_short: "A plate has at least 2 letters or digits.", refused_too_long: "A plate has at most 10 letters or digits.",
  refused_alphabet: "Only letters A to Z, the Nordic letters and digits stand on a plate.",

  cancel: "Cancel", close: "Close", yes: "Yes", openTimeline: "{plate}: what happened",
  chooseCall: "Call {plate} to which door?", chooseMove: "Move {plate} to which door?", chooseEnter: "{plate} drove in. At which door?",
  bayFree: "free", bayHas: "{plate}, {state}", bayHere: "is here", bayKind: "does not take {kind}", baySign: "{plate} is being called there",
  sureNoShow: "{plate} did not come?", sureNoShowMore: "The visit ends. It comes back with its arrival kept if the plate is typed again today.",
  surePutBack: "Put {plate} back in the line?", surePutBackMore: "It is in the bay now. It keeps its place in the order.",
  timeline: "What happened to {plate}", timelineEmpty: "Nothing is written down yet", timelineLost: "Could not be fetched. Close and try again.",

  keysTitle: "Keys", key_move: "Up and down the line", key_open: "What happened to this plate", key_next: "Call next to the focused door, or to the only free one",
  key_desk: "Type a plate at the desk", key_keys: "This list", key_leave: "Close what is open", noFreeBay: "No door is free to call to.",

  busyNow: "{plate} is {state} now.", busyBy: "{name} was faster.", nextNow: "Next in line is now {plate}.", p_changed_meanwhile: "Somebody else was faster.",
  p_wrong_state: "That cannot be done to this visit now.", p_bay_busy: "That door is taken.", p_bay_busy_by: "That door is taken by {plate}.",
  p_bay_cannot_serve: "That door does not take this kind.", p_nobody_waiting: "Nobody is waiting whom this door takes.",
  p_csrf: "This page is too old. Load it again.", p_not_allowed: "You may not do this here.", p_not_found: "It is not there any more.",
  p_too_many: "Too many at once. Wait a little.", p_not_saved: "The database could not save it. Nothing was changed.",
  p_broken: "Something broke at the station's computer. Nothing was changed that is not shown here.",
  p_no_contact: "No contact with the station's computer. Look here again before you press again.", p_stale: "No contact: nothing can be done from here just now.",
  p_plate_refused: "This cannot be a number plate.", p_bad_request: "The station's computer did not understand that. Load the page again.",

  ev_arrived: "Checked in {source}", ev_typed_again: "Typed again {source}", ev_reopened: "Came back: the visit is open again",
  ev_arrival_noted: "A late delivery was noted, nothing changed", ev_called: "Called to {door}", ev_recalled: "Called again to {door}",
  ev_moved: "Moved to {door}", ev_entered: "Drove in at {door}", ev_put_back: "Put back in the line", ev_no_show: "Did not come",
  ev_finished: "Finished", ev_sign_granted: "Sign at {door}: told to show {text}", ev_sign_sent: "Sign at {door} reported that it sent {text} to its panel",
  ev_sign_confirmed: "Sign at {door} reported that it shows {text}", ev_sign_dark: "Sign at {door} reported that it is dark", ev_sign_cannot_show: "Sign at {door} reported that it cannot show {text}",
  ev_sign_fault: "Sign at {door} reported that it is out of order", ev_sign_well: "Sign at {door} reported that it works again", ev_sign_silent: "Sign at {door}: silent",
  ev_sign_back: "Sign at {door}: heard again", ev_sign_seen_dark: "Sign at {door}: a person saw that it is dark", ev_help_raised: "Asked for help {at}",
  ev_help_acknowledged: "Help: {actor} is on the way", ev_help_closed: "Help: closed", ev_bookings_imported: "Bookings imported", ev_device_enrolled: "A device was enrolled",
  ev_device_revoked: "A device was shut out", ev_sign_assigned: "A sign was hung at {door}", atPost: "at {post}", cameAt: "By its own clock {time}", fromDoor: "It was at {door}",
  told: "Told: {words}", toldBooked: "booked {time}", toldPlace: "number {place} in the line", toldTurn: "turn about {from}–{to}", toldNoWait: "wait not known", toldDoor: "drive in at {door}", toldWatch: "watch the sign",

  loginTitle: "Sign in", login: "Name", password: "Password", signIn: "Sign in", signOut: "Sign out", wrong: "Name and password do not go together.",
  unreachable: "No contact with the station's computer. Try again.",
};

const sv = {
  title: "Tavlan", skip: "Hoppa till kön", loading: "Vet inte än", switchTo: "English",
  signedIn: "Inloggad som {name}", station: "Station", keys: "Tangenter",
  live: "Aktuellt", broke: "Kontakten bröts {time}, försöker igen", noContact: "Ingen kontakt med stationens dator.", nothingKnown: "Ingenting är känt än.",
  knew: "Det här visste vi kl. {time}", secondsAgo: "för {n} s sedan", minutesAgo: "för {n} min sedan",
  justNow: "nyss", hoursAgo: "för {h} h {m} min sedan", minutes: "{n} min", hours: "{h} h {m} min",

  help: "Hjälp", helpNone: "Ingen ber om hjälp", helpNoneThen: "Ingen bad om hjälp kl. {time}. Om nu vet vi inte", helpAt: "Hjälp vid {post}", acknowledge: "Jag kommer",
  helpSeen: "{name} är på väg", closeHelp: "Avsluta…", helpClosing: "Hjälp vid {post}: vad var det?",
  helpWord: "Ett ord om vad det var", helpNoWord: "Välj ett ord eller skriv ett.", helpSuggested: "Förslag",
  helped: "Fick hjälp", helpWrongKey: "Fel knapp", helpNobody: "Ingen där", helpOpen: "Hjälp önskas: {n}",

  bays: "Portar", door: "Port {door}", free: "Ledig", takesNothing: "Inget slag valt", noBays: "Inga portar är inlagda än",
  bay_open: "Öppen", bay_break: "Rast", bay_closing: "Stänger", bay_closed: "Stängd",
  called: "Kallad {time}", calledAgain: "Kallad {time}, gång {n}", inBay: "Inne sedan {time}",
  callNext: "Kalla nästa", noneForBay: "Ingen väntar som den här porten tar",
  recall: "Kalla igen", enter: "Körde in", finish: "Klar", noShow: "Kom inte", putBack: "Ställ tillbaka", move: "Flytta till…",
  callTo: "Kalla till…", enterUncalled: "Körde in…", seenDark: "Jag ser att skylten är släckt",

  signDark: "Skylten rapporterar släckt", signShows: "Skylten: fick besked, sänt och bekräftat. Den visar {plate}",
  signSent: "Sänt till skylten (den kan inte bekräfta)", signUnconfirmed: "Skylten: fick besked, sänt men inte bekräftat. Titta på den",
  signTold: "Skylten: har fått besked, inte sänt än", signTelling: "Skylten: får besked…", signNoAnswer: "Skylten har inte svarat än",
  signWaits: "Väntar på att {door} ska släckas", signCannot: "Skylten kan inte visa {plate}: hämta kunden",
  signSilent: "Skylten är tyst sedan {time}", signNever: "Skylten har aldrig hörts", andFetch: "{what}. Hämta kunden",
  signFault: "Skylten är trasig", signFaultWhy: "Skylten är trasig: {why}",
  signHeld: "Ett nummer kan stå kvar på den: titta", signEnding: "Skylten: ett avslutat rop släcks",
  signNone: "Ingen skylt här", signOff: "Skylten är släckt: kalla igen, kom inte eller ställ tillbaka",
  signSoonOff: "Skylten släcks om {n} s: kalla igen, kom inte eller ställ tillbaka",

  line: "Kön", waiting: "{n} väntar", expectedLeft: "{n} bokningar kvar i dag", empty: "Ingen väntar", emptyThen: "Ingen väntade kl. {time}. Om nu vet vi inte",
  kind_full: "Kontrollbesiktning", kind_recheck: "Efterkontroll", kind_heavy: "Tungt fordon",
  source_post: "vid stolpen", source_desk: "vid disken", source_text: "med sms",
  rule_booked: "Bokad {slot}, kom {arrived}", rule_booked_late: "Bokad {slot}, kom {arrived} (sent)",
  rule_drop_in: "Ingen bokning: kom {arrived}, räknas från {turn}",
  rule_recheck: "Efterkontroll: kom {arrived}, räknas från {turn}", rule_other: "Kom {arrived}, räknas från {turn}",
  window: "{from}–{to}", waitLabel: "Tur omkring", windowUnknown: "Går inte att säga ärligt",
  windowWhy: "Tur: ingen port tar det slaget nu, eller så är bilarnas tider före för osäkra. Varje tid vore en gissning.", parked: "Parkerad",

  desk: "Ställ ett nummer i kön", plate: "Nummer", kind: "Slag", add: "Ställ i kön", plateMissing: "Skriv ett nummer först.",
  deskPlaced: "{plate} är nummer {place} i kön.", deskAgain: "{plate} står redan i kön, som nummer {place}.",
  deskIn: "{plate} är i kön.", deskThere: "{plate} är redan här ({state}).", deskReopened: "{plate} är tillbaka, med sin första ankomst, som nummer {place}.",
  state_waiting: "väntar", state_parked: "parkerad", state_called: "kallad", state_in_bay: "i porten",
  state_done: "klar", state_no_show: "kom inte", state_left: "åkte", state_removed: "borttagen", state_expected: "väntad",
  refused_too_short: "Ett nummer har minst 2 bokstäver eller siffror.", refused_too_long: "Ett nummer har högst 10 bokstäver eller siffror.",
  refused_alphabet: "Bara bokstäverna A till Z, de nordiska bokstäverna och siffror står på en skylt.",

  cancel: "Avbryt", close: "Stäng", yes: "Ja", openTimeline: "{plate}: vad som hänt",
  chooseCall: "Kalla {plate} till vilken port?", chooseMove: "Flytta {plate} till vilken port?", chooseEnter: "{plate} körde in. I vilken port?",
  bayFree: "ledig", bayHas: "{plate}, {state}", bayHere: "är här", bayKind: "tar inte {kind}", baySign: "{plate} kallas dit nu",
  sureNoShow: "Kom {plate} inte?", sureNoShowMore: "Besöket avslutas. Det kommer tillbaka med sin ankomst om numret skrivs igen i dag.",
  surePutBack: "Ställa tillbaka {plate} i kön?", surePutBackMore: "Bilen står i porten nu. Den behåller sin plats i ordningen.",
  timeline: "Vad som hänt med {plate}", timelineEmpty: "Ingenting är antecknat än", timelineLost: "Kunde inte hämtas. Stäng och försök igen.",

  keysTitle: "Tangenter", key_move: "Upp och ner i kön", key_open: "Vad som hänt med numret", key_next: "Kalla nästa till porten du står på, eller till den enda lediga",
  key_desk: "Skriv ett nummer vid disken", key_keys: "Den här listan", key_leave: "Stäng det som är öppet", noFreeBay: "Ingen port är ledig att kalla till.",

  busyNow: "{plate} är nu {state}.", busyBy: "{name} hann före.", nextNow: "Näst på tur är nu {plate}.", p_changed_meanwhile: "Någon annan hann före.",
  p_wrong_state: "Det går inte att göra med besöket nu.", p_bay_busy: "Den porten är upptagen.", p_bay_busy_by: "Den porten är upptagen av {plate}.",
  p_bay_cannot_serve: "Den porten tar inte det slaget.", p_nobody_waiting: "Ingen väntar som den här porten tar.",
  p_csrf: "Sidan är för gammal. Ladda om den.", p_not_allowed: "Du får inte göra det här.", p_not_found: "Det finns inte längre.",
  p_too_many: "För mycket på en gång. Vänta lite.", p_not_saved: "Databasen kunde inte spara. Ingenting ändrades.",
  p_broken: "Något gick sönder i stationens dator. Inget ändrades som inte syns här.",
  p_no_contact: "Ingen kontakt med stationens dator. Titta här igen innan du trycker igen.", p_stale: "Ingen kontakt: inget går att göra härifrån just nu.",
  p_plate_refused: "Det här kan inte vara ett registreringsnummer.", p_bad_request: "Stationens dator förstod inte. Ladda om sidan.",

  ev_arrived: "Anmäld {source}", ev_typed_again: "Skrevs igen {source}", ev_reopened: "Kom tillbaka: besöket är öppet igen",
  ev_arrival_noted: "En sen leverans antecknades, inget ändrades", ev_called: "Kallad till {door}", ev_recalled: "Kallad igen till {door}",
  ev_moved: "Flyttad till {door}", ev_entered: "Körde in i {door}", ev_put_back: "Ställd tillbaka i kön", ev_no_show: "Kom inte",
  ev_finished: "Klar", ev_sign_granted: "Skylten vid {door}: fick besked att visa {text}", ev_sign_sent: "Skylten vid {door} rapporterade att den sänt {text} till sin panel",
  ev_sign_confirmed: "Skylten vid {door} rapporterade att den visar {text}", ev_sign_dark: "Skylten vid {door} rapporterade att den är släckt", ev_sign_cannot_show: "Skylten vid {door} rapporterade att den inte kan visa {text}",
  ev_sign_fault: "Skylten vid {door} rapporterade att den är trasig", ev_sign_well: "Skylten vid {door} rapporterade att den fungerar igen", ev_sign_silent: "Skylten vid {door}: tyst",
  ev_sign_back: "Skylten vid {door}: hörs igen", ev_sign_seen_dark: "Skylten vid {door}: en människa såg att den är släckt", ev_help_raised: "Bad om hjälp {at}",
  ev_help_acknowledged: "Hjälp: {actor} är på väg", ev_help_closed: "Hjälp: avslutad", ev_bookings_imported: "Bokningar lästes in", ev_device_enrolled: "En enhet anslöts",
  ev_device_revoked: "En enhet stängdes ute", ev_sign_assigned: "En skylt sattes vid {door}", atPost: "vid {post}", cameAt: "Enligt sin egen klocka {time}", fromDoor: "Den var vid {door}",
  told: "Fick veta: {words}", toldBooked: "bokad {time}", toldPlace: "nummer {place} i kön", toldTurn: "tur omkring {from}–{to}", toldNoWait: "väntan inte känd", toldDoor: "kör in i {door}", toldWatch: "titta på skylten",

  loginTitle: "Logga in", login: "Namn", password: "Lösenord", signIn: "Logga in", signOut: "Logga ut", wrong: "Namn och lösenord hör inte ihop.",
  unreachable: "Ingen kontakt med stationens dator. Försök igen.",
};

export const languages = { sv, en };

const REMEMBERED = "portvakt-language";

function wanted() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked in languages) return asked;
  const kept = localStorage.getItem(REMEMBERED);
  if (kept in languages) return kept;
  return /^sv\b/i.test(navigator.language) ? "sv" : "en";
}

let spoken = wanted();
document.documentElement.lang = spoken;

export const language = () => spoken;

// English times are written with 24 hours, as the station's own clocks are.
export const locale = () => (spoken === "sv" ? "sv-SE" : "en-GB");

export function speak(choice) {
  spoken = choice;
  document.documentElement.lang = choice;
  localStorage.setItem(REMEMBERED, choice);
  sayStatic(document);
}

/** Say `key` in the chosen language, its {blanks} filled from `fill`. */
export function say(key, fill = {}) {
  return languages[spoken][key].replace(/\{(\w+)\}/g, (_, name) => fill[name] ?? "");
}

export const knows = (key) => Object.hasOwn(languages[spoken], key);

/** Say what a station named itself as it is: `kind_van` is "van" until the product learns the word. */
export const sayOr = (key, otherwise) => (knows(key) ? say(key) : otherwise);

export function sayStatic(root) {
  for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
}
