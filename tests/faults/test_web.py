"""The web app ends in the middle of requests. After kill -9 what it said is done is done, the rest can be sent again, nothing is half
done; when two are replaced in turn, nobody notices."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sized
from typing import Any

import requests
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import queue
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, Line
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Message
from tests import worlds
from tests.faults.counts import times
from tests.faults.judge import counts, is_whole
from tests.faults.machine import Machine, approved, doubled, wait_for

KILLS = times(3, 200)
AT_ONCE = 6


class _Hands:
    """Several people or programs who do the same over and over until they are told to stop."""

    def __init__(self, act: Callable[[int], None]) -> None:
        self._act, self._stop = act, threading.Event()
        self._numbers, self.errors = itertools.count(), []
        self._threads = [threading.Thread(target=self._work) for _ in range(AT_ONCE)]

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._act(next(self._numbers))
            except Exception as error:
                self.errors.append(error)
                return

    def __enter__(self) -> _Hands:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


def _strike(machine: Machine, hands: _Hands, done: Sized, each: int) -> None:
    """Kill it whenever so many more were done, and a moment later."""
    chosen = random.Random(4)
    for _ in range(KILLS):
        seen = len(done)
        wait_for(lambda seen=seen: len(done) >= seen + each or hands.errors, within=60)
        time.sleep(chosen.uniform(0, 0.3))
        machine.kill("web")
        machine.start("web")


def test_a_webhook_that_was_answered_is_kept_whoever_dies_then(machine: Machine, line: Line) -> None:
    worlds.seal(line)
    machine.start("queue", "web")
    url, acknowledged = f"http://127.0.0.1:{machine.port}/webhooks/{line.id}", set()

    def tell(number: int) -> None:
        body = worlds.said_to_us(f"wamid.k{number}", wa_id=f"49151{number:08}", text={"body": "Hi"})
        try:
            answer = requests.post(url, data=body, headers={"X-Hub-Signature-256": worlds.signed(body)}, timeout=5)
        except requests.RequestException:
            time.sleep(0.05)
            return
        if answer.status_code == 200:
            acknowledged.add(f"wamid.k{number}")

    with _Hands(tell) as hands:
        _strike(machine, hands, acknowledged, times(20, 50))
    assert not hands.errors, str(hands.errors[0])[:1500]
    assert len(acknowledged) >= times(50, 10_000)
    db.session.rollback()
    kept = {worlds.wamid_in(bytes(body)) for body in db.session.scalars(db.select(Webhook.body))}
    taken = set(db.session.scalars(db.select(Message.wamid).where(Message.direction == "in")))
    assert acknowledged <= kept | taken
    assert is_whole()


def test_a_form_that_is_sent_again_after_a_death_has_one_effect(machine: Machine, line: Line, sign_in: Callable[..., FlaskClient]) -> None:
    machine.start("queue", "web")
    cookie = sign_in("designer").get_cookie("flowbuilder").value
    url, done = f"http://127.0.0.1:{machine.port}", {}

    def create(number: int) -> None:
        browser = requests.Session()
        browser.cookies.set("flowbuilder", cookie, domain="127.0.0.1", path="/")
        form = {"name": f"Flow {number}", **_fields(browser, url)}
        answer = _patiently(lambda: browser.post(f"{url}/flows", data=form, timeout=10, allow_redirects=False))
        if answer.status_code != 409 or "This was done already" not in answer.text:
            assert answer.status_code == 303, BeautifulSoup(answer.text, "html.parser").main.text
        done[f"Flow {number}"] = answer.headers.get("Location", "")

    with _Hands(create) as hands:
        _strike(machine, hands, done, 5)
        wait_for(lambda: len(done) >= times(20, 1000) or hands.errors, within=times(40, 600))
    assert not hands.errors, str(hands.errors[0])[:1500]
    db.session.rollback()
    flows = dict(db.session.execute(db.select(FlowDraft.id, FlowDraft.name)).all())
    assert sorted(flows.values()) == sorted(done)
    assert all(flows[location.rpartition("/")[2]] == name for name, location in done.items() if location)
    assert db.session.query(AuditEvent).filter_by(verb="flow.created").count() == len(flows)
    assert is_whole()


def test_two_web_apps_that_are_replaced_in_turn_turn_nobody_away(
    working: Line, machine: Machine, simulator: Any, sign_in: Callable[..., FlaskClient]
) -> None:
    """In the middle of a batch: pages and webhooks on connections that are kept, that are new, and with a body that takes its time."""
    cookie = sign_in("tester").get_cookie("flowbuilder").value
    working.messages_per_second = 40
    machine.start("web2")
    batch = worlds.batch(working, approved(working, simulator), times(1000, 20_000))
    queue.ring(queue.BULK, "pump", batch.id)
    url, answered = f"http://127.0.0.1:{machine.port}", Counter[int]()
    ask = _asking(f"{url}/batches/{batch.id}", cookie, f"{url}/webhooks/{working.id}", answered)
    db.session.rollback()
    with _Hands(ask) as hands:
        for turn in range(times(2, 50)):
            name = ("web", "web2")[turn % 2]
            assert machine.terminate(name) < 30
            assert machine.processes[name].returncode == 0
            machine.start(name)
            assert not hands.errors, str(hands.errors[0])[:1500]
    assert not hands.errors, str(hands.errors[0])[:1500]
    print(f"{answered.total():,} requests while {times(2, 50)} web apps were replaced")
    assert min(answered.values()) > times(20, 1000), answered
    assert {"unknown", "failed"} & set(counts(batch.id)) == set()
    assert doubled(simulator) == {}


def _asking(page: str, cookie: str, hook: str, answered: Counter[int]) -> Callable[[int], None]:
    """One request after the other, each of which must be answered."""
    here = threading.local()

    def ask(number: int) -> None:
        browser = here.browser = getattr(here, "browser", None) or requests.Session()
        body = worlds.said_to_us(f"wamid.r{number}", wa_id=f"49151{number:08}", text={"body": "Hi"})
        signed = {"X-Hub-Signature-256": worlds.signed(body)}
        match number % 4:
            case 0:
                answer = browser.get(page, cookies={"flowbuilder": cookie}, timeout=20)
            case 1:
                answer = browser.post(hook, data=body, headers=signed, timeout=20)
            case 2:
                answer = requests.post(hook, data=body, headers=signed, timeout=20)
            case _:
                answer = browser.post(hook, data=_slowly(body), headers=signed, timeout=20)
        assert (answer.status_code, answer.history) == (200, [])
        answered[number % 4] += 1
        time.sleep(0.02)

    return ask


def _slowly(body: bytes) -> Iterator[bytes]:
    yield body[:40]
    time.sleep(0.5)
    yield body[40:]


def _fields(browser: requests.Session, url: str) -> dict[str, str]:
    page = _patiently(lambda: browser.get(f"{url}/flows", timeout=10))
    form = BeautifulSoup(page.text, "html.parser").select_one('form[action="/flows"][method="post"]')
    return {field["name"]: field["value"] for field in form.select("input[type=hidden]")}


def _patiently(ask: Callable[[], requests.Response]) -> requests.Response:
    """The same request again and again until it is answered, as a person does it with Reload."""
    deadline = time.monotonic() + times(30, 300)
    while True:
        try:
            return ask()
        except requests.RequestException:
            assert time.monotonic() < deadline
            time.sleep(0.1)
