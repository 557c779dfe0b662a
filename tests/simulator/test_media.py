"""Uploads: samples for template headers in pieces, and media of messages."""

from __future__ import annotations

from tests.simulator.running import APP, NUMBER, Running

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
