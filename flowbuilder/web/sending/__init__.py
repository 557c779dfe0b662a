"""Pages of sending: two doors (an outbound message, the trial of a flow) to the same single and batch sends, and what follows live."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("sending", __name__)

from flowbuilder.web.sending import again, batch, door, downloads, message, recipients, running, starting  # noqa: E402, F401 - they hang their routes into bp
