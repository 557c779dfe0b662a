"""The kinds of steps, one file each, found by themselves: every module in here with a ``KIND`` is one. A new kind also has
``flows_schema/nodes/<kind>.json`` and ``templates/flows/nodes/<kind>.html``; ``tests/core/test_kinds.py`` asks for all three.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.nodes import base
from flowbuilder.core.nodes.base import GROUPS, NodeKind


def _discovered() -> dict[str, NodeKind]:
    """In the order of the palette: by group, and within it by ``order``."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    kinds = [module.KIND for module in modules if hasattr(module, "KIND")]
    return {kind.name: kind for kind in sorted(kinds, key=lambda kind: (GROUPS.index(kind.group), kind.order, kind.label))}


KINDS: dict[str, NodeKind] = _discovered()


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
