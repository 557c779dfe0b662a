"""The names that Meta knows our messages by."""

from __future__ import annotations

import re
import unicodedata


def wire_name(name: str, message_id: str) -> str:
    """The name that Meta knows a message by: readable, and never used before, since a deleted name is blocked 30 days."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "message"
    return f"{slug[:480]}_{message_id[-8:].lower()}"
