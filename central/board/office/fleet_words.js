// The fleet says what the board and the office say, and its own words beside them; a test sees that none is said twice.

import { languages } from "../words.js";
import { en } from "./fleet_words_en.js";
import { sv } from "./fleet_words_sv.js";
import "./words.js";

export const own = { sv, en };
for (const [name, words] of Object.entries(own)) Object.assign(languages[name], words);
