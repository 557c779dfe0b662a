"""A flow of ours as a flow of Node-RED: one node per step, entered and answered, and a switch that finds the step that waits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

TAB = {"id": "tab", "type": "tab", "label": "conversation"}
_LOAD = """
let runs = flow.get("runs");
if (!runs) { runs = {}; flow.set("runs", runs); }
msg.run = runs[msg.conversation] ??= { at: "n0", tries: 0, variables: { "contact.name": "Ann", exit_word: "EXIT" } };
msg.said = [];
msg.at = msg.run.at;
return msg;
"""
_SAVE = """
const ended = msg.run.at === null;
if (ended) delete flow.get("runs")[msg.conversation];
global.get("answered")(msg.conversation, ended);
"""
_FILL = 'msg.said.push({text}.replace(/{{{{([^{{}}]+)}}}}/g, (_, name) => msg.run.variables[name] ?? ""));'


def flows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    targets = {(edge["source"], edge["port"]): edge["target"] for edge in document["edges"]}
    waiting = [node["id"] for node in document["nodes"] if node["kind"] in ("you_send_it", "open_question", "answer_options")]
    rules = [{"t": "eq", "v": id, "vt": "str"} for id in waiting]
    return [
        TAB,
        _function("entry", _LOAD, [["find"]]),
        _switch("find", "at", rules, [[f"{id}-answer"] for id in waiting]),
        _function("save", _SAVE, []),
        *(made for node in document["nodes"] for made in _step(node, targets)),
    ]


def _step(node: Mapping[str, Any], targets: Mapping[tuple[str, str], str]) -> Iterator[dict[str, Any]]:
    id, data = node["id"], node["data"]
    to = lambda port: [targets[id, port]] if (id, port) in targets else []  # noqa: E731
    match node["kind"]:
        case "you_send_it":
            yield _function(f"{id}-answer", "return msg;", [to("continue")])
        case "message":
            yield _function(id, _say(data["text"]) + " return msg;", [to("next")])
        case "finish":
            yield _function(id, _say(data["text"]) + " msg.run.at = null; return msg;", [["save"]])
        case "condition":
            (test,) = data["branches"][0]["tests"]
            rules = [{"t": "gt", "v": test["value"], "vt": "num"}, {"t": "else"}]
            yield _switch(id, f"run.variables.{test['variable']}", rules, [to("b1"), to("otherwise")])
        case "open_question":
            yield _function(id, _ask(id, data["text"]), [["save"]])
            keep = f"msg.run.variables[{json.dumps(data['variable'])}] = Number(msg.payload); return [msg, null, null];"
            taken = "msg.payload.trim() !== '' && Number.isFinite(Number(msg.payload))"
            yield _function(f"{id}-answer", _answer(taken, keep, data, 1), [to("answered"), to("otherwise"), ["save"]])
        case "answer_options":
            yield _function(id, _ask(id, data["text"]), [["save"]])
            titles = [option["title"] for option in data["options"]]
            find = f"const titles = {json.dumps(titles)}; let at = titles.indexOf(msg.payload); if (at < 0) at = Number(msg.payload) - 1;"
            keep = f"msg.run.variables[{json.dumps(data['variable'])}] = titles[at]; const out = []; out[at] = msg; return out;"
            wires = [*(to(option["id"]) for option in data["options"]), to("otherwise"), ["save"]]
            yield _function(f"{id}-answer", find + _answer("titles[at] !== undefined", keep, data, len(titles)), wires)


def _say(text: str) -> str:
    return _FILL.format(text=json.dumps(text))


def _ask(id: str, text: str) -> str:
    return f"{_say(text)} msg.run.at = {json.dumps(id)}; msg.run.tries = 0; return msg;"


def _answer(taken: str, keep: str, data: Mapping[str, Any], otherwise: int) -> str:
    """Go on with an answer that can be taken; else ask again, and go on through Otherwise after the last try."""
    again = f"{_say(data['retry_text'])} {_say(data['text'])} const back = []; back[{otherwise + 1}] = msg; return back;"
    last = f"if (++msg.run.tries >= {data['tries']}) {{ const other = []; other[{otherwise}] = msg; return other; }}"
    return f"if ({taken}) {{ {keep} }} {last} {again}"


def _function(id: str, code: str, wires: list[list[str]]) -> dict[str, Any]:
    return {"id": id, "z": "tab", "type": "function", "func": code, "outputs": len(wires), "initialize": "", "finalize": "", "wires": wires}


def _switch(id: str, property: str, rules: list[dict[str, Any]], wires: list[list[str]]) -> dict[str, Any]:
    return {
        "id": id, "z": "tab", "type": "switch", "property": property, "propertyType": "msg", "rules": rules,
        "checkall": "false", "repair": False, "outputs": len(wires), "wires": wires,
    }  # fmt: skip
