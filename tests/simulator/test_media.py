"""Uploads: samples for template headers in pieces, and media of messages."""

from __future__ import annotations

import pytest

from tests.simulator.running import APP, NUMBER, Running, template

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def test_a_sample_is_uploaded_and_resumed(sim: Running) -> None:
    asked = {"file_name": "a.png", "file_length": len(PNG), "file_type": "image/png"}
    upload = sim.graph("POST", f"{APP}/uploads", params=asked).json()["id"]
    headers = {"Authorization": "OAuth access-token"}
    sim.graph("POST", upload, data=PNG[:50], headers=headers | {"file_offset": "0"})

    assert sim.graph("GET", upload).json()["file_offset"] == 50
    assert sim.refusal(sim.graph("POST", upload, data=PNG[50:], headers=headers | {"file_offset": "0"}))[0] == 100
    handle = sim.graph("POST", upload, data=PNG[50:], headers=headers | {"file_offset": "50"}).json()["h"]
    assert handle.startswith("4::")


def test_a_medium_is_uploaded_sent_read_back_and_deleted(sim: Running) -> None:
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    media_id = sim.graph("POST", f"{NUMBER}/media", data=form, files={"file": ("a.png", PNG, "image/png")}).json()["id"]
    about = sim.graph("GET", media_id).json()

    assert (about["mime_type"], about["file_size"]) == ("image/png", len(PNG))
    assert sim.session.get(about["url"]).content == PNG
    assert sim.session.get(about["url"], headers={"Authorization": ""}).status_code == 401
    assert sim.send(type="image", image={"id": media_id}).status_code == 200
    assert sim.refusal(sim.send(type="video", video={"id": media_id}))[0] == 131053
    assert sim.graph("DELETE", media_id).json() == {"success": True}
    assert sim.refusal(sim.graph("GET", media_id)) == (100, 33)


def test_the_address_of_a_medium_lives_five_minutes(sim: Running) -> None:
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    media_id = sim.graph("POST", f"{NUMBER}/media", data=form, files={"file": ("a.png", PNG, "image/png")}).json()["id"]
    url = sim.graph("GET", media_id).json()["url"]
    sim.control("clock", advance=301)

    assert sim.session.get(url).status_code == 400


@pytest.mark.parametrize(
    ("mime", "length", "data"),
    [
        ("image/gif", 100, b""),
        ("image/png", 5 * 1024 * 1024 + 1, b""),
        ("video/mp4", 16 * 1024 * 1024 + 1, b""),
        ("image/png", 8, b"%PDF-1.4"),
        ("application/pdf", 8, b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_a_sample_of_wrong_type_size_or_looks_is_refused(sim: Running, mime: str, length: int, data: bytes) -> None:
    begun = sim.graph("POST", f"{APP}/uploads", params={"file_name": "a", "file_length": length, "file_type": mime})
    answer = sim.graph("POST", begun.json()["id"], data=data, headers={"file_offset": "0"}) if data else begun

    assert sim.refusal(answer)[0] == 100


@pytest.mark.parametrize(("handle", "subcode"), [("4::made:up", 2388043), ("png", 2388047)])
def test_a_header_wants_a_sample_that_was_uploaded_and_fits(sim: Running, handle: str, subcode: int) -> None:
    handle = sim.sample(PNG, "image/png") if handle == "png" else handle
    header = {"type": "HEADER", "format": "VIDEO", "example": {"header_handle": [handle]}}

    assert sim.refusal(sim.submit(components=[header, *template()["components"]])) == (100, subcode)


def test_an_id_of_a_medium_lapses_after_thirty_days(sim: Running) -> None:
    form = {"messaging_product": "whatsapp", "type": "image/png"}
    media_id = sim.graph("POST", f"{NUMBER}/media", data=form, files={"file": ("a.png", PNG, "image/png")}).json()["id"]
    sim.control("clock", advance=30 * 86_400 + 1)

    assert sim.refusal(sim.send(type="image", image={"id": media_id}))[0] == 100


def test_a_medium_that_does_not_look_like_its_type_is_refused(sim: Running) -> None:
    form = {"messaging_product": "whatsapp", "type": "image/png"}

    assert sim.refusal(sim.graph("POST", f"{NUMBER}/media", data=form, files={"file": ("a.png", b"<svg/>", "image/png")}))[0] == 100
