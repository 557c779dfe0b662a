"""Flows of a given size that pass every check, for measuring."""

from __future__ import annotations

from typing import Any

TEMPLATE = "outbound-1"


def document(steps: int, edges: int) -> dict[str, Any]:
    """A flow of ``steps`` steps and ``edges`` connections: rows of messages, questions and choices that join again and again."""
    nodes: list[dict[str, Any]] = [{"id": "n0", "kind": "you_send_it", "data": {"template": TEMPLATE}}]
    end = f"n{steps - 1}"
    links = [{"source": "n0", "port": port, "target": target} for port, target in (("continue", "n1"), ("finish", end))]
    extra = edges - steps
    for at in range(1, steps - 1):
        id, later = f"n{at}", [f"n{min(at + jump, steps - 1)}" for jump in (1, 2, 3, 4)]
        kind, data, ports = _step(at, min(3, max(0, extra)))
        extra -= len(ports) - 1
        later[1] = later[1] if at > 1 else end
        nodes.append({"id": id, "kind": kind, "data": data})
        links += [{"source": id, "port": port, "target": target} for port, target in zip(ports, later, strict=False)]
    nodes.append({"id": f"n{steps - 1}", "kind": "finish", "data": {"outcome": "success", "text": "Thank you, {{contact.name}}."}})
    layout = {node["id"]: [at % 40 * 320, at // 40 * 240] for at, node in enumerate(nodes)}
    return {"schema": 1, "name": f"{steps:,} steps", "settings": {}, "nodes": nodes, "edges": links, "layout": layout}


def _step(at: int, extra: int) -> tuple[str, dict[str, Any], list[str]]:
    retry = "Please choose one of the answers, or send {{exit_word}} to leave."
    if extra >= 1 and at % 10 == 1:
        data = {
            "text": f"What is number {at}, {{{{contact.name}}}}?",
            "answer": "number",
            "variable": f"number_{at % 60}",
            "tries": 3,
            "retry_text": retry,
        }
        return "open_question", data, ["answered", "otherwise"]
    if extra >= 3 and at % 10 == 3:
        options = [{"id": f"o{one}", "title": f"Answer {one}"} for one in range(1, 4)]
        data = {
            "style": "buttons",
            "text": f"Question {at}: which one?",
            "options": options,
            "variable": f"choice_{at % 50}",
            "tries": 3,
            "retry_text": retry,
        }
        return "answer_options", data, ["o1", "o2", "o3", "otherwise"]
    if extra >= 1 and at % 10 == 6:
        test = {"variable": "number_1", "operator": "greater", "value": str(at)}
        return "condition", {"branches": [{"id": "b1", "label": "Many", "match": "all", "tests": [test]}]}, ["b1", "otherwise"]
    return "message", {"text": f"This is message {at} for {{{{contact.name}}}}: {{{{number_1}}}} parcels are on their way."}, ["next"]
