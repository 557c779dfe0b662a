"""Schema and all checks of a flow of 1,000 steps and 1,500 connections: at first sight, and after one change."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from flowbuilder import garbage
from flowbuilder.core import checks, ratecard, schema
from flowbuilder.core.checks import Facts, TemplateFacts, verdict
from tests.bench.figure import Figure
from tests.bench.large_flow import TEMPLATE, document

ROUNDS = 9
TEMPLATE_FACTS = TemplateFacts(TEMPLATE, "approved", ("first_name",), "Continue", "Cancel", "UTILITY", "en_US", {"first_name": "Ana"})
FACTS = Facts(TEMPLATE_FACTS, prices=ratecard.span(ratecard.example()), currency="USD")


def run() -> list[Figure]:
    garbage.keep_what_is_there()  # As the web server does, whose gestures ask for this.
    whole = document(1000, 1500)
    note = f"{len(whole['nodes']):,} steps, {len(whole['edges']):,} connections"
    assert verdict(whole, FACTS).errors == ()
    name = "schema and all checks"
    return [
        Figure(f"{name}, cold", _median(_cold(whole)), "ms", 150, 80, note=note),
        Figure(f"{name}, after one change (text)", _median(_changed(whole, _other_text)), "ms", 20, 10, note=note),
        Figure(f"{name}, after one change (connection)", _median(_changed(whole, _other_way)), "ms", 20, 10, note=note),
    ]


def _cold(whole: dict[str, Any]) -> Callable[[int], Callable[[], Any]]:
    def prepare(round: int) -> Callable[[], Any]:
        checks.forget()
        schema.forget()
        fresh = json.loads(json.dumps(whole))
        return lambda: verdict(fresh, FACTS)

    return prepare


def _changed(whole: dict[str, Any], change: Callable[[dict[str, Any], int], None]) -> Callable[[int], Callable[[], Any]]:
    """The document comes parsed anew each time, as it does from the database."""
    verdict(whole, FACTS)

    def prepare(round: int) -> Callable[[], Any]:
        fresh = json.loads(json.dumps(whole))
        change(fresh, round)
        return lambda: verdict(fresh, FACTS)

    return prepare


def _other_text(document: dict[str, Any], round: int) -> None:
    message = next(node for node in document["nodes"] if node["kind"] == "message")
    message["data"]["text"] = f"Changed for the {round}th time."


def _other_way(document: dict[str, Any], round: int) -> None:
    document["edges"][-20 - round]["target"] = document["nodes"][-1]["id"]


def _median(prepare: Callable[[int], Callable[[], Any]]) -> float:
    """Milliseconds; what ``prepare`` does is not measured."""
    times = []
    for round in range(ROUNDS):
        measured = prepare(round)
        began = time.perf_counter()
        measured()
        times.append((time.perf_counter() - began) * 1000)
    return round_(statistics.median(times))


def round_(value: float) -> float:
    return float(f"{value:.3g}")
