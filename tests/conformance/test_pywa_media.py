"""Media headers as pywa sends them: its samples and its files are taken, and arrive as what they were."""

from __future__ import annotations

from typing import Any

import pytest
from pywa import WhatsApp, errors
from pywa.types import templates as t

from tests.conformance.test_pywa import PERSON
from tests.media import pdf, picture, video
from tests.simulator.running import Running, until

FILES = {
    "image": (t.HeaderImage, "image/png", picture()),
    "video": (t.HeaderVideo, "video/mp4", video()),
    "document": (t.HeaderDocument, "application/pdf", pdf()),
}


def _approved(wa: WhatsApp, kind: str) -> Any:
    header, mime, data = FILES[kind]
    parts = [header(data, mime_type=mime), t.BodyText("Dear {{first_name}}, here is what you asked us for.", first_name="Ann")]
    asked = {"category": t.TemplateCategory.UTILITY, "language": t.TemplateLanguage.ENGLISH_US, "parameter_format": t.ParamFormat.NAMED}
    wished = t.Template(name="with_media", components=parts, **asked)
    created = wa.create_template(wished)
    until(lambda: wa.get_template(created.id).status == t.TemplateStatus.APPROVED)
    return header, mime, data


def _send(wa: WhatsApp, *params: Any) -> None:
    words = t.BodyText.params(first_name="Zoë")
    wa.send_template(to=PERSON, name="with_media", language=t.TemplateLanguage.ENGLISH_US, params=[*params, words])


@pytest.mark.parametrize("kind", FILES)
def test_a_file_uploaded_by_pywa_stands_at_the_head(sim: Running, wa: WhatsApp, kind: str) -> None:
    header, mime, data = _approved(wa, kind)
    _send(wa, header.params(**{kind: data}, mime_type=mime))

    shown = sim.control(f"phones/{PERSON}")["messages"][0]["content"]["header"]
    assert shown["kind"] == kind
    assert sim.session.get(sim.graph("GET", shown["media"]).json()["url"]).content == data


def test_pywa_is_told_when_the_head_is_missing_or_of_another_kind(sim: Running, wa: WhatsApp) -> None:
    _approved(wa, "image")

    with pytest.raises(errors.TemplateParamFormatMismatch):
        _send(wa)
    with pytest.raises(errors.TemplateParamFormatMismatch):
        _send(wa, t.HeaderVideo.params(video=video(), mime_type="video/mp4"))
