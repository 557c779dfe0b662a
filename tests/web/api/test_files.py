"""Pictures, videos and documents by the API: uploaded once, named by their id wherever a message shows one."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core import contract
from flowbuilder.core.medium import Kind
from flowbuilder.core.template import TemplateContent
from flowbuilder.services import media
from flowbuilder.services.sending import reading
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.media import MediaFile, MediaUpload
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message
from tests import worlds
from tests.media import pdf, picture
from tests.web.api.conftest import Program

_ROW = {"phone": "+4915123456781", "parameters": {"first_name": "Ann"}}
_FORM = "multipart/form-data"


def _upload(call: Program, kind: str = "IMAGE", data: bytes = b"", name: str = "New.png", **more: Any) -> Any:
    return call("POST", "/files", data={"kind": kind, "file": (io.BytesIO(data or picture()), name)}, content_type=_FORM, **more)


@pytest.fixture
def pictured(line: Line) -> TemplateMessage:
    """An approved message with a picture, whose sample is a file."""
    sample = media.as_medium(media.keep(line.workspace_id, Kind.IMAGE, io.BytesIO(picture()), "Sample.png", field="", user_id=None))
    row = worlds.template(line)
    shown = {"conversation": "NOTIFICATION", "kind": "IMAGE"}
    row.conversation, row.kind, row.content = "NOTIFICATION", "IMAGE", {**row.content, **shown, "sample": sample.to_json()}
    db.session.commit()
    return row


def _message(template: TemplateMessage, **changes: Any) -> dict[str, Any]:
    return {"outbound_id": template.id, **_ROW, "opt_in": True, **changes}


def test_an_uploaded_file_says_what_it_was_found_to_be(call: Program) -> None:
    made = _upload(call, data=picture("JPEG"), name="tmp/New.png").json

    assert (made["kind"], made["name"], made["mime"]) == ("IMAGE", "New.png", "image/jpeg")
    assert media.path_of(made["id"]).read_bytes() == picture("JPEG")


@pytest.mark.parametrize(
    ("fields", "pointer", "sentence"),
    [
        ({"kind": "IMAGE", "file": (io.BytesIO(pdf()), "a.png")}, "/file", "This file is a PDF"),
        ({"kind": "SOUND", "file": (io.BytesIO(picture()), "a.png")}, "/kind", "must be one of"),
        ({"kind": "IMAGE"}, "/file", "Send the file"), ({}, "/kind", "lacks"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_at_its_part_and_leaves_nothing(call: Program, fields: Any, pointer: str, sentence: str) -> None:
    refused = call("POST", "/files", data=fields, content_type=_FORM)

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    assert sentence in refused.json["errors"][0]["detail"]
    assert not list(media.path_of("x").parent.glob("*"))


def test_a_file_comes_as_a_form_and_in_no_other_way(call: Program) -> None:
    assert call("POST", "/files", json={"kind": "IMAGE"}).status_code == 415


def test_the_same_call_again_makes_no_second_file(call: Program) -> None:
    made = [_upload(call, key="one").json["id"] for _ in range(2)]

    assert made[0] == made[1]
    assert db.session.query(MediaFile).count() == len(list(media.path_of("x").parent.glob("*"))) == 1


def test_files_are_listed_the_newest_first_and_page_by_page(call: Program) -> None:
    made = [_upload(call, name=f"{n}.png").json for n in range(3)] + [_upload(call, "DOCUMENT", pdf(), "a.pdf").json]

    first = call("GET", "/files?limit=3").json
    assert first["items"] == made[:0:-1]
    assert call("GET", f"/files?limit=3&after={first['next']}").json == {"items": made[:1], "next": None}
    assert call("GET", "/files?kind=DOCUMENT").json["items"] == made[3:]
    assert call("GET", f"/files/{made[1]['id']}").json == made[1]


def test_a_file_that_nothing_shows_is_deleted_with_its_bytes(call: Program) -> None:
    made = _upload(call).json["id"]

    assert call("DELETE", f"/files/{made}").status_code == 204

    assert not media.path_of(made).exists()
    assert call("GET", f"/files/{made}").status_code == call("DELETE", f"/files/{made}").status_code == 404
    assert call("GET", "/files").json["items"] == []


def test_a_file_that_something_shows_stays_and_the_answer_says_what_shows_it(pictured: TemplateMessage, call: Program, line: Line) -> None:
    head, single, sent = (_upload(call, name=f"{name}.png").json["id"] for name in ("Head", "Single", "Sent"))
    batch = call("POST", "/batches", json={"outbound_id": pictured.id, "rows": [_ROW], "media": head}).json["name"]
    call("POST", "/messages", json=_message(pictured, media=single))
    db.session.add(MediaUpload(line_id=line.id, media_id=sent, meta_id="1", uploaded_at=clock.now()))
    db.session.commit()
    said = {
        pictured.content["sample"]["file"]: f"“Sample.png” cannot be deleted, because the outbound message “{pictured.name}” shows it",
        head: f"“Head.png” cannot be deleted, because the batch “{batch}” shows it.",
        single: "“Single.png” cannot be deleted, because messages that were sent or wait to be sent show it.",
        sent: "“Sent.png” cannot be deleted, because messages that were sent or wait",
    }

    for media_id, sentence in said.items():
        refused = call("DELETE", f"/files/{media_id}")
        assert (refused.status_code, refused.json["code"]) == (409, "conflict")
        assert sentence in refused.json["detail"]
        assert media.path_of(media_id).exists()


def test_looking_at_files_and_changing_them_are_allowed_apart(program: Callable[..., Program]) -> None:
    reader, writer = program("files:read"), program("files:write")
    made = _upload(writer).json["id"]

    assert _upload(reader).status_code == reader("DELETE", f"/files/{made}").status_code == 403
    assert writer("GET", "/files").status_code == writer("GET", f"/files/{made}").status_code == 403
    assert reader("GET", f"/files/{made}").status_code == 200


def test_a_message_shows_the_sample_unless_a_file_is_named(pictured: TemplateMessage, call: Program) -> None:
    new = _upload(call).json["id"]

    assert call("POST", "/messages", json=_message(pictured)).json["media"] == pictured.content["sample"]["file"]
    named = call("POST", "/messages", json=_message(pictured, media=new)).json
    assert named["media"] == new
    assert db.session.get(Message, named["id"]).content["medium"]["name"] == "New.png"


def test_a_file_that_does_not_fit_is_told_at_its_field(pictured: TemplateMessage, line: Line, call: Program) -> None:
    document = _upload(call, "DOCUMENT", pdf(), "a.pdf").json["id"]
    plain = worlds.template(line)
    plain.conversation, plain.content = "NOTIFICATION", {**plain.content, "conversation": "NOTIFICATION"}
    db.session.commit()

    for template, named in ((pictured, document), (pictured, "med_x"), (plain, document)):
        refused = call("POST", "/messages", json=_message(template, media=named))
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/media")
    assert db.session.query(Message).count() == 0


def test_a_batch_shows_one_file_to_everybody(pictured: TemplateMessage, call: Program) -> None:
    new = _upload(call).json["id"]
    file = (io.BytesIO(b"Phone number,first_name\n+4915123456781,Ann\n"), "people.csv")

    rows = call("POST", "/batches", json={"outbound_id": pictured.id, "rows": [_ROW], "media": new}).json
    upload = call("POST", "/batches", data={"outbound_id": pictured.id, "media": new, "file": file}, content_type=_FORM).json
    plain = call("POST", "/batches", json={"outbound_id": pictured.id, "rows": [_ROW]}).json

    assert (rows["media"], upload["media"], plain["media"]) == (new, new, pictured.content["sample"]["file"])


def test_each_row_of_a_batch_may_bring_a_link(pictured: TemplateMessage, call: Program) -> None:
    rows = [{**_ROW, "parameters": {"first_name": "Ann", "Image link": "https://shop.example/1.png"}}, _ROW]
    made = call("POST", "/batches", json={"outbound_id": pictured.id, "rows": rows, "media_links": True}).json
    reading.run(made["id"])

    found = call("GET", f"/batches/{made['id']}").json
    assert (found["media"], found["numbers"]["rows"], found["numbers"]["faulty"]) == (None, 2, 1)
    assert call("GET", f"/batches/{made['id']}/faults").json["items"][0]["column"] == "Image link"


def _draft(line: Line, **changes: Any) -> dict[str, Any]:
    return {"line_id": line.id, "name": "Menu", "category": "UTILITY", "language": "en_US", "body": "Our menu.", "kind": "IMAGE", **changes}


def test_a_draft_gets_its_sample_and_its_answers(line: Line, call: Program) -> None:
    sample, answers = _upload(call).json["id"], [{"kind": "reply", "label": "Thanks"}]
    bare = call("POST", "/outbounds", json=_draft(line)).json
    assert "/sample" in {finding["pointer"] for finding in bare["findings"]}

    made = call("PATCH", f"/outbounds/{bare['id']}", json={"sample": sample, "actions": answers}).json
    assert (made["content"]["sample"], made["content"]["actions"], made["findings"]) == (sample, answers, [])

    assert call("PATCH", f"/outbounds/{bare['id']}", json={"footer": "Bye"}).json["content"]["sample"] == sample
    assert call("PATCH", f"/outbounds/{bare['id']}", json={"sample": None}).json["content"]["sample"] is None
    assert call("PATCH", f"/outbounds/{bare['id']}", json={"sample": "med_x"}).json["errors"][0]["pointer"] == "/sample"


def test_a_draft_in_another_language_stands_with_the_first(line: Line, call: Program) -> None:
    first = call("POST", "/outbounds", json=_draft(line, kind="TEXT")).json
    other = call("POST", f"/outbounds/{first['id']}/languages", json={"language": "es"}).json

    assert (other["group_id"], other["content"]["language"], other["status"]) == (first["group_id"], "es", "draft")
    assert call("POST", f"/outbounds/{first['id']}/languages", json={"language": "es"}).status_code == 409
    assert call("POST", f"/outbounds/{first['id']}/languages", json={"language": "xx"}).json["errors"][0]["pointer"] == "/language"


def test_every_part_of_a_message_is_in_the_document() -> None:
    parts, schemas = set(TemplateContent().to_json()), contract.schemas()

    assert set(schemas["OutboundContent"]["properties"]) == parts
    assert set(schemas["OutboundText"]["properties"]) - {"line_id"} == parts - {"format"}
