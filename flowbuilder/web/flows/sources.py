"""Where the variables of the initial message get their values, as the panel of the opening offers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowbuilder.core.filling import Filling
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.template import TemplateContent, variables_used
from flowbuilder.core.variables import (
    CONTACT_COUNTRY,
    CONTACT_FIRST_NAME,
    CONTACT_NAME,
    as_variable,
    attribute_of,
    names_in,
)
from flowbuilder.services import flows
from flowbuilder.store import attributes

WRITTEN = "="
"""The choice whose words are written beside it."""
_OF_CONTACT = {CONTACT_NAME: "The contact’s name", CONTACT_FIRST_NAME: "The contact’s first name", CONTACT_COUNTRY: "The contact’s country"}


@dataclass(frozen=True, slots=True)
class Source:
    """Of one variable: the choices, each with its value as it is kept; what is ``written``, if that was chosen, and what stands there
    otherwise, if that is needed.
    """

    name: str
    choices: tuple[tuple[str, str], ...]
    chosen: str
    written: str
    otherwise: str
    needs_other: bool


def sources(flow: Flow, node: Node, workspace_id: str) -> list[Source]:
    template = flows.template_of(flow, workspace_id)
    names = variables_used(TemplateContent.from_json(template.content)) if template else []
    known = (*_OF_CONTACT, *map(as_variable, attributes.names(workspace_id)))
    return [_source(name, Filling.of(node.data), {f"{{{{{one}}}}}": one for one in known}) for name in names]


def _source(name: str, filling: Filling, known: Mapping[str, str]) -> Source:
    text = filling.values.get(name, "")
    spoken = names_in(text)
    if len(spoken) == 1 and text == f"{{{{{spoken[0]}}}}}":
        known = {**known, text: spoken[0]}
    offered = {"": "Asked when sending"} | {one: _OF_CONTACT.get(of, f"The contact’s {attribute_of(of)}") for one, of in known.items()}
    is_written = name in filling.values and (text not in known)
    offered[WRITTEN] = "Words with something of the contact" if is_written and spoken else "Always the same"
    return Source(
        name, tuple(offered.items()), WRITTEN if is_written else text, text if is_written else "",
        filling.otherwise.get(name, ""), bool(spoken),
    )  # fmt: skip
