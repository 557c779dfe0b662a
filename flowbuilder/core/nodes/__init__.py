"""The kinds of steps, one file each, found by themselves: every module in here with a ``KIND`` is one. A new kind also has
``flows_schema/nodes/<kind>.json`` and ``templates/flows/nodes/<kind>.html``; ``tests/core/test_kinds.py`` asks for all three.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from flowbuilder.core import silence
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.nodes import base
from flowbuilder.core.nodes.base import GROUPS, NodeKind
from flowbuilder.core.nodes.limits import paired_braces
from flowbuilder.core.silence import NO_REPLY
from flowbuilder.core.variables import names_in


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
    kind = KINDS[node.kind]
    return (*kind.ports(node), NO_REPLY) if kind.may_wait_in_vain else kind.ports(node)


def reads(node: Node) -> tuple[str, ...]:
    """The variables that must have a value when a run comes by."""
    return tuple(dict.fromkeys((*KINDS[node.kind].reads(node), *names_in(*silence.texts(node)))))


def assigns(node: Node) -> dict[str, tuple[str, ...]]:
    """The variables that have a value once a run has left through a port, by port."""
    found = KINDS[node.kind].assigns(node)
    return {port: tuple(filter(None, (names,) if isinstance(names, str) else names)) for port, names in found.items()}


def limits(node: Node) -> Iterator[Finding]:
    """What is missing in a step or does not fit WhatsApp."""
    kind, owner = KINDS[node.kind], name_of(node)
    yield from kind.limits(node)
    if kind.may_wait_in_vain:
        yield from silence.limits(node, owner)
    if not kind.is_apart:
        yield from paired_braces(node, owner)


def name_of(node: Node) -> str:
    """What to call a step in a sentence: its label and first words, as they stand on its card."""
    return base.name_of(KINDS[node.kind], node)


def starts(flow: Flow) -> tuple[Node, ...]:
    return tuple(node for node in flow.nodes.values() if KINDS[node.kind].is_start)
