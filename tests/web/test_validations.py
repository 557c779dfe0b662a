"""The page of providers, the address that results are posted to, and the guide for whoever builds a provider."""

from __future__ import annotations

import base64
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core.schema import FOLDER
from flowbuilder.services.accounts import providers
from flowbuilder.services.conversations import validations
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.requests import Request
from flowbuilder.store.validations import Provider, Validation, ValidationNews
from tests import worlds

_SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
_FORM = {"name": "Example", "base_url": "https://identity.example.com/v1", "secret": _SECRET, "checks": ["document", "face"]}


@pytest.fixture
def provider(workspace: Workspace) -> Provider:
    details = providers.Details(name="Example", base_url="https://identity.example.com", secret=_SECRET, checks=["document"])
    return providers.add(workspace.id, details, user_id=None)


def test_a_provider_is_added_and_its_secret_never_shown_again(sign_in: Callable[..., FlaskClient]) -> None:
    client = sign_in("admin")
    assert "whsec_" in client.get("/providers/new").text
    assert client.post("/providers/new", data=_FORM).status_code == 303
    row = db.session.query(Provider).one()
    assert (row.name, row.checks, providers.secret_of(row)) == ("Example", ["document", "face"], _SECRET)
    for path in ("/providers", f"/providers/{row.id}"):
        assert _SECRET not in client.get(path).text
    assert client.post(f"/providers/{row.id}", data=_FORM | {"name": "Other", "secret": ""}).status_code == 303
    db.session.expire_all()
    assert (row.name, providers.secret_of(row)) == ("Other", _SECRET)


def test_bad_input_gets_a_sentence_at_its_place_and_loses_nothing(sign_in: Callable[..., FlaskClient]) -> None:
    wrong = {"name": "Example", "base_url": "http://identity.example.com", "secret": "secret", "checks": []}
    answer = sign_in("admin").post("/providers/new", data=wrong)
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert page.select_one("[name=name]")["value"] == "Example"
    for field in ("base_url", "secret", "checks"):
        assert page.select_one(f"[data-field={field}] .field-error").text.strip(), field


def test_only_admins_see_providers(sign_in: Callable[..., FlaskClient]) -> None:
    assert sign_in("designer").get("/providers").status_code == 403


@pytest.fixture
def asked(line: Line, provider: Provider) -> Validation:
    """What a conversation at the step Validation has asked for."""
    data = {"provider": provider.id, "check": "document", "text": "Show it.", "label": "Open", "after": 3600, "variable": "identity"}
    edges = (("n1", "continue", "n2"), ("n2", "approved", "n3"), ("n2", "rejected", "n3"), ("n2", "expired", "n3"))
    finish = ("n3", "finish", {"outcome": "success", "text": ""})
    version = worlds.version(line, worlds.flow(("n1", "you_send_it", {}), ("n2", "validation", data), finish, edges=edges))
    worlds.past_the_opening(line, version)
    row = db.session.query(Request).one()
    validations.prepare(row)
    return db.session.query(Validation).one()


@pytest.fixture
def examples(sign_in: Callable[..., FlaskClient]) -> dict[str, str]:
    page = BeautifulSoup(sign_in("viewer").get("/api/validations").text, "html.parser")
    return {part["data-example"]: part.get_text() for part in page.select("pre[data-example]")}


def test_the_examples_of_the_guide_post_a_result_that_is_kept(
    examples: dict[str, str], asked: Validation, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def post(url: str, data: bytes, headers: dict[str, str]) -> SimpleNamespace:
        return SimpleNamespace(status_code=client.post(url, data=data, headers=headers).status_code)

    monkeypatch.setattr(requests, "post", post)
    for name, value in {"REFERENCE": asked.id, "SECRET": _SECRET, "CALLBACK_URL": f"/providers/{asked.provider_id}/results"}.items():
        monkeypatch.setenv(name, value)
    place: dict[str, Any] = {}
    assert list(examples) == ["sign", "result"]
    exec(examples["sign"], place)
    exec(examples["result"], place)
    exec(examples["result"], place)
    assert capsys.readouterr().out == "200\n200\n"
    news = db.session.query(ValidationNews).one()
    assert (news.status, news.reason) == ("rejected", "The photo is blurred.")
    monkeypatch.setenv("SECRET", "whsec_" + base64.b64encode(b"t" * 32).decode())
    exec(examples["result"], place)
    monkeypatch.setenv("CALLBACK_URL", "/providers/nobody/results")
    exec(examples["result"], place)
    assert capsys.readouterr().out == "403\n404\n"


def test_the_conversation_shows_what_the_provider_told(sign_in: Callable[..., FlaskClient], asked: Validation) -> None:
    talk = db.session.get_one(Request, asked.request_id).conversation_id
    for event, status in (("e1", "rejected"), ("e2", "approved")):
        db.session.add(
            ValidationNews(
                validation_id=asked.id, event_id=event, status=status, reason=f"By {event}.", at=clock.now(), told_at=clock.now(),
                moved=event == "e1",
            )
        )  # fmt: skip
    db.session.commit()
    page = BeautifulSoup(sign_in("viewer").get(f"/conversations/{talk}").text, "html.parser").select_one("details.asked")
    words = " ".join(page.get_text(" ").split())
    assert "By e1." in words and asked.id in words
    assert "By e2. Came after the first result" in words


def test_the_schema_of_the_contract_is_there_for_everybody(client: FlaskClient) -> None:
    assert client.get("/api/validations.json").json["$id"] == "validations.json"
    assert (FOLDER / "validations.json").exists()
