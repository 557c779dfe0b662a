from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Category, Otp, TemplateContent
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import outbound
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from tests.services.outbound_meta import READY, again, told


@pytest.fixture
def first(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


def translated(workspace: Workspace, first: TemplateMessage, language: str = "es_MX") -> TemplateMessage:
    return outbound.add_language(workspace.id, first.id, language, None)


@pytest.mark.database
def test_another_language_begins_with_the_text_of_the_first(workspace: Workspace, first: TemplateMessage) -> None:
    spanish = translated(workspace, first)
    content = TemplateContent.from_json(spanish.content)
    assert (content.language, content.body, content.variables) == ("es_MX", READY.body, READY.variables)
    assert [row.id for row in outbound.in_group(first)] == [first.id, spanish.id]
    assert outbound.source_of(spanish).id == first.id
    assert outbound.source_of(translated(workspace, spanish, "fr")).id == spanish.id


def test_a_language_is_added_once_and_must_be_one_of_metas(workspace: Workspace, first: TemplateMessage) -> None:
    translated(workspace, first)
    with pytest.raises(Conflict, match="exists in Spanish \\(Mexico\\) already"):
        translated(workspace, first)
    with pytest.raises(Conflict, match="English"):
        translated(workspace, first, "en_US")
    with pytest.raises(Invalid):
        translated(workspace, first, "tlh")


def test_the_languages_of_a_message_have_one_name_at_meta(workspace: Workspace, first: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    outbound.submit(workspace.id, first.id, None)
    spanish = translated(workspace, again(first))
    fake.answer = {"id": "901", "status": "PENDING", "category": "UTILITY"}
    outbound.submit(workspace.id, spanish.id, None)
    assert [(body["name"], body["language"]) for body in fake.created] == [(first.wire_name, "en_US"), (first.wire_name, "es_MX")]


def test_webhooks_reach_the_language_that_they_are_about(workspace: Workspace, first: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    outbound.submit(workspace.id, first.id, None)
    fake.answer = {"id": "901", "status": "PENDING", "category": "UTILITY"}
    spanish = outbound.submit(workspace.id, translated(workspace, again(first)).id, None)
    outbound.apply_status(first.line_id, told(spanish, "APPROVED", meta_id=""))
    assert (again(first).status, again(spanish).status) == (ReviewStatus.PENDING, ReviewStatus.APPROVED)


def test_a_deleted_language_comes_back_under_a_name_that_is_free(workspace: Workspace, first: TemplateMessage, at_meta: Any) -> None:
    fake = at_meta()
    outbound.submit(workspace.id, first.id, None)
    fake.answer = {"id": "901", "status": "APPROVED", "category": "UTILITY"}
    spanish = outbound.submit(workspace.id, translated(workspace, again(first)).id, None)
    fake.answer = {"id": "902", "status": "PENDING", "category": "UTILITY"}
    outbound.delete(workspace.id, spanish.id, None)
    anew = outbound.submit(workspace.id, translated(workspace, again(first)).id, None)
    assert again(spanish).name_free_at is not None
    assert anew.wire_name not in (first.wire_name, spanish.wire_name)
    assert [row.id for row in outbound.in_group(again(first))] == [first.id, anew.id]


def test_a_code_in_another_language_forgets_the_words_of_the_first(workspace: Workspace, line: Line) -> None:
    code = TemplateContent(name="Code", category=Category.AUTHENTICATION, otp=Otp(5, True, "Copy", "*{{code}}* is it.", "Soon over."))
    row = outbound.create(workspace.id, line.id, code, None)
    content = TemplateContent.from_json(translated(workspace, row).content)
    assert (content.otp.body, content.otp.footer, content.otp.button_label) == ("", "", "Copy")


def test_deleting_the_first_draft_leaves_the_others(workspace: Workspace, first: TemplateMessage) -> None:
    spanish = translated(workspace, first)
    outbound.delete(workspace.id, first.id, None)
    assert [row.id for row in outbound.in_group(again(spanish))] == [spanish.id]
    assert outbound.source_of(again(spanish)) is None


def test_a_copy_is_a_message_of_its_own(workspace: Workspace, first: TemplateMessage) -> None:
    copy = outbound.duplicate(workspace.id, translated(workspace, first).id, None)
    assert [row.id for row in outbound.in_group(copy)] == [copy.id]
    in_spanish = replace(READY, name="", language="es_MX", otp=replace(READY.otp, button_label="Copiar código"))
    assert replace(TemplateContent.from_json(copy.content), name="") == in_spanish
