"""Two designers make random gestures at the same flow at the same time, over HTTP: none is lost, and both see the same flow."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from flowbuilder.core.flow import Flow
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.flows import FlowDraft

pytestmark = pytest.mark.database

GESTURES = 120


class Designer(threading.Thread):
    """One editor: it changes its own steps at random, remembers what they must be, and draws what it is told, as the canvas does."""

    def __init__(self, url: str, cookie: str, name: str) -> None:
        super().__init__()
        self.url, self.name, self.chance = url, name, random.Random(name)
        self.http = requests.Session()
        self.http.headers.update({"Cookie": f"flowbuilder={cookie}", "Accept": "application/json"})
        self.revision, self.tag = 0, ""
        self.texts: dict[str, str] = {}
        self.places: dict[str, list[int]] = {}
        self.ways: dict[str, str] = {}
        self.cards: dict[str, tuple[int, int, str]] = {}
        self.edges: dict[tuple[str, str], str] = {}
        self.faults: list[str] = []

    def run(self) -> None:
        for at in range(GESTURES):
            command = self.gesture(at)
            answer = self.http.post(
                f"{self.url}/changes", json={"command": command, "key": f"{self.name}{at}", "seen": self.revision}, timeout=60
            )
            if answer.status_code != 200:
                self.faults.append(f"{command} was answered with {answer.status_code}: {answer.text[:200]}")
            else:
                self.draw(answer.json())

    def gesture(self, at: int) -> dict[str, Any]:
        """Always one that must succeed, whatever the other does: it speaks of this designer's steps alone."""
        mine = list(self.texts)
        kind = self.chance.choice(["add", "write", "write", "move", "move", "connect", "remove"] if len(mine) > 3 else ["add"])
        one = self.chance.choice(mine) if mine else ""
        later = [id for id in mine if id > one]
        if kind == "add" or (kind == "connect" and not later):
            id = f"{self.name}{at:04}"
            self.texts[id], self.places[id] = f"Text {at}", [at, at]
            node = {"id": id, "kind": "message", "data": {"text": self.texts[id]}}
            return {"kind": "add_node", "node": node, "at": self.places[id]}
        if kind == "write":
            self.texts[one] = f"Written {at}"
            return {"kind": "change", "node": one, "data": {"text": self.texts[one]}}
        if kind == "move":
            self.places[one] = [at, -at]
            return {"kind": "move", "positions": {one: self.places[one]}}
        if kind == "connect":
            self.ways[one] = self.chance.choice(later)
            return {"kind": "connect", "source": one, "port": "next", "target": self.ways[one]}
        del self.texts[one], self.places[one]
        self.ways = {source: target for source, target in self.ways.items() if one not in (source, target)}
        return {"kind": "remove", "nodes": [one], "edges": []}

    def look(self) -> None:
        answer = self.http.get(f"{self.url}/changes", params={"since": self.revision, "tag": self.tag}, timeout=60)
        if answer.status_code == 200:
            self.draw(answer.json())

    def draw(self, patch: dict[str, Any]) -> None:
        self.revision, self.tag = patch["revision"], patch["tag"]
        for id in patch["removed"]:
            self.cards.pop(id, None)
            self.edges = {place: target for place, target in self.edges.items() if id not in (place[0], target)}
        self.cards |= {card["id"]: (card["x"], card["y"], card["label"]) for card in patch["cards"]}
        for source, port, target in patch["edges"]:
            if target is None:
                self.edges.pop((source, port), None)
            else:
                self.edges[source, port] = target


@pytest.fixture
def pair(served: str, sign_in: Callable[..., FlaskClient], workspace: Workspace) -> Iterator[tuple[FlowDraft, list[Designer]]]:
    draft = flows.create(workspace.id, "Two at once")
    cookies = [sign_in(role).get_cookie("flowbuilder") for role in ("designer", "admin")]
    designers = [
        Designer(f"{served}/flows/{draft.id}", cookie.value, name) for cookie, name in zip(cookies, ("ann", "ben"), strict=True) if cookie
    ]
    yield draft, designers
    for designer in designers:
        designer.http.close()


def test_of_hundreds_of_gestures_of_two_designers_none_is_lost_and_both_see_the_same_flow(pair: tuple[FlowDraft, list[Designer]]) -> None:
    draft, designers = pair
    for designer in designers:
        designer.start()
    for designer in designers:
        designer.join()
    for designer in designers:
        designer.look()
    db.session.expire_all()
    flow = Flow.from_json(db.session.get(FlowDraft, draft.id).document)

    assert [fault for designer in designers for fault in designer.faults] == []
    for designer in designers:
        mine = {id for id in flow.nodes if id.startswith(designer.name)}
        assert {id: flow.nodes[id].data["text"] for id in mine} == designer.texts
        assert {id: list(flow.layout[id]) for id in mine} == designer.places
        assert {source: target for (source, _), target in flow.edges.items() if source in mine} == designer.ways
    first, second = designers
    assert (first.cards, first.edges) == (second.cards, second.edges)
    assert first.edges == dict(flow.edges) and first.cards.keys() | {"n1"} == flow.nodes.keys() | {"n1"}
