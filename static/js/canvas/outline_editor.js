// All scripts of the page with the outline; the form of an outbound message listens after the panel does, as beside the canvas.

import "./outline.js";
import "../outbound/form.js";
import "../outbound/sample.js";
