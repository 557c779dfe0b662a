"""What a person will see of one step, as their phone shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import g

from flowbuilder import clock
from flowbuilder.core import message, sample
from flowbuilder.core.flow import Flow
from flowbuilder.core.medium import Medium
from flowbuilder.core.template import Button, Rendered, TemplateContent, examples
from flowbuilder.core.template import render as filled
from flowbuilder.services import flows, outbound
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.found import flow_with
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message; ``rows`` are those that its list opens, ``case`` is when it is said, where that depends."""

    rendered: Rendered
    rows: tuple[message.Row, ...] = ()
    case: str = ""


@bp.get("/flows/<flow_id>/steps/<step>/preview")
@allow(Role.VIEWER)
def preview(flow_id: str, step: str) -> str:
    flow = flow_with(flow_id, step)
    said = sample.said(flow, flow.nodes[step], _examples(flow), clock.now())
    return render("flows/_preview.html", bubbles=[replace(_bubble(content), case=case) for case, content in said])


def _examples(flow: Flow) -> dict[str, str]:
    """Those of the initial message, and the word for leaving."""
    initial = flows.template_of(flow, g.workspace_id)
    known = examples(TemplateContent.from_json(initial.content)) if initial else {}
    return {**known, "exit_word": flow.settings.exit_word}


def _bubble(content: message.Content) -> Bubble:
    medium = Medium.from_json(getattr(content, "medium", None))
    header, footer = getattr(content, "header", ""), getattr(content, "footer", "")
    match content:
        case message.Buttons():
            buttons = tuple(Button("reply", one.title) for one in content.buttons)
            return Bubble(Rendered(header, content.body, footer, buttons, medium))
        case message.List():
            return Bubble(Rendered(header, content.body, footer, (Button("list", content.button),)), content.rows)
        case message.Link():
            return Bubble(Rendered(header, content.body, footer, (Button("link", content.label),), medium))
        case message.Template():
            return Bubble(_outbound(content))
        case message.Shown():
            return Bubble(Rendered("", content.body, "", (), medium))
    return Bubble(Rendered("", message.plain(content), "", ()))


def _outbound(content: message.Template) -> Rendered:
    """The outbound message with what the step fills in; where that is nothing yet, with its examples."""
    found = outbound.of_ids(g.workspace_id, (content.template_id,))
    if not found:
        return Rendered("", "", "", ())
    template = TemplateContent.from_json(found[0].content)
    return filled(template, examples(template) | {name: value for name, value in content.parameters.items() if value})
