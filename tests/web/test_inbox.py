"""Pages of the inbox and of teams: who waits, who has it, what may be answered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.conversations import handovers
from flowbuilder.store import db
from flowbuilder.store.accounts import User
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.handovers import Handover, Team
from flowbuilder.store.sending import Message
from tests import worlds


def user_id(email: str) -> str:
    return db.session.query(User).filter_by(email=f"{email}@acme.example").one().id


def page(answer) -> BeautifulSoup:
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture
def handed(line) -> str:
    """The id of what waits in the inbox."""
    return worlds.handed_over(line)


def test_the_list_says_who_waits_and_marks_what_is_unread(sign_in, handed):
    client = sign_in("tester")
    row = page(client.get("/inbox")).select_one(f"#{handed}")
    assert "is-unread" in row["class"] and "money back" in row.text and "Nobody yet" in row.text and "23 h 59 min left" in row.text
    client.get(f"/inbox/{handed}")
    assert "class" not in page(client.get("/inbox")).select_one(f"#{handed}").attrs
    assert client.get("/inbox", headers={"HX-Request": "true"}).text.strip() in client.get("/inbox").text


def test_a_tester_takes_it_answers_and_gives_it_back(sign_in, handed):
    client = sign_in("tester")
    client.post(f"/inbox/{handed}/take")
    assert client.post(f"/inbox/{handed}/draft", data={"body": "Good day"}).status_code == 204
    assert page(client.get(f"/inbox/{handed}")).select_one("#reply-body").text.strip() == "Good day"
    assert client.post(f"/inbox/{handed}/reply", data={"body": "Good day!", "key": "k1"}).status_code == 303
    assert db.session.query(Message).filter_by(created_by=user_id("tester")).one().content["body"] == "Good day!"
    client.post(f"/inbox/{handed}/give-back")
    assert db.session.query(Conversation).one().status == "finished"
    assert "has ended" in page(client.get(f"/inbox/{handed}")).select_one("#answer").text


def test_who_comes_second_reads_who_has_it_and_keeps_what_was_typed(sign_in, handed):
    second = sign_in("designer")
    sign_in("tester").post(f"/inbox/{handed}/take")
    assert "took it a moment ago" in second.post(f"/inbox/{handed}/take", follow_redirects=True).text
    answer = second.post(f"/inbox/{handed}/reply", data={"body": "I can help", "key": "k"})
    assert answer.status_code == 422
    assert "has this conversation now" in answer.text
    assert BeautifulSoup(answer.text, "html.parser").select_one("#kept-words").text.strip() == "I can help"


def test_after_the_window_answering_is_off_with_what_to_do(sign_in, handed):
    client = sign_in("tester")
    client.post(f"/inbox/{handed}/take")
    with transaction() as session:
        session.query(Contact).update({"last_heard_at": clock.now() - timedelta(hours=25)})
    soup = page(client.get(f"/inbox/{handed}"))
    assert soup.select_one("#answer button").has_attr("disabled")
    assert "send them an outbound message" in soup.select_one("#answer").text
    refused = client.post(f"/inbox/{handed}/reply", data={"body": "Hello?", "key": "k"})
    assert (refused.status_code, "Hello?" in refused.text) == (422, True)


def test_the_page_of_the_conversation_leads_to_the_inbox(sign_in, handed):
    talk = db.session.query(Conversation).one()
    assert f"/inbox/{handed}" in page(sign_in("viewer").get(f"/conversations/{talk.id}")).select_one("#facts a[href*=inbox]")["href"]


def test_a_viewer_looks_and_answers_nothing(sign_in, handed):
    client = sign_in("viewer")
    assert "not answer them" in client.get(f"/inbox/{handed}").text
    assert client.post(f"/inbox/{handed}/take").status_code == 403


def test_an_administrator_makes_teams_and_the_inbox_filters_by_them(sign_in, handed, workspace):
    client = sign_in("admin")
    client.post("/teams", data={"name": "Support"})
    team = db.session.query(Team).one()
    client.post(f"/teams/{team.id}", data={"name": "Care", "member": [user_id("tester"), "usr_stranger"]})
    db.session.expire_all()
    assert (team.name, [one.user_id for one in team.members]) == ("Care", [user_id("tester")])
    refused = client.post("/teams", data={"name": "care"})
    assert (refused.status_code, "already" in refused.text, 'value="care"' in refused.text) == (422, True, True)
    with transaction() as session:
        session.query(Handover).update({"team_id": team.id})
    mine = sign_in("tester").get("/inbox?team=mine")
    assert handed in mine.text
    assert handed not in sign_in("designer").get("/inbox?team=mine").text
    client.post(f"/teams/{team.id}/delete")
    assert handed in sign_in("designer").get("/inbox?team=mine").text
    assert handovers.may_run(workspace.id)


def test_every_page_asks_how_many_wait_and_gets_those_whom_nobody_took(sign_in, handed):
    client = sign_in("tester")
    address = page(client.get("/contacts")).select_one(".main-nav [data-waiting]")["data-waiting"]
    assert client.get(address).json == {"waiting": 1}
    client.post(f"/inbox/{handed}/take")
    assert client.get(address).json == {"waiting": 0}
