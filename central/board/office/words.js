// The office says what the board says, and its own words beside them; a test sees that none is said twice.

import { languages } from "../words.js";
import { en as halls } from "./halls_words_en.js";
import { sv as hallar } from "./halls_words_sv.js";
import { en } from "./words_en.js";
import { sv } from "./words_sv.js";

export const own = { sv: { ...sv, ...hallar }, en: { ...en, ...halls } };
for (const [name, words] of Object.entries(own)) Object.assign(languages[name], words);

export { knows, language, locale, say, sayDo, sayOr, sayStatic, speak } from "../words.js";
