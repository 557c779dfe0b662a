"""Messages that came from elsewhere with two answers on them: they can open flows as if they had been written for it."""

from __future__ import annotations

from dataclasses import replace

from flowbuilder.core.actions import Reply
from flowbuilder.core.template import Conversation, TemplateContent


def can_open(content: TemplateContent) -> bool:
    """Whether its only two answers come first, as those of a message of the type Flow do."""
    return not content.is_otp and not content.starts_flow and [isinstance(a, Reply) for a in content.actions][:3] in _TWO_FIRST


def as_opening(content: TemplateContent) -> TemplateContent:
    """The same message, its first answer continuing the conversation and its second finishing it."""
    if not can_open(content):
        return content
    go_on, stop, *others = content.actions
    return replace(content, conversation=Conversation.FLOW, continue_option=go_on.label, finish_option=stop.label, actions=tuple(others))


_TWO_FIRST = ([True, True], [True, True, False])
