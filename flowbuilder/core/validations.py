"""Validations by a provider: what can be checked, how they end, and what the provider's posts must be like."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from flowbuilder.core.happening import ID, SECRET_PREFIX, SIGNATURE, TIMESTAMP, sign
from flowbuilder.core.schema_words import in_words

CHECKS = {
    "document": "Document",
    "document_and_face": "Document and face",
    "face": "Face",
    "signature": "Signature",
    "background": "Background check",
}
RESULTS = {"approved": "Approved", "rejected": "Rejected", "expired": "Expired"}
WINDOW = 300
"""Seconds that the clock of a post and ours may differ: an old post that somebody caught is not taken again."""
LONGEST_ID = 128
_FILE = Path(__file__).parents[2] / "flows_schema" / "validations.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a provider says of a validation; ``reference`` is what we call it."""

    reference: str
    status: str
    reason: str


def reason_of(variable: str) -> str:
    """The variable that keeps why it ended so."""
    return f"{variable}_reason"


def is_secret(text: str) -> bool:
    """Whether it is a secret as Standard Webhooks writes it, of 24 bytes at least."""
    try:
        return text.startswith(SECRET_PREFIX) and 24 <= len(base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)) <= 128
    except binascii.Error:
        return False


def headers(id: str, at: int, body: bytes, secret: str) -> dict[str, str]:
    return {ID: id, TIMESTAMP: str(at), SIGNATURE: sign(id, at, body, [secret])}


def refusal(given: Mapping[str, str], body: bytes, secret: str, now: float) -> str:
    """Why a post is not from the provider, in words for whoever builds it; empty when it is. ``given`` by lower-case names."""
    id, at, signature = given.get(ID, ""), given.get(TIMESTAMP, ""), given.get(SIGNATURE, "")
    if not id or len(id) > LONGEST_ID or not id.isascii() or not id.isprintable():
        return f"The header {ID} is missing or longer than {LONGEST_ID} plain signs."
    if not at.isascii() or not at.isdecimal() or len(at) > 12:
        return f"The header {TIMESTAMP} is no number of seconds since 1970."
    if abs(now - int(at)) > WINDOW:
        return f"The header {TIMESTAMP} is more than {WINDOW // 60} minutes away from the time here."
    expected = sign(id, int(at), body, [secret]).encode()
    known = any(hmac.compare_digest(expected, one) for one in signature.encode().split())
    return "" if known else f"The header {SIGNATURE} does not fit the body and the secret."


def problem(name: str, document: Any) -> str:
    """What keeps ``document`` from being a ``name`` of the contract, as a sentence; empty when nothing does."""
    found = min(_validator(name).iter_errors(document), key=lambda error: len(error.absolute_path), default=None)
    return in_words(found, "The body").text if found else ""


def verdict(body: bytes) -> Verdict | str:
    """What a callback says, or why it cannot be read."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "The body is not JSON."
    if words := problem("Result", document):
        return words
    return Verdict(document["reference"], document["status"], document.get("reason", "").replace("\x00", ""))


@cache
def schema_of_contract() -> dict[str, Any]:
    return json.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema_of_contract()["$defs"]})
