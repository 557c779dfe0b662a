"""Meta's refusal of a submission as findings on our fields, in Meta's own words where it has some for people."""

from __future__ import annotations

from flowbuilder.core.finding import Finding
from flowbuilder.whatsapp.errors import CloudError

_SUBCODES: dict[int, tuple[str, str]] = {
    2388019: ("line_id", "The WhatsApp account of this line has as many messages as Meta allows. Delete some, or verify the business."),
    2388023: ("name", "A message of this name is still being deleted at Meta, which takes up to 30 days. Duplicate this one."),
    2388040: ("body", "A text is longer than Meta takes. Shorten it."),
    2388043: ("body", "An example is missing. Give one for every customizable word."),
    2388047: ("header", "Meta does not take the header. Write plain text without formatting or emoji."),
    2388060: ("actions", "Meta does not take one of the buttons. Check the labels, numbers and addresses."),
    2388072: ("body", "Meta does not take the message. Check its formatting and its customizable words."),
    2388073: ("footer", "Meta does not take the footer. Write plain text without customizable words."),
    2388109: ("name", "Meta cannot create this message. Look at its words below and at WhatsApp Manager."),
    2388293: ("body", "There are too many customizable words for so short a text. Write more text, or use fewer words."),
    2388299: ("body", "The message may not begin or end with a customizable word. Put some text around it."),
}
"""Subcodes of the page support/error-codes and of WhatsApp Manager: our field and our words for each."""


def findings_for(error: CloudError) -> tuple[Finding, ...]:
    """What Meta said, with its title and sentence first: it may know more than we do."""
    field, ours = _SUBCODES.get(error.subcode or 0, ("form", ""))
    theirs = ": ".join(part for part in (error.title.rstrip("."), error.message) if part)
    text = " ".join(part for part in (f"Meta says: {theirs}" if theirs else "", ours) if part)
    code = f"meta_{error.code}" + (f"_{error.subcode}" if error.subcode else "")
    return (Finding(code, text or _plain(error), field=field),)


def _plain(error: CloudError) -> str:
    return f"{error.text} Details: {error.details}" if error.details else error.text
