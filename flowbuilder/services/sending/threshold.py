"""Stops a batch of which too many fail: better to look at ten refusals than at ten thousand."""

from __future__ import annotations

from flowbuilder.core.batch import WATCHED, fails_too_often
from flowbuilder.store import batches, leases
from flowbuilder.store.outbox import Executor

DEFAULT = 30
"""Percent of the last hundred tries."""


def stop_if_failing(on: Executor, batch_id: str) -> bool:
    """Stop the running batch when its threshold is passed, by refusals at once or by what webhooks told later."""
    settings = batches.threshold(on, batch_id)
    if settings is None or not settings.stop_at:
        return False
    tries = batches.last_tries(on, batch_id, settings.running_since, WATCHED)
    told = [each.has_failed for each in tries if each.is_told]
    if not any(fails_too_often(failed, settings.stop_at) for failed in ([each.has_failed for each in tries][:WATCHED], told)):
        return False
    text = f"{settings.stop_at}% or more of the last messages failed. Look at the reasons below, then resume or cancel."
    leases.stop_batch(on, batch_id, text)
    return True
