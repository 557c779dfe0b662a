"""The texts that a flow has besides its steps, what they are called, and where they may be said."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.study import Study
from flowbuilder.core.nodes import kind_of
from flowbuilder.core.variables import names_in

LABELS = {
    "name": "The name of the flow",
    "exit_word": "The word that ends the conversation",
    "exit_text": "What is said when somebody leaves",
    "reprompt": "What is said when neither option was chosen",
}


def said_at(study: Study) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """Each text that uses variables: its field, the variables, and the reached steps at which it may be said."""
    settings, order = study.flow.settings, study.ways.order
    if settings.exit_word.strip() and (names := names_in(settings.exit_text)):
        yield "exit_text", names, [id for id, profile, _ in study.going if profile.may_be_left]
    if names := names_in(settings.reprompt):
        yield "reprompt", names, [id for id in order[:1] if kind_of(study.flow.nodes[id]).is_sent]
