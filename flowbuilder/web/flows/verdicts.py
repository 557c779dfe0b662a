"""What the checks say, as the editor needs it: each finding in short, and the way that shows one only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from flask import Response, g, jsonify

from flowbuilder.core.checks import Review
from flowbuilder.core.checks.proved import in_words, why
from flowbuilder.core.checks.telling import tell
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.leaving import as_said
from flowbuilder.core.nodes import name_of
from flowbuilder.errors import NotFound
from flowbuilder.services import flows
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.found import draft_of
from flowbuilder.web.policy import allow


@bp.get("/flows/<flow_id>/findings/<key>")
@allow(Role.VIEWER)
def shown(flow_id: str, key: str) -> Response:
    """The shortest way that shows a finding: steps, the ports by which it leaves them, and the chat that somebody would have on it."""
    flow = Flow.from_json(draft_of(flow_id).document)
    one = next((found for found in flows.findings_of(flow, g.workspace_id, id=flow_id) if key_of(found) == key), None)
    if one is None:
        raise NotFound("This is no longer so: the flow has changed.")
    turns = [
        [turn.voice, turn.words] for turn in tell(flow, one.path, one.through, tapped=flows.tapped(flows.template_of(flow, g.workspace_id)))
    ]
    return jsonify(path=one.path, through=one.through, told=turns)


def findings(found: Iterable[Finding], flow: Flow) -> list[dict[str, Any]]:
    """``field`` is that of the step's form, where ``here`` says the same without the step's name; ``port`` is told where it is a way out,
    at which the way to the finding stops.
    """
    flow = as_said(flow)
    return [
        {
            "key": key_of(one),
            "node": one.node,
            "field": one.field,
            "port": one.field if one.field and one.through[-1:] == (one.field,) else None,
            "text": one.text,
            "here": _here(one, flow),
            "severity": one.severity,
            "fix": {"label": one.fix.label, "command": one.fix.command} if one.fix else None,
        }
        for one in found
    ]


def _here(one: Finding, flow: Flow) -> str | None:
    if not one.field or one.node not in flow.nodes:
        return None
    owner = f"{name_of(flow.nodes[one.node])}: "
    rest = one.text.removeprefix(owner)
    return None if rest == one.text else rest[:1].upper() + rest[1:]


def proved(review: Review) -> dict[str, Any]:
    """Numbers are of flows without errors only: of others they would speak of something that nobody can publish."""
    told = review.proved if not review.errors else None
    numbers = [list(number) for number in in_words(told)] if told else []
    return {"held": list(review.held), "numbers": numbers, "why": why(told) if told else ""}


@bp.app_template_filter("finding_key")
def key_of(finding: Finding) -> str:
    """The same for the same finding, whatever else the checks find."""
    return format(crc32(f"{finding.code} {finding.node} {finding.field} {finding.text}".encode()), "x")
