"""The page of faults: switch on, see, remove; bad values get a sentence and stay."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from flowbuilder.simulator.faults.presets import BY_KIND
from flowbuilder.simulator.faults.rules import KINDS
from tests.simulator.running import Running


def _page(sim: Running) -> BeautifulSoup:
    return BeautifulSoup(sim.session.get(f"{sim.url}/faults").text, "html.parser")


def _post(sim: Running, path: str, **form: str) -> tuple[int, BeautifulSoup]:
    answer = sim.session.post(f"{sim.url}/faults/{path}", data=form)
    return answer.status_code, BeautifulSoup(answer.text, "html.parser")


def test_every_kind_of_fault_is_on_the_page_in_plain_words(sim: Running) -> None:
    assert set(BY_KIND) == set(KINDS)
    assert {form["action"].rpartition("/")[2] for form in _page(sim).select(".presets form")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_preset_offers_can_be_switched_on_as_it_stands(sim: Running, kind: str) -> None:
    if kind == "outage":
        sim.control("clock", advance=700)
    form = _page(sim).select_one(f"#preset-{kind} form")
    offered = {field["name"]: field["value"] for field in form.select("input")}
    offered |= {field["name"]: field.find("option", selected=True)["value"] for field in form.select("select")}
    if kind == "outage":
        offered["after"] = "600"
    status, page = _post(sim, kind, **offered)

    assert status == 200
    assert BY_KIND[kind].label in page.select_one(".rules").text


def test_a_rule_is_told_with_its_bounds_and_can_be_removed(sim: Running) -> None:
    _, page = _post(sim, "error", code="131016", chance="2.5", times="7", skip="10", to="+44 7700 900123")
    assert page.select_one(".rules small").text.split(" · ") == [
        "131016 Service unavailable", "2.5 %", "spares the first 10", "at most 7 times", "only +44 7700 900123",
    ]  # fmt: skip

    _, page = _post(sim, page.select_one(".rules form")["action"].removeprefix("/faults/"))
    assert page.select_one(".rules") is None


@pytest.mark.parametrize(("field", "value"), [("chance", "101"), ("chance", "often"), ("times", "0"), ("times", "1.5"), ("skip", "-1")])
def test_a_value_that_does_not_fit_gets_a_sentence_and_stays(sim: Running, field: str, value: str) -> None:
    status, page = (
        _post(sim, "error", code="131000", chance="5", **{field: value})
        if field != "chance"
        else _post(sim, "error", code="131000", chance=value)
    )

    assert status == 422
    assert page.find(role="alert").text.strip().endswith(".")
    assert page.select_one(f"#preset-error input[name={field}]")["value"] == value
    assert page.select_one("#preset-error").has_attr("open")
    assert sim.control("faults") == []


def test_all_faults_are_removed_at_once(sim: Running) -> None:
    _post(sim, "drop_answer", chance="2")
    _, page = _post(sim, "token")
    assert len(page.select(".rules li")) == 2
    assert "2 faults switched on" in page.select_one(".banner").text

    _, page = _post(sim, "heal")
    assert "Nothing." in page.select_one("#rules").text


def test_the_seed_is_set_here(sim: Running) -> None:
    assert _post(sim, "seed", seed="42")[0] == 200
    assert sim.control("knobs")["seed"] == 42
    status, page = _post(sim, "seed", seed="a lot")
    assert (status, page.select_one("input[name=seed]")["value"]) == (422, "a lot")
