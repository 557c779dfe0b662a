"""Uploads: resumed where they broke off, tried again, never held in memory as a whole."""

from __future__ import annotations

import io
from typing import Any

import pytest

from flowbuilder.whatsapp import media
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, NotSent, Verdict


class Meta:
    """Takes so many bytes of each piece; then it breaks off or refuses as told."""

    def __init__(self, *takes: int | Exception) -> None:
        self.takes, self.arrived, self.begun = list(takes), b"", 0

    def begin_upload(self, name: str, size: int, mime: str) -> str:
        self.begun += 1
        return "upload:1?sig=x"

    def continue_upload(self, upload: str, offset: int, rest: Any) -> dict[str, Any]:
        assert offset == len(self.arrived)
        data = rest if isinstance(rest, bytes) else rest.read()
        take = self.takes.pop(0) if self.takes else len(data)
        if isinstance(take, Exception):
            raise take
        self.arrived += data[:take]
        if take < len(data) or self.takes:
            raise MaybeSent()
        return {"h": "4::handle"}

    def upload_offset(self, upload: str) -> int:
        return len(self.arrived)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "_PAUSES", (0.0, 0.0, 0.0))


def upload(meta: Any, data: bytes = b"0123456789") -> str:
    return media.sample_handle(meta, io.BytesIO(data), size=len(data), mime="image/png", name="ä.png")


@pytest.mark.parametrize("takes", [(), (4,), (0, 9), (4, NotSent()), (10, 0)])
def test_a_broken_upload_goes_on_where_it_stopped(takes: tuple[Any, ...]) -> None:
    meta = Meta(*takes)

    assert upload(meta) == "4::handle"
    assert (meta.arrived, meta.begun) == (b"0123456789", 1)


def test_an_upload_that_always_breaks_is_given_up() -> None:
    with pytest.raises(MaybeSent):
        upload(Meta(1, 1, 1, 1, 1, 1))


def test_what_meta_refuses_is_not_sent_again() -> None:
    meta = Meta(CloudError(100, verdict=Verdict.FAIL), 10)

    with pytest.raises(CloudError):
        upload(meta)
    assert meta.takes == [10]


def test_the_form_is_read_in_pieces_and_is_as_long_as_it_says() -> None:
    data = bytes(200_000)
    form = media._Form(io.BytesIO(data), len(data), "application/pdf", "a.pdf")
    length, pieces = len(form), list(form)

    assert sum(map(len, pieces)) == length
    assert max(map(len, pieces)) <= 1 << 16
    assert data in b"".join(pieces)
