"""What stands at the head of a message, as a value. Which files WhatsApp takes is judged in ``core.media``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit


class Kind(StrEnum):
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    DOCUMENT = "DOCUMENT"


NAME_MAX = 240
"""Characters of a file's name."""

LINK_COLUMNS: dict[Kind, tuple[str, ...]] = {
    Kind.IMAGE: ("Image link",),
    Kind.VIDEO: ("Video link",),
    Kind.DOCUMENT: ("Document link", "Document name"),
}
"""What a row of a file may bring beside its words: a link and, if it likes, a name. No customizable word has a blank in its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A picture, video or document: a file of ours, or an address from which Meta fetches it.

    With neither it stands for one that is still to be chosen.
    """

    kind: Kind
    file: str = ""
    link: str = ""
    name: str = ""
    size: int = 0

    @property
    def size_words(self) -> str:
        return size_words(self.size)

    @classmethod
    def from_json(cls, data: Any) -> Medium | None:
        """Read a stored one; None when there is none, or nothing that could be shown."""
        if not isinstance(data, Mapping) or data.get("kind") not in LINK_COLUMNS:
            return None
        texts = {name: value for name in ("file", "link", "name") if isinstance(value := data.get(name), str)}
        size = data.get("size")
        medium = cls(kind=Kind(data["kind"]), size=size if isinstance(size, int) else 0, **texts)
        return medium if medium.file or medium.link else None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def size_words(size: int) -> str:
    if not size:
        return ""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, round(size / 1024))} KB"


def linked(kind: Kind, parameters: Mapping[str, str]) -> Medium | None:
    """What the row of a file says by an address, if it says so."""
    link_column, *name_columns = LINK_COLUMNS.get(kind, ("",))
    link = parameters.get(link_column)
    if not link:
        return None
    return Medium(kind=kind, link=link, name=(parameters.get(name_columns[0]) or _name_in(link)) if name_columns else "")


def _name_in(link: str) -> str:
    """What a browser would call the document behind an address."""
    name = PurePosixPath(unquote(urlsplit(link).path)).name or "Document"
    return (name if name.lower().endswith(".pdf") else f"{name}.pdf")[-NAME_MAX:]
