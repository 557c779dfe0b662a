"""A line as sending sees it: the way to Meta, opened once per process, and the templates that go over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Invalid
from flowbuilder.services.accounts import lines as accounts
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp import payloads
from flowbuilder.whatsapp.transport import Sender


@dataclass(frozen=True, slots=True)
class Wire:
    """How to make the request for one message; holds no connection to the database."""

    sender: Sender
    content: TemplateContent | None = None
    wire_name: str = ""

    def template(self, parameters: Mapping[str, Any], phone: str, message_id: int) -> dict[str, Any]:
        if self.content is None:
            raise Invalid("The outbound message is gone; nothing was sent.")
        return payloads.template(self.content, parameters, phone, str(message_id), wire_name=self.wire_name)

    def free(self, content: Mapping[str, Any], phone: str, message_id: int, *, user_id: str | None = None) -> dict[str, Any]:
        """To the number, or to Meta's user id of a person whose number we were never told."""
        payload = payloads.free(content, phone, str(message_id))
        if phone or not user_id:
            return payload
        del payload["to"]
        return {**payload, "recipient": user_id}


def wire(line: Line, template: TemplateMessage | None = None) -> Wire:
    sender = _sender(line.base_url, accounts.access_token(line), line.phone_number_id)
    if template is None:
        return Wire(sender)
    return Wire(sender, TemplateContent.from_json(template.content), template.wire_name)


def frozen_wire(line: Line, frozen: Mapping[str, Any]) -> Wire:
    """For a batch: its template as it was when the batch started."""
    content = TemplateContent.from_json(frozen["content"])
    return replace(wire(line), content=content, wire_name=frozen["wire_name"])


@lru_cache(maxsize=64)
def _sender(base_url: str, token: str, phone_number_id: str) -> Sender:
    return Sender(base_url, token, phone_number_id)
