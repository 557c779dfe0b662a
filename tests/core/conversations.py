"""Small flows, and people's answers to them, for tests of the engine."""

from __future__ import annotations

from datetime import UTC, datetime

from flowbuilder.core.engine import Input, InputKind, Run, Sprint, begin, resume
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.nodes.open_question import PIECES

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
CONTINUE = Input(InputKind.TAP, option="continue", title="Continue")


def text(words: str) -> Input:
    return Input(InputKind.TEXT, text=words)


def tap(option: str) -> Input:
    return Input(InputKind.TAP, option=option)


def flow_of(*nodes: tuple[str, str, dict], edges: dict[tuple[str, str], str]) -> Flow:
    start = Node("n1", "you_send_it", {"template": "t"})
    return Flow("Flow", {"n1": start} | {id: Node(id, kind, data) for id, kind, data in nodes}, {("n1", "continue"): "n2"} | edges)


def choice(**data) -> Flow:
    """Continue leads to a question with two answers, each leading to its own Finish."""
    answers = [{"id": "red", "title": "Rojo"}, {"id": "blue", "title": "Azul marino"}]
    asked = {
        "style": "buttons",
        "text": "Which, {{name}}?",
        "options": answers,
        "variable": "colour",
        "tries": 2,
        "retry_text": "Please tap.",
    } | data
    ends = [
        (f"{id}_end", "finish", {"outcome": outcome, "text": f"{{{{colour}}}} {id}"})
        for id, outcome in (("red", "success"), ("blue", "failure"))
    ]
    other = ("other", "finish", {"outcome": "neutral"})
    edges = {("n2", "red"): "red_end", ("n2", "blue"): "blue_end", ("n2", "otherwise"): "other"}
    return flow_of(("n2", "answer_options", asked), *ends, other, edges=edges)


def started(flow: Flow) -> Run:
    return resume(flow, begin(flow, {"name": "Ann"}, NOW), CONTINUE, NOW).run


def kinds(sprint: Sprint) -> list[str]:
    return [event.kind.value for event in sprint.events]


def what_comes(flow: Flow, run: Run, now: datetime) -> tuple[Input, datetime]:
    """What surely moves a waiting run on, and when it comes: an answer, though perhaps a wrong one; a moment; a result."""
    kind = KINDS[flow.nodes[run.node].kind]
    if run.asked:
        return Input(InputKind.RESULT, request=run.asked, result={"error": "Nobody is there."}), now
    if kind.waits_for == "colleague":
        return Input(InputKind.COLLEAGUE, option="given_back", title="Ben"), now
    if run.scratch.get(PIECES):
        return Input(InputKind.TIMER), run.until
    if kind.hears:
        return text("nothing that fits"), now
    return Input(InputKind.TIMER), run.until
