"""What the panel of a step is made from."""

from __future__ import annotations

from functools import partial
from typing import Any

from flowbuilder.core import message
from flowbuilder.core.flow import Flow
from flowbuilder.core.leaving import as_said
from flowbuilder.core.media import RULES
from flowbuilder.core.moments import zones
from flowbuilder.core.nodes import KINDS, assigns, starts
from flowbuilder.core.silence import NO_REPLY
from flowbuilder.core.template import Category
from flowbuilder.core.variables import BUILT_IN, as_variable
from flowbuilder.services import flows
from flowbuilder.services.accounts import mail, providers, teams, vault
from flowbuilder.store import attributes, db, outbound
from flowbuilder.store import flows as rows
from flowbuilder.web.flows.invitations import invitations
from flowbuilder.web.flows.outbounds import choices, sent
from flowbuilder.web.flows.sources import sources


def panel_context(flow: Flow, id: str, workspace_id: str, flow_id: str) -> dict[str, Any]:
    node = as_said(flow).nodes[id]
    return {
        "node": node,
        "data": node.data,
        "kind": KINDS[node.kind],
        "ports": KINDS[node.kind].ports(node),
        "no_reply": NO_REPLY,
        "variables": variables_of(flow, workspace_id),
        "settable": settable(flow, workspace_id),
        "sources": partial(sources, flow, node, workspace_id),
        "values": partial(values_of, flow),
        "limits": message,
        "rules": RULES,
        "openings": [kind for kind in KINDS.values() if kind.is_start],
        "invitations": partial(invitations, workspace_id),
        "is_live": lambda: rows.live_version(db.session, workspace_id, flow_id) is not None,
        "other_flows": lambda: [other for other in rows.drafts(workspace_id) if other.id != flow_id],
        "zones": zones,
        "providers": lambda: providers.listing(workspace_id),
        "teams_of": lambda: teams.listing(workspace_id),
        "outbounds": partial(choices, flow, workspace_id),
        "sent": lambda: sent(node, workspace_id),
        "secret_names": lambda: vault.names(workspace_id),
        "code_messages": lambda: outbound.of_category(workspace_id, Category.AUTHENTICATION),
        "has_mail": lambda: mail.of(workspace_id) is not None,
    }


def values_of(flow: Flow) -> list[tuple[str, str]]:
    """What some variables can only be (an answer that is chosen, what came of a validation), each with its variable."""
    found: dict[tuple[str, str], None] = {}
    for node in flow.nodes.values():
        kept = KINDS[node.kind].keeps(node)
        for port, names in assigns(node).items():
            told = kept.get(port, ())
            found |= {(value, names[0]): None for value in told if value} if names and isinstance(told, tuple) else {}
    return list(found)


def variables_of(flow: Flow, workspace_id: str) -> list[str]:
    """Every variable that a text may speak of: of the initial message, kept by steps, of the contact, and built in."""
    template = flows.facts_for(flow, workspace_id).template
    is_sent = template is not None and starts(flow)
    return list(dict.fromkeys((*(template.variables if is_sent else ()), *settable(flow, workspace_id), *BUILT_IN)))


def settable(flow: Flow, workspace_id: str) -> list[str]:
    """What steps of the flow keep, then the attributes that contacts have."""
    kept = {name for node in flow.nodes.values() for names in assigns(node).values() for name in names if name}
    return list(dict.fromkeys((*sorted(kept), *map(as_variable, attributes.names(workspace_id)))))
