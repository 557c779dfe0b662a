"""Flows for judging the checks: with silences, and such as no check finds fault with."""

from __future__ import annotations

from hypothesis import strategies as st

from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS, assigns, ports
from flowbuilder.core.silence import NO_REPLY


@st.composite
def silent(draw: st.DrawFn, flow: Flow) -> Flow:
    """The flow with times after which silence counts at some of its questions, and reminders before."""
    hours = st.integers(1, 30).map(lambda number: number * 3600)
    silence = st.fixed_dictionaries(
        {"after": hours},
        optional={"reminders": st.lists(st.fixed_dictionaries({"after": hours, "text": st.just("Still there?")}), max_size=2)},
    )
    asking = {id for id, node in flow.nodes.items() if KINDS[node.kind].may_wait_in_vain and KINDS[node.kind].reminds}
    nodes = {
        id: Node(id, node.kind, {**node.data, "silence": draw(silence)}) if id in asking and draw(st.booleans()) else node
        for id, node in flow.nodes.items()
    }
    return flow.with_(nodes=nodes)


@st.composite
def proved_flows(draw: st.DrawFn) -> Flow:
    """A flow in which no check finds an error: every answer leads on, and messages use only what is surely known before.

    Every question keeps its answer under a name of its own.
    """
    count = draw(st.integers(3, 7))
    steps = [
        Node("n0", "you_send_it", {"template": "t1"}),
        *(_sound(draw, at) for at in range(1, count)),
        Node("end", "finish", {"outcome": "success"}),
    ]
    edges: dict[tuple[str, str], str] = {}
    sure: dict[str, set[str]] = {"n0": set()}
    for at, step in enumerate(steps[:-1]):
        later = [one.id for one in steps[at + 1 :]]
        for number, port in enumerate(ports(step)):
            if port == NO_REPLY and at == 0:
                continue  # Nobody has to be told that the initial message was not answered.
            target = later[0] if number == 0 else "end" if port == NO_REPLY else draw(st.sampled_from(later))
            edges[step.id, port.id] = target
            known = sure[step.id] | set(assigns(step).get(port.id, ()))
            sure[target] = sure[target] & known if target in sure else known
    texts = {step.id: " ".join(f"{{{{{name}}}}}" for name in sorted(sure[step.id])) for step in steps if step.kind == "message"}
    nodes = {step.id: Node(step.id, step.kind, {"text": f"M {texts[step.id]}"}) if step.id in texts else step for step in steps}
    return Flow("Flow", nodes, edges)


def _sound(draw: st.DrawFn, at: int) -> Node:
    options = [{"id": f"o{one}", "title": f"Title {one}"} for one in range(1, draw(st.integers(1, 3)) + 1)]
    test = {"variable": "contact.name", "operator": "is_filled"}
    kind, data = draw(
        st.sampled_from(
            (
                ("message", {"text": "M"}),
                ("open_question", {"text": f"Q{at}", "answer": "text", "variable": f"v{at}", "tries": 2, "retry_text": ""}),
                (
                    "answer_options",
                    {"style": "buttons", "text": f"Q{at}", "options": options, "variable": f"v{at}", "tries": 1, "retry_text": ""},
                ),
                ("condition", {"branches": [{"id": "b1", "label": "", "match": "all", "tests": [test]}]}),
            )
        )
    )
    return Node(f"n{at}", kind, data)
