"""Flows for judging the checks: with silences, and such as no check finds fault with."""

from __future__ import annotations

from hypothesis import strategies as st

from flowbuilder.core.checks import TemplateFacts
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
            target = later[0] if number == 0 else draw(st.sampled_from(later)) if port.must_lead else "end"
            edges[step.id, port.id] = target
            known = sure[step.id] | set(assigns(step).get(port.id, ()))
            sure[target] = sure[target] & known if target in sure else known
    texts = {step.id: " ".join(f"{{{{{name}}}}}" for name in sorted(sure[step.id])) for step in steps if step.kind == "message"}
    nodes = {step.id: Node(step.id, step.kind, {"text": f"M {texts[step.id]}"}) if step.id in texts else step for step in steps}
    return Flow("Flow", nodes, edges)


MESSAGES = {
    "t2": TemplateFacts("t2", "approved", ("code",), category="AUTHENTICATION", minutes=10),
    "t3": TemplateFacts("t3", "approved", ("who",), category="MARKETING", replies=("Go on",)),
}
PROVIDERS = {"p1": ("document",)}
_SOON = 600
_BLANK = {name: kind.blank() for name, kind in KINDS.items()}


def _sound(draw: st.DrawFn, at: int) -> Node:
    options = [{"id": f"o{one}", "title": f"Title {one}"} for one in range(1, draw(st.integers(1, 3)) + 1)]
    test = {"variable": "contact.name", "operator": "is_filled"}
    asked = {"text": f"Q{at}", "variable": f"v{at}", "retry_text": ""}
    outputs = [{"id": f"p{one}", "variable": f"v{at}_{one}", "path": "name"} for one in range(2)]
    replies = [{"id": "r1", "title": "Go on"}]
    kind, data = draw(
        st.sampled_from(
            (
                ("message", {"text": "M"}),
                ("open_question", asked | {"answer": "text", "tries": 2}),
                ("answer_options", asked | {"style": "buttons", "options": options, "tries": 1}),
                ("condition", {"branches": [{"id": "b1", "label": "", "match": "all", "tests": [test]}]}),
                ("split", _BLANK["split"]),
                ("set_variable", {"variable": f"v{at}", "type": "text", "value": f"{at}"}),
                ("wait", _BLANK["wait"]),
                ("http_request", _BLANK["http_request"] | {"url": f"https://example.com/{at}", "outputs": outputs}),
                ("phone_code", _BLANK["phone_code"] | {"message": "t2", "text": f"Q{at}"}),
                ("validation", _BLANK["validation"] | {"provider": "p1", "after": _SOON, "text": f"Q{at}", "variable": f"v{at}"}),
                ("outbound_message", {"message": "t3", "parameters": {"who": "Ann"}, "replies": replies}),
                ("hand_over", _BLANK["hand_over"] | {"text": f"Q{at}", "after": _SOON}),
            )
        )
    )
    return Node(f"n{at}", kind, data)
