"""Whether more of a running batch may leave: looked at once a second while it is sent."""

from __future__ import annotations

from flowbuilder.services.media import Uploaded
from flowbuilder.services.sending import threshold
from flowbuilder.store import leases, media
from flowbuilder.store.outbox import Executor

_DISABLED = "The line was disabled. Enable it on its page, then resume."
_NOT_APPROVED = "Meta does not let this outbound message be sent just now. Look at its review, then resume."


def given(on: Executor, batch_id: str, line_id: str, uploaded: Uploaded | None) -> bool:
    """False ends the slice: the batch is stopped with its reason, or the next slice has to take another upload of its file."""
    if not leases.is_line_enabled(on, line_id):
        leases.stop_batch(on, batch_id, _DISABLED)
        return False
    if not leases.is_template_approved(on, batch_id):
        leases.stop_batch(on, batch_id, _NOT_APPROVED)
        return False
    if uploaded and not media.is_current(on, line_id, uploaded.meta_id):
        return False
    return not threshold.stop_if_failing(on, batch_id)
