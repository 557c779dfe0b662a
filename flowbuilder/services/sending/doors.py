"""What both doors to sending ask first: is the message approved, which flow does it start, who may be written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import select

from flowbuilder.core.filling import Filling
from flowbuilder.core.finding import Finding
from flowbuilder.core.media import RULES
from flowbuilder.core.medium import LINK_COLUMNS, NAME_MAX, Medium
from flowbuilder.core.phone import Phone, PhoneFault, read
from flowbuilder.core.recipients import Wanted
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import CODE, Kind, Link, TemplateContent, check_parameters, variables_used
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import Tx
from flowbuilder.services.sending import filling as fillings
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message


class Door(StrEnum):
    """Through which page a send comes. A trial runs the draft of a flow, for testers only."""

    OUTBOUND = "outbound"
    TRIAL = "trial"


def approved(workspace_id: str, template_id: str) -> TemplateMessage:
    """The message, if Meta lets it be sent."""
    template = db.session.scalar(
        select(TemplateMessage).where(TemplateMessage.id == template_id, TemplateMessage.workspace_id == workspace_id)
    )
    if template is None:
        raise NotFound()
    if template.status != ReviewStatus.APPROVED:
        raise Conflict(f"Only approved messages can be sent, and “{template.name}” is not approved now.")
    if template.unheld:
        raise Conflict(f"“{template.name}” came from WhatsApp Manager and cannot be sent from here. {template.unheld}")
    if template.line.disabled_at is not None:
        raise Conflict(f"The line “{template.line.name}” is disabled, so nothing can be sent over it: enable it on its page.")
    return template


def version_to_start(workspace_id: str, door: Door, flow_id: str | None, template: TemplateMessage, user_id: str | None) -> str | None:
    """The version that answers: the draft as it stands in a trial, else what is published. None: the message starts no flow."""
    if not TemplateContent.from_json(template.content).starts_flow:
        return None
    if not flow_id:
        raise Invalid(findings=[Finding("missing", "Choose the flow that this message starts.", field="flow")])
    flow = db.session.scalar(
        select(FlowDraft).where(FlowDraft.id == flow_id, FlowDraft.workspace_id == workspace_id, FlowDraft.deleted_at.is_(None))
    )
    if flow is None:
        raise Invalid(findings=[Finding("unknown", "No flow of this workspace has this ID: choose one by its name.", field="flow")])
    if door is Door.TRIAL:
        from flowbuilder.services import flows

        return flows.freeze(flow_id, user_id, workspace_id=workspace_id).id
    return _published(flow)


def _published(flow: FlowDraft) -> str:
    version = flow.published and db.session.scalar(
        select(FlowVersion.id).where(FlowVersion.flow_id == flow.id, FlowVersion.number == flow.published)
    )
    if not version:
        instead = "switched off: switch it on again" if flow.switched_off else "not published yet: publish it"
        text = f"“{flow.name}” is {instead}, or try it through Test conversation."
        raise Invalid(findings=[Finding("unpublished", text, field="flow")])
    return version


def switched_off(session: Tx, door: str, version_id: str | None) -> str | None:
    """The name of the flow that the messages of a batch start, if it is switched off; nobody takes it off until the transaction ends."""
    if door == Door.TRIAL or version_id is None:
        return None
    of_version = select(FlowDraft).join(FlowVersion, FlowVersion.flow_id == FlowDraft.id).where(FlowVersion.id == version_id)
    flow = session.scalars(of_version.with_for_update(of=FlowDraft).execution_options(populate_existing=True)).one()
    return None if flow.switched_off is None else flow.name


def still_open(session: Tx, door: str, version_id: str | None) -> None:
    """Conflict when that flow is switched off."""
    if (name := switched_off(session, door, version_id)) is not None:
        raise Conflict(f"“{name}”, which this starts, is switched off: switch it on again on My flows first.")


def flows_to_start(workspace_id: str, template_id: str) -> Sequence[FlowDraft]:
    """Published flows, those that begin with this message first."""
    wanted = select(FlowDraft).where(
        FlowDraft.workspace_id == workspace_id, FlowDraft.deleted_at.is_(None), FlowDraft.published.is_not(None)
    )
    flows = db.session.scalars(wanted.order_by(FlowDraft.updated_at.desc()).limit(500)).all()
    return sorted(flows, key=lambda flow: (initial_message(flow.document) != template_id, flow.name.lower()))


def initial_message(document: Mapping) -> str | None:
    """The outbound message that a flow begins with."""
    start = next((node for node in document.get("nodes", ()) if node.get("kind") == "you_send_it"), None)
    return start["data"].get("template") if start else None


def testers(line: Line, door: Door) -> frozenset[str] | None:
    """The only numbers that may be written to; None when there is no such limit."""
    if door is not Door.TRIAL or line.is_simulator:
        return None
    return frozenset(db.session.scalars(select(TestPhone.phone).where(TestPhone.workspace_id == line.workspace_id)))


def medium_to_send(content: TemplateContent, chosen: Medium | None) -> Medium | None:
    """What stands at the head: what was chosen for it, else the sample. Raises Invalid when the message needs one and has none."""
    if not content.shows_medium:
        if chosen is None:
            return None
        text = "This message has no picture, video or document at its head: leave the file out."
        raise Invalid(findings=[Finding("no_medium", text, field="medium")])
    medium = chosen or content.fitting_sample
    if medium is None or medium.kind is not content.kind:
        text = f"Choose the {RULES[content.kind].thing} that stands at the head of this message."
        raise Invalid(findings=[Finding("missing_medium", text, field="medium")])
    return medium


def columns(content: TemplateContent, *, is_linked: bool) -> tuple[str, ...]:
    """The columns of a file beside country and number: each customizable word, and what stands at the head if each row says it."""
    return (*variables_used(content), *_link_columns(content, is_linked=is_linked))


def _link_columns(content: TemplateContent, *, is_linked: bool) -> tuple[str, ...]:
    return LINK_COLUMNS[content.kind] if is_linked and content.shows_medium else ()


def wanted(
    content: TemplateContent,
    *,
    mapping: Mapping[str, str],
    allowed: frozenset[str] | None,
    country: str = "",
    is_linked: bool = False,
    filling: Filling,
) -> Wanted:
    """What a file must bring for this message, of which ``filling`` is filled in."""
    links = _link_columns(content, is_linked=is_linked)
    texts = [(content.body, 1024)]
    if content.kind is Kind.TEXT:
        texts.append((content.header, 60))
    texts += [(action.url, 2000) for action in content.actions if isinstance(action, Link)]
    return Wanted(
        variables=columns(content, is_linked=is_linked),
        texts=() if content.is_otp else tuple((text, most) for text, most in texts if "{{" in text),
        mapping=dict(mapping),
        allowed=allowed,
        country=country,
        longest={CODE: 15} if content.is_otp else dict(zip(links, (2000, NAME_MAX), strict=False)),
        links=links[:1],
        optional=(*links[1:], *filling.values),
        constants=filling.constants,
    )


def send_one(
    workspace_id: str,
    template_id: str,
    door: Door,
    *,
    country: str,
    number: str,
    parameters: Mapping[str, str],
    flow_id: str | None,
    medium: Medium | None = None,
    opted_in: bool,
    user_id: str | None,
    client_key: str,
) -> Message:
    """One message to one person. Raises Invalid with a finding on each field that needs another look."""
    from flowbuilder.services.sending import single

    template = approved(workspace_id, template_id)
    content = TemplateContent.from_json(template.content)
    phone = read(country, number)
    parameters = _filled(workspace_id, door, flow_id, content, parameters, phone)
    findings = [Finding(f.code, f.text, field=f"value_{f.field}" if f.field in variables_used(content) else f.field) for f in
                check_parameters(content, parameters)]  # fmt: skip
    if isinstance(phone, PhoneFault):
        findings.insert(0, Finding(phone.value, phone.text, field="country" if phone.value.startswith("country_") else "phone"))
    else:
        findings += _not_a_tester(template.line, door, phone)
    try:
        medium = medium_to_send(content, medium)
    except Invalid as error:
        findings += error.findings
    if not opted_in:
        findings.append(Finding("opt_in", "Confirm that this person agreed to get your messages: WhatsApp requires it.", field="opt_in"))
    if findings:
        raise Invalid(findings=findings)
    version_id = version_to_start(workspace_id, door, flow_id, template, user_id)
    return single.send(
        workspace_id, template_id, phone.e164, dict(parameters),
        version_id=version_id, medium=medium, is_trial=door is Door.TRIAL, user_id=user_id, client_key=client_key,
    )  # fmt: skip


def _filled(
    workspace_id: str, door: Door, flow_id: str | None, content: TemplateContent, given: Mapping[str, str], phone: Phone | PhoneFault
) -> dict[str, str]:
    """The values that were given, and those that the flow fills in."""
    filling = fillings.of_flow(workspace_id, flow_id, content, is_trial=door is Door.TRIAL)
    known = fillings.known_of(workspace_id, [phone.e164], filling) if isinstance(phone, Phone) else {}
    return filling.filled(given, next(iter(known.values()), {}))


def _not_a_tester(line: Line, door: Door, phone: Phone) -> list[Finding]:
    allowed = testers(line, door)
    if allowed is None or phone.e164 in allowed:
        return []
    text = "Drafts go only to test phones on a real line. Add this number to the test phones on the page Lines, or choose another."
    return [Finding("not_a_tester", text, field="phone")]
