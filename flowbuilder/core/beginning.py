"""The run of somebody who has not answered yet: it waits at the start of its flow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import starts
from flowbuilder.core.run import Run, RunStatus
from flowbuilder.core.silence import patience
from flowbuilder.core.variables import EXIT_WORD


def begin(
    flow: Flow,
    variables: Mapping[str, str],
    now: datetime,
    *,
    continue_option: str = "Continue",
    finish_option: str = "Cancel",
    person: str = "",
) -> Run:
    """A run that waits at the start for the answer to the initial message, whose two buttons read as given.

    ``variables`` are the message's parameters and the person's ``contact.name`` and ``contact.phone``;
    ``person`` is who they are, however they are called.
    """
    start = next(iter(starts(flow)), None)
    expires_at = now + timedelta(seconds=patience(flow, start)) if start else None
    return Run(
        status=RunStatus.IN_PROGRESS if start else RunStatus.FAILED,
        node=start.id if start else None,
        started_at=now,
        expires_at=expires_at,
        wake_at=expires_at,
        since=now,
        variables={**variables, EXIT_WORD: flow.settings.exit_word},
        ended_at=None if start else now,
        labels={"continue": continue_option, "finish": finish_option},
        person=person,
    )
