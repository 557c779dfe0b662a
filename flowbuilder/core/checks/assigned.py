"""Every variable has a value on all paths before it is used, also by what the flow says besides its steps. Of the contact everything
is known, though it may be empty.

The variables that surely have a value are followed through the flow as bits: what is sure at a step is what is sure on
every way into it. For each fault the shortest way that gives the variable no value is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from flowbuilder.core.checks.settings import LABELS, said_at
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Fix
from flowbuilder.core.flow import Node
from flowbuilder.core.graph import Ways
from flowbuilder.core.variables import CONTACT_NAME, CONTACT_PHONE, field_naming, is_attribute, renamed


def find(study: Study) -> Iterator[Finding]:
    assigned, reads, besides = study.assigned, study.reads, tuple(said_at(study))
    together = set(reads.values())
    used = set().union(*together, *(names for _, names, _ in besides))
    # Where the initial message is not known, what no step sets may be one of its variables.
    wanted = {name for name in (used if study.knows_given else assigned) - study.given if not is_attribute(name)}
    if not wanted or study.ways.start is None:
        return
    bits = {name: 1 << at for at, name in enumerate({*wanted, *assigned})}
    sure = _sure(study, bits)
    ways: dict[str, Ways] = {}
    needed = {names: _sum(bits, wanted.intersection(names)) for names in together}
    for id, there in sure.items():
        for name in reads[id] if needed[reads[id]] & ~there else ():
            if name not in wanted or there & bits[name]:
                continue
            if name not in ways:
                ways[name] = _without(study, name) if name in assigned else study.ways
            text = f"{study.name(id)} uses “{name}”, {_reason(name, name in assigned)}"
            way = ways[name].to(id)
            known = study.given.union(one for one, bit in bits.items() if there & bit)
            node = study.flow.nodes[id]
            field, fix = field_naming(node.data, name), None if name in assigned else renaming(node, name, known)
            yield Finding("not_assigned", text, node=id, field=field, path=way, through=ways[name].through(id), fix=fix)
    for field, names, places in besides:
        for name in names:
            open_at = next((id for id in places if name in wanted and not sure[id] & bits[name]), None)
            if open_at is not None:
                text = f"{LABELS[field]} uses “{name}”, {_reason_besides(study, open_at, is_assigned=name in assigned)}"
                yield Finding("not_assigned", text, field=field)


def _reason_besides(study: Study, id: str, *, is_assigned: bool) -> str:
    """No way is shown: it leads to where the text is said, and the fault is in the settings."""
    why = f"which may have no value yet at {study.name(id)}, where it may be said" if is_assigned else "which nothing sets"
    return f"{why}. Use a variable of the initial message there, one of {CONTACT_NAME} and {CONTACT_PHONE}, or none."


def _reason(name: str, is_assigned: bool) -> str:
    if is_assigned:
        return "which has no value yet on the way shown. Ask for it before, or take another way."
    known = f"{CONTACT_NAME} and {CONTACT_PHONE}"
    return f"which nothing sets. Ask for it before, or use a variable of the initial message or one of {known}."


def renaming(node: Node, name: str, known: Iterable[str]) -> Fix | None:
    """What was meant, where one letter or two make a known variable of the name."""
    meant = get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    if not meant:
        return None
    data = {key: renamed(value, name, meant[0]) for key, value in node.data.items()}
    changed = {key: value for key, value in data.items() if value != node.data[key]}
    return Fix.by(f"Use “{meant[0]}”", {"kind": "change", "node": node.id, "data": changed}) if changed else None


def _sure(study: Study, bits: dict[str, int]) -> dict[str, int]:
    """For each reached step the variables that have a value on every way to it."""
    gains = {
        id: {port: _sum(bits, names) for port, names in profile.assigns.items()} for id, profile in study.having["assigns"].items()
    }  # fmt: skip
    everything = (1 << len(bits)) - 1
    sure = dict.fromkeys(study.ways.order, everything)
    sure[study.ways.start] = 0
    while True:
        before = None if study.ways.is_acyclic else dict(sure)
        for id, _, leaving in study.going:
            here, gained = sure[id], gains.get(id)
            for port, target in leaving:
                sure[target] &= here | gained.get(port, 0) if gained else here
        if before is None or sure == before:
            return sure


def _sum(bits: Mapping[str, int], names: Iterable[str]) -> int:
    found = 0
    for name in names:
        found |= bits[name]
    return found


def _without(study: Study, name: str) -> Ways:
    """The ways without the connections on which the variable gets its value."""
    profiles, flow = study.profiles, study.flow
    edges = {
        place: target
        for place, target in flow.edges.items()
        if place[0] in profiles and name not in profiles[place[0]].assigns.get(place[1], ())
    }
    return Ways(study.ways.start, flow.nodes, [*edges], [*edges.values()])
