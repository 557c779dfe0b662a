// All scripts of the page with the canvas. The form of an outbound message, which its panel may hold, listens after the panel does.

import "./canvas.js";
import "../outbound/form.js";
import "../outbound/sample.js";
