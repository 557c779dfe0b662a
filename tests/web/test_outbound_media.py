"""The sample of a message with a picture: uploaded from the form, seen in the preview, and by this workspace alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowbuilder.services import outbound
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.media import MediaFile
from flowbuilder.store.outbound import TemplateMessage
from tests.media import pdf, picture, video
from tests.services.outbound_meta import READY
from tests.web.outbound_pages import HTMX, partial, soup, values


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


def send_file(client: FlaskClient, draft: TemplateMessage, data: bytes, name: str = "Sale.png", headers: Any = None, **fields: str) -> Any:
    form = {"kind": "IMAGE", **fields, "sample_file": (io.BytesIO(data), name)}
    return client.post(f"/outbound/{draft.id}/sample", data=form, content_type="multipart/form-data", headers=headers)


def stored(draft: TemplateMessage) -> dict[str, Any]:
    db.session.rollback()
    return db.session.get_one(TemplateMessage, draft.id, populate_existing=True).content


def test_a_sample_can_be_uploaded_without_script(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    answer = send_file(client, draft, picture(), body="Typed just now, {{first_name}}, and not saved.")

    assert answer.status_code == 303
    page = soup(client.get(answer.location))
    preview = page.find(id="ob-preview")
    assert preview.find("img")["alt"] == "Picture: Sale.png"
    assert client.get(preview.find("img")["src"]).data == picture()
    assert values(page)["body"] == "Typed just now, {{first_name}}, and not saved."


def test_with_script_the_form_gets_the_id_and_saves_it(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    sample = send_file(client, draft, picture(), headers=HTMX).text
    assert sample.startswith("med_")
    answer = soup(client.post(f"/outbound/{draft.id}/draft", data={"kind": "IMAGE", "sample": sample, "shape": ""}, headers=HTMX))

    assert stored(draft)["sample"]["file"] == sample
    assert sample in str(partial(answer, "#ob-preview"))
    assert "Sale.png" in partial(answer, "#part-sample").get_text()
    assert "keeps every rule" in partial(answer, "#ob-todo").get_text()


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        ("IMAGE", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        ("IMAGE", pdf(), "a PDF"),
        ("IMAGE", bytes(5 * 1024 * 1024 + 1), "at most 5 MB"),
        ("VIDEO", video(b"hvc1"), "H.265"),
        ("DOCUMENT", picture(), "a PNG picture"),
        ("IMAGE", b"", "empty"),
    ],
)
def test_a_wrong_file_gets_one_sentence_and_loses_nothing(
    sign_in: Callable[..., FlaskClient], draft: TemplateMessage, kind: str, data: bytes, says: str
) -> None:
    client = sign_in()
    answer = send_file(client, draft, data, kind=kind, body="Kept as it was typed.")

    assert answer.status_code == 422
    page = soup(answer)
    assert says in page.find(id="field-sample-error").get_text()
    assert values(page)["body"] == "Kept as it was typed."
    assert says in send_file(client, draft, data, kind=kind, headers=HTMX).text
    assert db.session.query(MediaFile).count() == 0


def test_forgetting_the_file_is_said_at_the_field(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    answer = sign_in().post(f"/outbound/{draft.id}/sample", data={"kind": "IMAGE"})

    assert answer.status_code == 422
    assert "Choose a file first." in soup(answer).find(id="field-sample-error").get_text()


def test_a_sample_is_removed_and_outlives_a_change_of_the_type(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    send_file(client, draft, picture())
    sample = stored(draft)["sample"]["file"]
    client.post(f"/outbound/{draft.id}/draft", data={"kind": "VIDEO", "sample": sample})
    assert stored(draft)["sample"]["file"] == sample
    assert "Sale.png" not in soup(client.get(f"/outbound/{draft.id}")).find(id="part-sample").get_text()
    client.post(f"/outbound/{draft.id}/draft", data={"kind": "IMAGE", "sample": sample, "do": "remove_sample"})
    assert stored(draft)["sample"] is None


def test_a_file_is_served_as_what_it_is_and_as_a_download(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    sample = send_file(client, draft, picture() + b"<script>alert(1)</script>", "evil.html", headers=HTMX).text
    answer = client.get(f"/media/{sample}")

    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_video_can_be_read_in_parts(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    sample = send_file(client, draft, video(), "a.mp4", headers=HTMX, kind="VIDEO").text
    answer = client.get(f"/media/{sample}", headers={"Range": "bytes=4-7"})

    assert (answer.status_code, answer.data) == (206, b"ftyp")


def test_nobody_names_a_file_of_others(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    assert client.get("/media/med_00000000000000000000").status_code == 404
    assert client.post(f"/outbound/{draft.id}/draft", data={"kind": "IMAGE", "sample": "med_00000000000000000000"}).status_code == 404
    assert stored(draft).get("sample") is None


def test_a_document_shows_its_name_and_size(sign_in: Callable[..., FlaskClient], draft: TemplateMessage) -> None:
    client = sign_in()
    send_file(client, draft, pdf(40_000), "Menü.pdf", kind="DOCUMENT")
    words = soup(client.get(f"/outbound/{draft.id}")).find(id="ob-preview").find(class_="wa-file").get_text(" ", strip=True)

    assert words == "Menü.pdf PDF, 39 KB"
