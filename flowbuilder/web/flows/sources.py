"""Where the variables of the initial message get their values, as the panel of the opening offers it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flowbuilder.core.filling import Filling
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.template import TemplateContent, variables_used
from flowbuilder.core.variables import CONTACT_COUNTRY, CONTACT_FIRST_NAME, CONTACT_NAME, as_variable, names_in
from flowbuilder.services import flows
from flowbuilder.store import attributes

ASKED, SAME = "Asked when sending", "Always the same"
_OF_CONTACT = {CONTACT_NAME: "The contact’s name", CONTACT_FIRST_NAME: "The contact’s first name", CONTACT_COUNTRY: "The contact’s country"}


@dataclass(frozen=True, slots=True)
class Choice:
    """``data`` is what the step's data become with it, as JSON."""

    label: str
    data: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Of one variable; ``text`` is written for everybody, unless it ``is_of_contact`` alone."""

    name: str
    text: str
    otherwise: str
    is_asked: bool
    is_of_contact: bool
    needs_other: bool
    choices: tuple[Choice, ...]


def sources(flow: Flow, node: Node, workspace_id: str) -> list[Source]:
    template = flows.template_of(flow, workspace_id)
    names = variables_used(TemplateContent.from_json(template.content)) if template else []
    offered = {f"{{{{{name}}}}}": label for name, label in _OF_CONTACT.items()}
    offered |= {f"{{{{{as_variable(name)}}}}}": f"The contact’s {name}" for name in attributes.names(workspace_id)}
    return [_source(name, Filling.of(node.data), offered) for name in names]


def _source(name: str, filling: Filling, offered: Mapping[str, str]) -> Source:
    text = filling.values.get(name)
    if text is not None and names_in(text) == (text.strip("{} "),) and text not in offered:
        offered = {**offered, text: f"The contact’s {text.strip('{} ').removeprefix('contact.')}"}
    is_written = text is not None and text not in offered
    written = "Words with something of the contact" if is_written and names_in(text or "") else SAME
    choices = (
        Choice(ASKED, _with(filling, name, None), text is None),
        *(Choice(label, _with(filling, name, one), text == one) for one, label in offered.items()),
        Choice(written, _with(filling, name, text if is_written else ""), is_written),
    )
    return Source(
        name, text or "", filling.otherwise.get(name, ""), text is None, text in offered, bool(names_in(text or "")), choices
    )  # fmt: skip


def _with(filling: Filling, name: str, text: str | None) -> str:
    """The step's data when this variable is filled in so."""
    values = {**filling.values, name: text} if text is not None else _without(filling.values, [name])
    needless = [one for one, words in values.items() if not names_in(words)] + ([name] if text is None else [])
    return json.dumps({"filled": values or None, "otherwise": _without(filling.otherwise, needless) or None})


def _without(texts: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    gone = set(names)
    return {name: text for name, text in texts.items() if name not in gone}
