"""Which line each thing in a webhook is about. Meta calls one address per app or account, whatever the number.

A line answers for the posts at its address, and for those of its siblings: lines of the same workspace on the same
WhatsApp account or app. What is about no such line belongs to nobody here, and is never given to another one.
"""

from __future__ import annotations

from sqlalchemy import select

from flowbuilder.errors import FlowBuilderError
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.whatsapp.webhooks import InboundMessage, Item, StatusUpdate, TemplateItem, UserPreference

_OF_A_NUMBER = (StatusUpdate, InboundMessage, UserPreference)


class Unaddressed(FlowBuilderError):
    """A post about a number or an account that we have no line for."""

    code = "unaddressed"


class Addresses:
    """Asks the database once for each address; lives as long as one round of posts."""

    def __init__(self) -> None:
        self._siblings: dict[str, list[Line]] = {}
        self._numbers: dict[tuple[str, str], str] = {}

    def line_of(self, item: Item, line_id: str) -> str:
        """The line that this item, posted to the address of ``line_id``, is about. Raises Unaddressed."""
        if isinstance(item, _OF_A_NUMBER):
            number = line_id, item.phone_number_id
            if number not in self._numbers:
                self._numbers[number] = self._by_number(*number)
            return self._numbers[number]
        if isinstance(item, TemplateItem):
            return self._by_account(line_id, item.waba_id)
        return line_id

    def _by_number(self, line_id: str, number_id: str) -> str:
        for line in self._of(line_id):
            if number_id in ("", line.phone_number_id):
                return line.id
        raise Unaddressed(
            f"This came for the number with the id {number_id[:64]}, which is none of this workspace's on the same WhatsApp account "
            "or app; nothing was changed. Add that number as a line, or remove this address from the number's settings at Meta."
        )

    def _by_account(self, line_id: str, waba_id: str) -> str:
        for line in self._of(line_id):
            if waba_id in ("", line.waba_id):
                return line.id
        raise Unaddressed(
            f"This came for the WhatsApp account {waba_id[:64]}, of which this workspace has no line; nothing was changed. "
            "Add a line of that account, or remove this address from the account's settings at Meta."
        )

    def _of(self, line_id: str) -> list[Line]:
        """The line of this address, then its siblings."""
        if line_id not in self._siblings:
            own = db.session.get_one(Line, line_id)
            same = (Line.waba_id == own.waba_id) | (Line.app_id == own.app_id)
            others = select(Line).where(Line.workspace_id == own.workspace_id, Line.id != own.id, same).order_by(Line.created_at, Line.id)
            self._siblings[line_id] = [own, *db.session.scalars(others)]
        return self._siblings[line_id]
