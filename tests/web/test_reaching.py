"""Steps that reach outside, as pages show them: tried from the panel, seen in the conversation; the secrets that they name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.services.accounts import vault
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.requests import Request
from tests import worlds
from tests.fixtures.program import Program

SignIn = Callable[..., FlaskClient]
STATE = {"variable": "state", "path": "state"}


def words(text: str) -> str:
    return " ".join(BeautifulSoup(text, "html.parser").get_text(" ").split())


def drawn(workspace: Workspace, **data: object) -> str:
    """The address at which a step HTTP request of a new flow is tried."""
    draft = flows.create(workspace.id, "Orders")
    step = {"id": "n2", "kind": "http_request", "data": KINDS["http_request"].blank() | data}
    flows.change(workspace.id, draft.id, {"kind": "add_node", "node": step, "at": [0, 0]}, None)
    return f"/flows/{draft.id}/steps/n2/try"


@pytest.fixture
def simulated(workspace: Workspace, line: Line) -> Workspace:
    """All of it is played, so that this machine may be reached."""
    line.is_simulator = True
    db.session.commit()
    return workspace


def test_a_request_is_tried_with_sample_values(sign_in: SignIn, simulated: Workspace, program: Program) -> None:
    url = drawn(simulated, url=program.url + "/orders/{{order}}", outputs=[STATE])
    answer = words(sign_in("designer").post(url, data={"sample.order": "48"}).text)

    assert [one.path for one in program.asked] == ["/orders/48"]
    assert "Success 200" in answer and "state packed" in answer


def test_a_trial_of_a_request_shows_the_body_as_sent_and_no_secret(sign_in: SignIn, simulated: Workspace, program: Program) -> None:
    vault.put(simulated.id, "shop_key", "tops3cret/key", user_id=None)
    program.usual = {"state": "for Bearer tops3cret/key"}
    step = {
        "method": "POST", "url": program.url + "/orders", "body": '{"name": "{{name}}", "count": {{count}}}', "outputs": [STATE],
        "headers": [{"name": "Authorization", "value": "Bearer ", "secret": "shop_key"}],
    }  # fmt: skip
    designer, url = sign_in("designer"), drawn(simulated, **step)
    asked = BeautifulSoup(designer.get(url.replace("/try", "/panel")).text, "html.parser").select("[name^='sample.']")
    answer = designer.post(url, data={"sample.name": 'Ann "A."', "sample.count": "3"}).text

    assert [one["name"] for one in asked] == ["sample.name", "sample.count"]
    assert (program.asked[0].headers["authorization"], json.loads(program.asked[0].body)) == (
        "Bearer tops3cret/key", {"name": 'Ann "A."', "count": 3},
    )  # fmt: skip
    assert "state for Bearer ••••" in words(answer) and r'{"name": "Ann \"A.\"", "count": 3}' in words(answer)
    assert "tops3cret" not in answer


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (503, "It answered 503. state nothing found"),
        (b"<p>packed", "Its answer is not JSON, so nothing can be kept from it: the flow goes on through Failure. 200"),
        ({"other": 1}, "Success 200 state nothing found"),
        ("hang up", "No connection could be made, or it broke off."),
    ],
)
def test_what_a_tried_request_does_not_bring_is_said(
    sign_in: SignIn, simulated: Workspace, program: Program, said: object, told: str
) -> None:
    program.usual = said
    answer = re.sub(r"\d+ ms GET \S+ ", "", words(sign_in("designer").post(drawn(simulated, url=program.url, outputs=[STATE])).text))

    assert told in answer
    assert ("Success" in answer) == told.startswith("Success")


@pytest.mark.parametrize("url", ["https://169.254.169.254/latest", "https://10.0.0.8/orders", "https://[::1]/", "http://127.0.0.1:{port}/"])
def test_a_trial_reaches_nothing_of_the_inner_network(
    sign_in: SignIn, workspace: Workspace, line: Line, program: Program, url: str
) -> None:
    line.is_simulator = False
    db.session.commit()
    answer = words(sign_in("designer").post(drawn(workspace, url=url.format(port=program.port))).text)

    assert "is not reached from here" in answer or "must begin with https://" in answer
    assert "Success" not in answer and program.asked == []


def test_a_request_that_is_not_filled_in_is_not_made(sign_in: SignIn, workspace: Workspace) -> None:
    assert "address" in words(sign_in("designer").post(drawn(workspace, url="")).text)


def test_a_trial_without_its_secret_says_so(sign_in: SignIn, simulated: Workspace, program: Program) -> None:
    step = drawn(simulated, url=program.url, headers=[{"name": "Authorization", "secret": "gone"}])

    assert "does not exist" in words(sign_in("designer").post(step).text)
    assert program.asked == []


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
