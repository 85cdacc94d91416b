// The doors alone.

import { follow } from "./scene.js";

follow();
