"""The simulator as a provider of validations: the product understands what it answers, and what it posts."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from flowbuilder.core import validations
from tests.fixtures.program import Program
from tests.simulator import running as at
from tests.simulator.running import Running, until

_SECRET = "whsec_" + base64.b64encode(b"p" * 32).decode()


@pytest.fixture
def sim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    settings = at.Settings(app_secret="app-secret", access_token="access-token", provider_secret=_SECRET)
    monkeypatch.setattr(at, "SETTINGS", settings)
    with at.running(tmp_path / "home") as one:
        yield one


def _start(sim: Running, program: Program, *, secret: str = _SECRET, age: int = 0, **changes: Any) -> requests.Response:
    document = {
        "reference": "val_1", "check": "document", "expires_at": "2031-05-06T12:00:00+00:00", "callback_url": f"{program.url}/results",
    } | changes  # fmt: skip
    assert changes or not validations.problem("Start", document)
    body = json.dumps(document).encode()
    signed = validations.headers("val_1", int(time.time()) - age, body, secret)
    url = f"{sim.url}/provider/validations"
    return requests.post(url, data=body, headers={**signed, "Content-Type": "application/json", "Idempotency-Key": "val_1"}, timeout=5)


def test_it_says_who_it_is(sim: Running) -> None:
    answer = requests.get(f"{sim.url}/provider", headers=validations.headers("chk_1", int(time.time()), b"", _SECRET), timeout=5)
    assert validations.problem("About", answer.json()) == ""
    assert set(answer.json()["checks"]) == set(validations.CHECKS)


def test_the_same_start_again_is_the_same_validation(sim: Running, program: Program) -> None:
    first, again = _start(sim, program), _start(sim, program)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert validations.problem("Started", first.json()) == ""


def test_what_is_not_signed_or_does_not_fit_is_refused(sim: Running, program: Program) -> None:
    other = "whsec_" + base64.b64encode(b"q" * 32).decode()
    assert _start(sim, program, secret=other).status_code == 401
    assert _start(sim, program, age=301).status_code == 401
    assert _start(sim, program, check="iris").status_code == 422
    assert _start(sim, program, expires_at="soon").status_code == 422


def test_the_person_shows_things_and_the_result_is_posted_until_it_is_taken(sim: Running, program: Program) -> None:
    program.answers = [503]
    link = _start(sim, program).json()["link"]
    page = requests.post(f"{link}/show", timeout=5)
    assert BeautifulSoup(page.text, "html.parser").find(id="show").text.strip() == "Use a sample of the back of your document"
    assert requests.post(f"{link}/decide", data={"status": "rejected", "reason": " "}, timeout=5).status_code == 422
    page = requests.post(f"{link}/decide", data={"status": "rejected", "reason": "The photo is blurred."}, timeout=5)
    assert "The photo is blurred." in page.text
    requests.post(f"{link}/decide", data={"status": "approved"}, timeout=5)
    until(lambda: len(program.asked) == 2)
    for post in program.asked:
        assert validations.refusal(post.headers, post.body, _SECRET, time.time()) == ""
        assert validations.verdict(post.body) == validations.Verdict("val_1", "rejected", "The photo is blurred.")
    assert len({post.headers["webhook-id"] for post in program.asked}) == 1
    listed = BeautifulSoup(requests.get(f"{sim.url}/validations", timeout=5).text, "html.parser")
    assert "val_1" in listed.select_one("table").text
    until(lambda: "The business has been told the result." in requests.get(link, timeout=5).text)
