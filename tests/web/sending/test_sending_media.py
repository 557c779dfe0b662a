"""The pages of sending for a message with a picture: the sample by one click, another file, or a link in each row."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.medium import Kind
from flowbuilder.services import media
from flowbuilder.store import db
from flowbuilder.store.sending import Batch, Message
from flowbuilder.web.sending.batch import leaves_links
from tests.media import pdf, picture
from tests.web.sending.pages import HTMX, page, upload, wish, words


@pytest.fixture
def sample(workspace):
    row = media.keep(workspace.id, Kind.IMAGE, io.BytesIO(picture()), "Sample.png", field="sample", user_id=None)
    return media.as_medium(row)


@pytest.fixture
def pictured(template, sample):
    row = template()
    row.kind, row.content = "IMAGE", {**row.content, "kind": "IMAGE", "sample": sample.to_json()}
    db.session.commit()
    return row


def send(client, pictured, file: tuple[bytes, str] | None = None, headers: Any = None, **changes: str):
    """The form as a browser sends it; the ticked radio button is named by ``medium``."""
    form = wish(page(client.get(f"/outbound/{pictured.id}/send")), **changes)
    form.pop("medium_file", None)
    data = {**form, **({"medium_file": (io.BytesIO(file[0]), file[1])} if file else {})}
    return client.post(f"/outbound/{pictured.id}/send", data=data, content_type="multipart/form-data", headers=headers)


def head() -> dict[str, Any]:
    db.session.rollback()
    return db.session.query(Message).one().content["medium"]


def test_the_sample_is_ticked_and_seen_in_the_preview(sign_in, pictured, sample) -> None:
    shown = page(sign_in("tester").get(f"/outbound/{pictured.id}/send"))

    assert shown.select_one("input[name=medium][checked]")["value"] == sample.file
    assert words(shown.select_one('[data-field="medium"]')).startswith("Image above the text Take the sample Sample.png")
    assert sample.file in shown.select_one(".wall img")["src"]


def test_the_sample_is_sent_and_seen_again_on_the_page_of_the_message(sign_in, pictured, sample) -> None:
    client = sign_in("tester")
    answer = send(client, pictured, medium=sample.file)

    assert head()["file"] == sample.file
    assert sample.file in page(client.get(answer.headers["Location"])).select_one(".wall img")["src"]


def test_an_uploaded_file_is_sent_instead(sign_in, pictured, sample) -> None:
    assert send(sign_in("tester"), pictured, (picture("JPEG"), "New.jpg"), medium=sample.file).status_code == 303
    assert head()["name"] == "New.jpg"


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_wrong_file_is_refused_at_its_field(sign_in, pictured, sample, headers) -> None:
    answer = send(sign_in("tester"), pictured, (pdf(), "New.jpg"), headers, medium=sample.file)

    assert answer.status_code == 422
    assert "This file is a PDF, whatever its name says." in words(page(answer).select_one("#field-medium-error"))
    assert page(answer).select_one("[name=value_first_name]")["value"] == "Ann"


def test_a_good_file_is_kept_while_another_field_is_corrected(sign_in, pictured, sample) -> None:
    client = sign_in("tester")
    again = page(send(client, pictured, (picture("JPEG"), "New.jpg"), medium=sample.file, phone="1"))
    ticked = again.select_one("input[name=medium][checked]")
    assert "Take New.jpg" in words(ticked.parent)

    send(client, pictured, medium=ticked["value"])
    assert head()["name"] == "New.jpg"


def test_without_a_sample_a_picture_must_be_chosen(sign_in, pictured) -> None:
    pictured.content = {**pictured.content, "sample": None}
    db.session.commit()
    answer = send(sign_in("tester"), pictured)

    assert answer.status_code == 422
    assert words(page(answer).select_one("#field-medium-error")) == "Choose the picture that stands at the head of this message."


def test_nobody_sends_a_file_of_others(sign_in, pictured) -> None:
    assert send(sign_in("tester"), pictured, medium="med_00000000000000000000").status_code == 404
    assert db.session.query(Message).count() == 0


def test_a_batch_has_one_file_for_everybody(sign_in, pictured, sample) -> None:
    answer = upload(sign_in("tester"), f"/outbound/{pictured.id}/batches", "recipients_2000.csv", medium=sample.file)
    assert db.session.get(Batch, answer.headers["Location"].rsplit("/", 1)[1]).plan["medium"]["file"] == sample.file


def test_a_file_with_links_whose_batch_shows_one_picture_says_that_they_are_not_used(sign_in, pictured, sample) -> None:
    plan = {"template": {"content": pictured.content}, "headers": ["phone", "IMAGE LINK"], "columns": {"phone": "phone"}}

    assert leaves_links(Batch(plan=plan))
    assert not leaves_links(Batch(plan={**plan, "is_linked": True}))


def test_a_batch_that_waits_for_its_file_says_what_is_tried_and_when(sign_in, pictured, sample) -> None:
    client = sign_in("tester")
    address = upload(client, f"/outbound/{pictured.id}/batches", "recipients_2000.csv", medium=sample.file).headers["Location"]
    batch = db.session.get(Batch, address.rsplit("/", 1)[1])
    batch.status, batch.waits_until = "running", clock.now() + timedelta(seconds=20)
    batch.waits_because = "The file at the head of the messages could not be brought to Meta yet."
    db.session.commit()

    shown = page(client.get(address)).select_one(".live-words")
    assert words(shown).startswith(f"{batch.waits_because} The batch goes on by itself; it tries again")
    assert shown.select_one("time")["datetime"] == batch.waits_until.isoformat()


def test_a_message_that_waits_for_its_file_says_what_is_tried_and_when(sign_in, pictured, sample) -> None:
    client = sign_in("tester")
    address = send(client, pictured, medium=sample.file).headers["Location"]
    row = db.session.query(Message).one()
    row.error_text, row.due_at = "Its file could not be brought to Meta yet.", clock.now() + timedelta(seconds=20)
    db.session.commit()

    shown = page(client.get(address)).select_one(".message-note")
    assert words(shown).startswith("It waits: Its file could not be brought to Meta yet. It is tried again")
    assert shown.select_one("time")["datetime"] == row.due_at.isoformat()


def test_a_batch_whose_rows_bring_links_wants_their_column(sign_in, pictured) -> None:
    client = sign_in("tester")
    answer = upload(client, f"/outbound/{pictured.id}/batches", "recipients_2000.csv", medium="rows")
    batch = db.session.get(Batch, answer.headers["Location"].rsplit("/", 1)[1])

    assert (batch.is_linked, batch.plan["medium"]) == (True, None)
    asked = client.get(f"/outbound/{pictured.id}/recipients.csv?links=1").text
    assert "Image link" in asked
    assert "https://example.com/file" in asked
    assert "Image link" not in client.get(f"/outbound/{pictured.id}/recipients.csv").text
