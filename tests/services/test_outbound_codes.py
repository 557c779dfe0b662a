from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.otp import CodeText, is_known, shipped
from flowbuilder.core.template import Category, Otp, TemplateContent, render
from flowbuilder.errors import NotFound
from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.whatsapp.errors import NotSent
from tests.fixtures.servers import Simulator
from tests.services.outbound_meta import Meta, again

CODE = TemplateContent(name="Code", category=Category.AUTHENTICATION, language="es_MX", otp=Otp(7, True, "Copiar código"))
SHOWN = {"body": "Tu código es *{{1}}*.", "footer": "Caduca en 7 minutos.", "buttons": [{"text": "Copiar"}], "language": "es-MX"}


class Teller(Meta):
    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.told, self.calls = answer, 0

    def code_texts(self, languages: str, *, has_advice: bool, minutes: int | None) -> list[dict[str, Any]]:
        self.calls += 1
        if isinstance(self.told, BaseException):
            raise self.told
        return self.told


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Teller]:
    def install(*answer: Any) -> Teller:
        fake = Teller(answer[0] if answer and isinstance(answer[0], BaseException) else list(answer))
        monkeypatch.setattr(lines, "client", lambda line: fake)
        return fake

    return install


@pytest.mark.database
def test_meta_is_asked_once_for_each_line_language_and_setting(workspace: Workspace, line: Line, teller: Any) -> None:
    fake = teller(SHOWN)
    for _ in range(3):
        assert outbound.codes.learn(workspace.id, line.id, CODE) == CodeText("Tu código es *{{code}}*.", SHOWN["footer"], "Copiar")
    assert fake.calls == 1
    outbound.codes.learn(workspace.id, line.id, replace(CODE, otp=replace(CODE.otp, lifetime_minutes=8)))
    assert fake.calls == 2
    with clock.shifted(timedelta(days=31)):
        outbound.codes.learn(workspace.id, line.id, CODE)
    assert fake.calls == 3


@pytest.mark.parametrize(
    "answer", [NotSent(details="x"), {}, {**SHOWN, "language": "de"}, {**SHOWN, "body": "no word"}, {**SHOWN, "body": None}]
)
def test_without_a_usable_answer_our_own_copy_is_shown_and_nothing_kept(workspace: Workspace, line: Line, teller: Any, answer: Any) -> None:
    teller(answer)
    assert outbound.codes.learn(workspace.id, line.id, CODE) == shipped("es_MX", has_advice=True, minutes=7)
    assert outbound.codes.kept(line.id, CODE) is None


def test_what_meta_showed_is_what_the_message_says_from_its_submission_on(workspace: Workspace, line: Line, teller: Any) -> None:
    teller(SHOWN)
    outbound.codes.learn(workspace.id, line.id, CODE)
    row = outbound.submit(workspace.id, outbound.create(workspace.id, line.id, CODE, None).id, None)
    shown = render(TemplateContent.from_json(again(row).content), {"code": "4711"})
    assert (shown.body, shown.footer) == ("Tu código es *4711*.", "Caduca en 7 minutos.")


def test_a_line_of_another_workspace_tells_nothing(line: Line, teller: Any) -> None:
    teller(SHOWN)
    with pytest.raises(NotFound):
        outbound.codes.learn("wsp_other", line.id, CODE)


@pytest.mark.parametrize("language", ["en_US", "es_MX", "pt_BR", "de", "ar"])
def test_the_simulator_tells_its_words_in_many_languages(simulator: Simulator, workspace: Workspace, line: Line, language: str) -> None:
    content = replace(CODE, language=language)
    text = outbound.codes.learn(workspace.id, line.id, content)
    assert "*{{code}}*" in text.body
    assert "7" in text.footer
    if is_known(language):
        assert (text.body, text.footer) == (
            shipped(language, has_advice=True, minutes=7).body,
            shipped(language, has_advice=True, minutes=7).footer,
        )
    row = outbound.submit(workspace.id, outbound.create(workspace.id, line.id, content, None).id, None)
    outbound.refresh(workspace.id, row.id)
    assert TemplateContent.from_json(again(row).content).otp.body == text.body
