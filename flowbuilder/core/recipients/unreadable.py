"""Why a file could not be read at all."""

from __future__ import annotations


class Unreadable(ValueError):
    """``text`` says what is wrong with the file and what to do; ``headers`` are there to be matched by hand."""

    def __init__(self, code: str, text: str, *, headers: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.headers = headers
