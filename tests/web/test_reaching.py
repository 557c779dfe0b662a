"""Steps that reach outside, as pages show them: tried from the panel, seen in the conversation; the secrets that they name."""

from __future__ import annotations

from collections.abc import Callable

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.requests import Request
from tests import worlds
from tests.fixtures.program import Program

SignIn = Callable[..., FlaskClient]


def words(text: str) -> str:
    return " ".join(BeautifulSoup(text, "html.parser").get_text(" ").split())


def drawn(workspace: Workspace, **data: object) -> str:
    """The address at which a step HTTP request of a new flow is tried."""
    draft = flows.create(workspace.id, "Orders")
    step = {"id": "n2", "kind": "http_request", "data": KINDS["http_request"].blank() | data}
    flows.change(workspace.id, draft.id, {"kind": "add_node", "node": step, "at": [0, 0]}, None)
    return f"/flows/{draft.id}/steps/n2/try"


def test_a_request_is_tried_with_sample_values(sign_in: SignIn, workspace: Workspace, line: Line, program: Program) -> None:
    line.is_simulator = True
    db.session.commit()
    url = drawn(workspace, url=program.url + "/orders/{{order}}", outputs=[{"variable": "state", "path": "state"}])
    answer = words(sign_in("designer").post(url, data={"sample.order": "48"}).text)

    assert [one.path for one in program.asked] == ["/orders/48"]
    assert "Success 200" in answer and "state packed" in answer


def test_a_request_that_is_not_filled_in_is_not_made(sign_in: SignIn, workspace: Workspace) -> None:
    assert "address" in words(sign_in("designer").post(drawn(workspace, url="")).text)


def test_the_conversation_shows_a_request_with_its_answer(sign_in: SignIn, line: Line) -> None:
    call = ("n2", "http_request", KINDS["http_request"].blank() | {"url": "https://shop.example/orders/48"})
    finish = ("n3", "finish", {"outcome": "success", "text": ""})
    edges = (("n1", "continue", "n2"), ("n2", "success", "n3"), ("n2", "failure", "n3"))
    version = worlds.version(line, worlds.flow(("n1", "you_send_it", {}), call, finish, edges=edges))
    now = clock.now()
    talk = worlds.past_the_opening(line, version)
    asked = db.session.query(Request).one()
    asked.status, asked.started_at, asked.attempt = "done", now, 1
    asked.result = {"status": 200, "milliseconds": 12, "body": '{"state": "packed"}'}
    db.session.commit()
    page = BeautifulSoup(sign_in("viewer").get(f"/conversations/{talk.id}").text, "html.parser")

    shown = " ".join(page.select_one("details.asked").get_text(" ").split())
    assert shown.startswith("GET https://shop.example/orders/48 200, 12 ms") and '{"state": "packed"}' in shown


def test_a_secret_is_kept_by_its_name_never_shown_and_deleted(sign_in: SignIn) -> None:
    client = sign_in("admin")
    kept = client.post("/secrets", data={"name": "crm_token", "value": "open-sesame-42"}, follow_redirects=True)
    assert "“crm_token” is kept" in words(kept.text) and "open-sesame" not in kept.text
    form = BeautifulSoup(kept.text, "html.parser").select_one('form[action$="/delete"]')
    assert "No secrets yet" in words(client.post(form["action"], follow_redirects=True).text)


def test_a_secret_without_a_right_name_is_refused_at_its_place(sign_in: SignIn) -> None:
    answer = sign_in("admin").post("/secrets", data={"name": "CRM token!", "value": "open-sesame-42"})
    field = BeautifulSoup(answer.text, "html.parser").find("input", {"name": "name"})
    assert (answer.status_code, field["value"], field["aria-invalid"]) == (422, "CRM token!", "true")
    assert "open-sesame" not in answer.text
