"""The kinds of steps, one file each. A new kind is a module with a ``KIND`` here, ``flows_schema/nodes/<kind>.json``
and ``templates/flows/nodes/<kind>.html``; ``tests/core/test_kinds.py`` walks this registry and asks for all three.
"""

from __future__ import annotations

from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.nodes import answer_options, base, condition, finish, message, open_question, you_send_it
from flowbuilder.core.nodes.base import NodeKind

KINDS: dict[str, NodeKind] = {
    module.KIND.name: module.KIND for module in (you_send_it, message, answer_options, open_question, condition, finish)
}


def kind_of(node: Node) -> NodeKind:
    return KINDS[node.kind]


def ports(node: Node) -> tuple[Port, ...]:
    """The ways out of a step, in the order in which they are drawn."""
    return KINDS[node.kind].ports(node)


def name_of(node: Node) -> str:
    """What to call a step in a sentence: its label and first words, as they stand on its card."""
    return base.name_of(KINDS[node.kind], node)


def starts(flow: Flow) -> tuple[Node, ...]:
    return tuple(node for node in flow.nodes.values() if KINDS[node.kind].is_start)
