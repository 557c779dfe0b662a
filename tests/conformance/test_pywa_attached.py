"""What a virtual phone attaches, as pywa understands and downloads it; and what WhatsApp would not let through."""

from __future__ import annotations

from typing import Any

import pytest
from pywa import WhatsApp
from pywa.types import Message, MessageType

from tests.conformance.conftest import Receiver
from tests.conformance.test_pywa import PERSON
from tests.media import pdf, picture, video
from tests.simulator.running import Running, until

SOUND = b"OggS" + bytes(60)
FILES = {
    "image": ("shoes.png", picture(), "image/png"),
    "document": ("Terms.pdf", pdf(), "application/pdf"),
    "audio": ("voice.ogg", SOUND, "audio/ogg"),
    "video": ("shoes.mp4", video(), "video/mp4"),
}


def _attach(sim: Running, kind: str, file: tuple[str, bytes, str], **more: str) -> Any:
    sim.control(f"phones/{PERSON}/set", online=True)
    form = {"kind": kind, **more}
    return sim.session.post(f"{sim.url}/phones/{PERSON}/attach", data=form, files={"file": file}, headers={"X-Quiet": "1"}, timeout=10)


@pytest.mark.parametrize("kind", FILES)
def test_an_attached_file_is_told_to_pywa_and_downloaded_by_it(sim: Running, wa: WhatsApp, receiver: Receiver, kind: str) -> None:
    assert _attach(sim, kind, FILES[kind], caption="Here").status_code == 204

    told = until(lambda: receiver.of(Message))[0]
    assert told.type == MessageType(kind)
    assert told.caption == (None if kind == "audio" else "Here")
    assert getattr(told.media, "filename", None) == ("Terms.pdf" if kind == "document" else None)
    assert wa.get_media_bytes(url=wa.get_media_url(told.media.id).url) == FILES[kind][1]


def test_a_place_is_told_to_pywa(sim: Running, receiver: Receiver) -> None:
    sim.control(f"phones/{PERSON}/set", online=True)
    place = {"latitude": "51,4779", "longitude": "-0.0015", "name": "Royal Observatory"}
    assert sim.session.post(f"{sim.url}/phones/{PERSON}/place", data=place, headers={"X-Quiet": "1"}, timeout=10).status_code == 204

    told = until(lambda: receiver.of(Message))[0].location
    assert (told.latitude, told.longitude, told.name) == (51.4779, -0.0015, "Royal Observatory")


@pytest.mark.parametrize(
    ("kind", "file", "words"),
    [
        ("image", ("a.gif", b"GIF89a", "image/gif"), "WhatsApp sends a picture as JPEG or PNG"),
        ("image", ("a.png", b"no picture", "image/png"), "is not what it says"),
        ("image", ("a.png", picture() + bytes(5 << 20), "image/png"), "at most 5 MB"),
        ("audio", ("a.pdf", pdf(), "application/pdf"), "WhatsApp sends sound"),
        ("document", ("a.txt", b"", "text/plain"), "not empty"),
    ],
)
def test_what_whatsapp_would_not_send_is_refused_in_one_sentence(sim: Running, kind: str, file: tuple[str, bytes, str], words: str) -> None:
    answer = _attach(sim, kind, file)
    assert (answer.status_code, words in answer.json()["error"]) == (422, True)
