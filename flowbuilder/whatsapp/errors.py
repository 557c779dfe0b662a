"""What can become of a call to Meta when it does not succeed, and what that means for trying again.

The rule behind all of it: Meta has no idempotency key, so only what was provably not taken may be sent again.
"""

from __future__ import annotations

from enum import StrEnum

from flowbuilder.errors import FlowBuilderError


class Verdict(StrEnum):
    """What the caller of a failed call does next."""

    FAIL = "fail"
    """Refused for this message, for good."""
    WAIT = "wait"
    """Not taken because of too much at once: later, slower; does not count as an attempt."""
    STOP_LINE = "stop_line"
    """Not taken because of the account or token: everything of this line waits for a person."""
    STOP_TEMPLATE = "stop_template"
    """Not taken because of the outbound message: everything that sends it waits for a person."""
    RETRY = "retry"
    """Provably not taken: again, with growing pauses, a few times."""
    UNKNOWN = "unknown"
    """May have been taken: never again by itself, its status webhook settles it."""


class WireError(FlowBuilderError):
    """A call to Meta that brought no result. ``text`` is for people, ``details`` for the log."""

    code = "wire"
    verdict = Verdict.UNKNOWN

    def __init__(self, text: str | None = None, *, details: str = "") -> None:
        super().__init__(text)
        self.details = details


class NotSent(WireError):
    """The request provably never reached Meta: no address, no connection, no handshake."""

    code = "not_sent"
    text = "Meta could not be reached. Nothing was sent; try again in a moment."
    verdict = Verdict.RETRY


class MaybeSent(WireError):
    """The request may have reached Meta, but no readable answer came back."""

    code = "maybe_sent"
    text = "Meta did not answer in a readable way, so it is not known whether this arrived. Its status will tell."
    verdict = Verdict.UNKNOWN


class CloudError(WireError):
    """Meta's own refusal; ``code`` is Meta's number. Decide by it, ``subcode`` or ``verdict``, never by the words."""

    code: int

    def __init__(
        self,
        code: int,
        subcode: int | None = None,
        text: str = "",
        details: str = "",
        verdict: Verdict = Verdict.FAIL,
        *,
        title: str = "",
        message: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(text or f"Meta refused this with code {code}.", details=details)
        self.code = code
        self.subcode = subcode
        self.verdict = verdict
        self.title = title
        self.message = message
        self.retry_after = retry_after


class BadFile(WireError):
    """A file that a person sent came in another way than it should; ``is_final`` when it will not come otherwise."""

    code = "bad_file"
    verdict = Verdict.RETRY

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.verdict = Verdict.FAIL if is_final else Verdict.RETRY


class BadWebhook(FlowBuilderError):
    """A post that is not the JSON object that Meta sends; kept aside for a person to look at."""

    code = "bad_webhook"
    text = "This webhook cannot be read: it is not a JSON object."
