"""What a page of sending needs to know, whichever door it was entered by. No route lives here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import phonenumbers
from flask import current_app, g, request, url_for
from sqlalchemy import select

from flowbuilder.core import countries, phone
from flowbuilder.core.batch import duration
from flowbuilder.core.filling import Filling
from flowbuilder.core.flow import Flow
from flowbuilder.core.languages import LANGUAGES
from flowbuilder.core.media import RULES, Rule
from flowbuilder.core.medium import LINK_COLUMNS, Medium
from flowbuilder.core.nodes import starts
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Rendered, TemplateContent, examples, render, variables_used
from flowbuilder.errors import NotFound
from flowbuilder.services import media as files
from flowbuilder.services.sending import doors
from flowbuilder.services.sending import filling as fillings
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import batches, db, recipients
from flowbuilder.store.accounts import Line
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.recipients import Filter
from flowbuilder.store.sending import Batch
from flowbuilder.web.flows.invitations import Invitation, each_phrase
from flowbuilder.web.forms import Form


@dataclass(slots=True)
class Entrance:
    """One door, opened: the message to send, the flow that is tried or started, and the addresses of this door."""

    door: Door
    template: TemplateMessage | None
    flow: FlowDraft | None = None
    content: TemplateContent = field(init=False)

    def __post_init__(self) -> None:
        self.content = TemplateContent.from_json(self.template.content if self.template else {})

    @property
    def is_trial(self) -> bool:
        return self.door is Door.TRIAL

    @property
    def phrases(self) -> tuple[Invitation, ...] | None:
        """What people write to begin the flow that is tried; None where it opens with a message of ours."""
        opening = next(iter(starts(Flow.from_json(self.flow.document))), None) if self.is_trial else None
        return each_phrase(g.workspace_id, opening.data) if opening and "phrases" in opening.data else None

    @property
    def is_ready(self) -> bool:
        return self.template is not None and self.template.status == ReviewStatus.APPROVED and not self.template.unheld

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """Each customizable word with its example."""
        known = examples(self.content)
        return tuple((name, known.get(name, "")) for name in variables_used(self.content))

    def filling(self, form: Form) -> Filling:
        """What the chosen flow fills in by itself."""
        flow_id = self.flow.id if self.flow else str(form.value("flow_id") or form.value("flow")).strip()
        return fillings.of_flow(g.workspace_id, flow_id, self.content, is_trial=self.is_trial)

    def as_read(self, form: Form) -> Rendered:
        """The message with the words that were typed, and those that the flow fills in; examples stand in for the others."""
        typed = {name: str(form.value(f"value_{name}")).strip() for name, _example in self.variables}
        number, filling = phone.read(**number_in(form)), self.filling(form)
        known = fillings.known_of(g.workspace_id, [number.e164], filling) if isinstance(number, phone.Phone) else {}
        shown = filling.filled(typed, next(iter(known.values()), {}))
        return render(self.content, examples(self.content) | {name: value for name, value in shown.items() if value})

    @property
    def medium_rule(self) -> Rule:
        """What may stand at the head of this message."""
        return RULES[self.content.kind]

    @property
    def link_columns(self) -> tuple[str, ...]:
        return LINK_COLUMNS[self.content.kind]

    def media(self, chosen: str) -> list[Medium]:
        """The files to choose from: the sample, and what was uploaded on this page before a field was found wrong."""
        sample = self.content.fitting_sample
        found = [sample] if sample else []
        if chosen and chosen not in ("rows", sample.file if sample else ""):
            found.append(files.as_medium(files.find(g.workspace_id, chosen)))
        return found

    def chosen_medium(self, form: Form) -> Medium | None:
        """What a person wants at the head: a file uploaded just now, else the one that was ticked. Raises Invalid for a wrong file."""
        if not self.content.shows_medium or form.value("medium") == "rows":
            return None
        file = request.files.get("medium_file")
        if file is not None and file.filename:
            row = files.keep(g.workspace_id, self.content.kind, file.stream, file.filename, field="medium", user_id=g.user_id)
            form.values["medium"] = row.id
        wished = str(form.value("medium"))
        return next((medium for medium in self.media(wished) if medium.file == wished), None)

    @property
    def offers_flows(self) -> bool:
        """Whether the page asks which flow starts; a trial knows."""
        return self.content.starts_flow and not self.is_trial

    def flows(self) -> list[tuple[str, str]]:
        return [(flow.id, flow.name) for flow in doors.flows_to_start(g.workspace_id, self.template.id)]

    def url(self, way: str = "single") -> str:
        if self.is_trial:
            return url_for("sending.trial", flow_id=self.flow.id, template=self.template and self.template.id, way=way)
        return url_for("sending.send", template_id=self.template.id, way=way)

    def back(self, may_send: bool) -> tuple[str, str]:
        """Where a page of this door leads back to: whoever may not send gets to what is sent."""
        if may_send:
            return "Test conversation" if self.is_trial else "Send", self.url("batch")
        if self.is_trial and self.flow:
            return self.flow.name, url_for("flows.editor", flow_id=self.flow.id)
        return self.template.name, url_for("outbound.show", template_id=self.template.id)

    def action(self, verb: str) -> str:
        """The address for ``send_one`` or ``upload`` of this door."""
        if self.is_trial:
            return url_for(f"sending.trial_{verb}", flow_id=self.flow.id, template=self.template.id)
        return url_for(f"sending.{verb}", template_id=self.template.id)

    @property
    def virtual_phones(self) -> str:
        """Where all simulated messages can be read; empty over a real line."""
        return current_app.extensions["flowbuilder"].simulator_url if self.template and self.template.line.is_simulator else ""

    def past(self) -> list[Batch]:
        return list(batches.recent(g.workspace_id, self.template.id, limit=5)) if self.template else []


def of_template(template_id: str) -> Entrance:
    return Entrance(Door.OUTBOUND, _template(template_id))


def of_flow(flow_id: str, template_id: str | None) -> Entrance:
    """The trial of a flow: with its own initial message unless another was chosen."""
    flow = db.session.scalar(
        select(FlowDraft).where(FlowDraft.id == flow_id, FlowDraft.workspace_id == g.workspace_id, FlowDraft.deleted_at.is_(None))
    )
    if flow is None:
        raise NotFound()
    chosen = template_id or doors.initial_message(flow.document)
    return Entrance(Door.TRIAL, _template(chosen) if chosen else None, flow)


def of_batch(batch: Batch) -> Entrance:
    flow = db.session.get(FlowDraft, batch.plan.get("flow_id")) if batch.plan.get("flow_id") else None
    return Entrance(Door(batch.door), batch.template, flow)


def _template(template_id: str) -> TemplateMessage:
    template = db.session.scalar(
        select(TemplateMessage).where(TemplateMessage.id == template_id, TemplateMessage.workspace_id == g.workspace_id)
    )
    if template is None:
        raise NotFound()
    return template


def choices() -> list[tuple[str, str]]:
    """Approved messages that can open a conversation."""
    wanted = select(TemplateMessage).where(
        TemplateMessage.workspace_id == g.workspace_id,
        TemplateMessage.status == ReviewStatus.APPROVED,
        TemplateMessage.conversation == "FLOW",
    )
    found = db.session.scalars(wanted.order_by(TemplateMessage.updated_at.desc()).limit(300))
    return [(template.id, f"{template.name} ({LANGUAGES.get(template.language, template.language)})") for template in found]


def number_in(form: Form) -> dict[str, str]:
    """A number that begins with + tells its country itself, whatever was chosen before it was typed."""
    number = form.text("phone", "", required=False, longest=60)
    return {"number": number, "country": "" if phone.region_told(number) else form.text("country", "", required=False)}


def country_choices() -> list[tuple[str, str]]:
    return [("", "Choose a country"), *((country.region, country.label) for country in countries.all_countries())]


def home_country(template: TemplateMessage) -> str:
    """The country of the line: the likeliest one of whom it writes to."""
    try:
        number = phonenumbers.parse("+" + template.line.display_number.lstrip("+"))
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_country_code(number.country_code)


def virtual_phone(line: Line, phone: str | None) -> str:
    """Where a simulated message can be read; empty for real ones."""
    settings = current_app.extensions["flowbuilder"]
    return f"{settings.simulator_url}/phones/{phone.lstrip('+')}" if line.is_simulator and phone else ""


def time_for(batch: Batch) -> str:
    """How long it takes at the speed of the line, in words."""
    return duration(batches.numbers(batch).queued / max(1, batch.line.messages_per_second))


def first_messages(batch: Batch, count: int = 3) -> list[dict[str, Any]]:
    """The first recipients with their messages as they will read them."""
    content = TemplateContent.from_json(batch.plan["template"]["content"])
    rows, medium = recipients.page(batch.id, Filter(), limit=count), Medium.from_json(batch.plan.get("medium"))
    return [{"row": row.number, "phone": row.phone, "rendered": render(content, row.content["parameters"], medium)} for row in rows]
