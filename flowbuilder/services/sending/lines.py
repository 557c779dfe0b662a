"""A line as sending sees it: the way to Meta, opened once per process, and the templates that go over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flowbuilder.core.medium import Medium
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Invalid
from flowbuilder.services import media
from flowbuilder.services.accounts import lines as accounts
from flowbuilder.services.media import Uploaded
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp import payloads
from flowbuilder.whatsapp.transport import Sender

UPLOAD_PAUSE = timedelta(seconds=20)
"""How long what waits for its file to reach Meta rests before the next try."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How to make the request for one message; holds no connection to the database."""

    sender: Sender
    content: TemplateContent | None = None
    wire_name: str = ""
    medium: Medium | None = None
    uploaded: Uploaded | None = None
    """The file at the head of its messages, and what Meta calls it; neither when each row brings a link."""

    @property
    def renewable(self) -> str:
        """Meta's id of the file, when it is old enough that Meta may have lost it."""
        return self.uploaded.meta_id if self.uploaded and self.uploaded.may_be_gone else ""

    def template(self, parameters: Mapping[str, Any], phone: str, message_id: int) -> dict[str, Any]:
        if self.content is None:
            raise Invalid("The outbound message is gone; nothing was sent.")
        media_id = self.uploaded.meta_id if self.uploaded else ""
        to, callback = phone, str(message_id)
        return payloads.template(
            self.content, parameters, to, callback, wire_name=self.wire_name, medium=self.medium, media_id=media_id
        )  # fmt: skip

    def free(self, content: Mapping[str, Any], phone: str, message_id: int, *, user_id: str | None = None) -> dict[str, Any]:
        """To the number, or to Meta's user id of a person whose number we were never told."""
        payload = payloads.free(content, phone, str(message_id), self.uploaded.meta_id if self.uploaded else "")
        if phone or not user_id:
            return payload
        del payload["to"]
        return {**payload, "recipient": user_id}


def wire(line: Line, template: TemplateMessage | None = None, medium: Medium | None = None) -> Wire:
    """For one message. What stands at its head is uploaded now if need be: never call this with a claimed message in hand."""
    sender = _sender(line.base_url, accounts.access_token(line), line.phone_number_id)
    if template is None:
        return _with_medium(Wire(sender), line, medium)
    return _with_medium(Wire(sender, TemplateContent.from_json(template.content), template.wire_name), line, medium)


def frozen_wire(line: Line, plan: Mapping[str, Any]) -> Wire:
    """For a batch: its template and what stands at its head as they were when the batch started."""
    content, wire_name = TemplateContent.from_json(plan["template"]["content"]), plan["template"]["wire_name"]
    return _with_medium(replace(wire(line), content=content, wire_name=wire_name), line, Medium.from_json(plan.get("medium")))


def _with_medium(bare: Wire, line: Line, medium: Medium | None) -> Wire:
    if medium is None:
        return bare
    return replace(bare, medium=medium, uploaded=media.uploaded(line, medium.file) if medium.file else None)


@lru_cache(maxsize=64)
def _sender(base_url: str, token: str, phone_number_id: str) -> Sender:
    return Sender(base_url, token, phone_number_id)
