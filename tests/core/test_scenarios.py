"""Whole conversations as data: each file in ``tests/data/scenarios`` tells what comes in and what must happen.

A file names an ``example`` (with ``languages``, in each of them) or holds a ``flow``, and ``others`` by id that it goes over to;
``variables``, ``person`` and the labels ``continue`` and ``finish`` are optional. Each turn has one input (``tap``, ``text``,
``media``, ``location``, ``timer``, ``colleague``, ``expire``, or ``result`` with the number ``of`` its request), optionally ``after``
so many seconds, and any of ``said`` (bodies), ``ways`` (step.port), ``node``, ``asked`` (requests), ``status``, ``outcome``,
``kept`` (variables), ``ignored`` (the reason).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flowbuilder.core.engine import EventKind, Input, InputKind, Run, Sprint, begin, go_on, resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.schema import FOLDER, problems

SCENARIOS = sorted((Path(__file__).parents[1] / "data" / "scenarios").glob("*.json"))
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


TOLD = [(path, language) for path in SCENARIOS for language in json.loads(path.read_text()).get("languages", ["en"])]


@pytest.mark.parametrize(("path", "language"), TOLD, ids=[f"{path.stem}-{language}" for path, language in TOLD])
def test_a_conversation_goes_as_told(path, language):
    scenario = json.loads(path.read_text())
    flow = _flow(scenario, language)
    now = NOW
    labels = {f"{name}_option": scenario[name] for name in ("continue", "finish") if name in scenario}
    run = begin(flow, scenario.get("variables", {}), now, person=scenario.get("person", ""), **labels)
    for turn in scenario["turns"]:
        now += timedelta(seconds=turn.get("after", 1))
        sprint = resume(flow, Run.from_json(json.loads(json.dumps(run.to_json()))), _input(turn), now)
        while sprint.goes_to:
            flow = _checked(scenario["others"][sprint.goes_to])
            sprint = go_on(flow, sprint, now)
        told = {key: turn[key] for key in turn.keys() & _HAPPENED.keys()}
        assert {key: _HAPPENED[key](sprint) for key in told} == told, turn
        assert (turn.get("kept") or {}).items() <= sprint.run.variables.items()
        run = sprint.run


def test_there_are_scenarios_for_every_end():
    ends = {json.loads(path.read_text())["turns"][-1].get("status") for path in SCENARIOS}
    assert {"finished", "cancelled", "expired", "failed"} <= ends


_HAPPENED = {
    "said": lambda sprint: [content["body"] for content in sprint.said],
    "ways": lambda sprint: [f"{event.node}.{event.data['port']}" for event in sprint.events if event.kind is EventKind.LEFT],
    "ignored": lambda sprint: _ignored(sprint),
    "asked": lambda sprint: [asked["request"] for _, asked in sprint.asked],
    "node": lambda sprint: sprint.run.node,
    "status": lambda sprint: sprint.run.status.value,
    "outcome": lambda sprint: sprint.run.outcome,
}


def _ignored(sprint: Sprint) -> str | None:
    return next((event.data["reason"] for event in sprint.events if event.kind is EventKind.IGNORED), None)


def _flow(scenario: dict, language: str) -> Flow:
    document = scenario.get("flow") or _example(scenario["example"] + ("" if language == "en" else f".{language}"))
    return _checked(document)


def _checked(document: dict) -> Flow:
    assert problems(document) == ()
    return Flow.from_json(document)


def _example(name: str) -> dict:
    return json.loads((FOLDER / "examples" / f"{name}.json").read_text())["flow"]


def _input(turn: dict) -> Input:
    kind = next(kind for kind in InputKind if kind.value in turn)
    given = turn[kind.value]
    match kind:
        case InputKind.TAP:
            return Input(kind, option=given)
        case InputKind.TEXT:
            return Input(kind, text=given)
        case InputKind.MEDIA:
            return Input(kind, media={"type": given, "id": f"{given}-1"})
        case InputKind.LOCATION if isinstance(given, list):
            return Input(kind, media=dict(zip(("latitude", "longitude"), given, strict=True)))
        case InputKind.COLLEAGUE:
            return Input(kind, option=given, title="Ben")
        case InputKind.RESULT:
            return Input(kind, request=turn.get("of", 1), result=given)
    return Input(kind)
