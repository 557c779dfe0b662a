"""Every error of ours: each has an identity, a sentence for people and, for the wire, whether to try again.

They are mapped to HTTP answers in one place, ``web/errors.py``. What a check, the lint or a
file reader has to say is not an error but data: ``core.finding.Finding``.
"""

from __future__ import annotations

from collections.abc import Sequence

from flowbuilder.core.finding import Finding


class FlowBuilderError(Exception):
    """The root. ``code`` is the identity, ``text`` one clear sentence: what is wrong, what to do; ``retry_after`` seconds to wait."""

    code = "error"
    text = "Something went wrong. Try again; if it stays, tell your administrator."
    retry_after: int | None = None

    def __init__(self, text: str | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(text or self.text)
        self.text = text or self.text
        self.retry_after = retry_after or self.retry_after


class NotFound(FlowBuilderError):
    code = "not_found"
    text = "This does not exist, or it belongs to another workspace."


class NotKnown(FlowBuilderError):
    """A program that does not say who it is, or whose token is not valid."""

    code = "not_known"
    text = "Send a valid API token: Authorization: Bearer wfd_…. Tokens are made on the page API > Tokens."


class NotAllowed(FlowBuilderError):
    code = "not_allowed"
    text = "Your role does not include this. Ask an administrator of the workspace."


class Conflict(FlowBuilderError):
    """The thing has moved on since it was looked at: submitted already, started already, changed by another."""

    code = "conflict"
    text = "This has changed meanwhile. Look at it again and repeat what you wanted to do."


class Malformed(FlowBuilderError):
    """What a program sent cannot be read at all."""

    code = "malformed"
    text = "The body of this request cannot be read. Send JSON in UTF-8."


class WrongType(FlowBuilderError):
    code = "wrong_type"
    text = "This address takes JSON: send it with Content-Type: application/json."


class Invalid(FlowBuilderError):
    """Input that breaks rules; ``findings`` name each place."""

    code = "invalid"
    text = "Some fields need another look."

    def __init__(self, text: str | None = None, findings: Sequence[Finding] = ()) -> None:
        super().__init__(text or (findings[0].text if len(findings) == 1 else None))
        self.findings = tuple(findings)


class Unavailable(FlowBuilderError):
    """Something that we need does not answer now."""

    code = "unavailable"
    text = "A part of the system does not answer just now. Nothing was lost; try again in a moment."
    retryable = True
    retry_after = 5


class Full(FlowBuilderError):
    """There is no room left to write anything down."""

    code = "full"
    text = "The disk of this installation is full, so nothing was saved. Make room on it, then try again."
    retryable = True


class TooMany(FlowBuilderError):
    """Tried too often in too short a time."""

    code = "too_many"
    text = "That was tried too often. Wait a few minutes and try again."
