"""The outbound messages that steps on the way send exist and are approved by Meta. (The one that opens is looked at by ``initial``.)"""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.facts import TemplateFacts
from flowbuilder.core.checks.initial import APPROVED, WAITING
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Fix, Severity
from flowbuilder.core.moments import span_words
from flowbuilder.core.nodes import kind_of


def find(study: Study) -> Iterator[Finding]:
    for id, profile in study.profiles.items():
        if not profile.sends:
            if profile.replies is not None:
                text = f"{study.name(id)}: choose the outbound message to send."
                yield Finding("no_outbound", text, node=id, field="message", path=study.ways.to(id))
            continue
        if study.flow.nodes[id] in study.starts:
            continue
        for template in profile.sends:
            known = study.template(template)
            if known is None and study.facts.templates is None:
                continue
            if known is None:
                text = f"{study.name(id)}: the outbound message no longer exists. Choose another."
                yield Finding("no_outbound", text, node=id, field="message", path=study.ways.to(id))
            elif (status := known.status.lower()) and status != APPROVED:
                cure = WAITING.get(status, "is not approved by Meta. Choose another one.")
                text = f"{study.name(id)}: the outbound message {cure}"
                yield Finding("not_approved", text, node=id, field="message", path=study.ways.to(id))
            else:
                yield from _misfits(study, id, known)


def _misfits(study: Study, id: str, known: TemplateFacts) -> Iterator[Finding]:
    """It was approved, but is not what the step was drawn for. A code may come over any line."""
    wanted = kind_of(study.flow.nodes[id]).category
    if wanted:
        if known.category and known.category != wanted:
            text = f"{study.name(id)}: the outbound message carries no code. Choose one of the category OTP code."
            yield Finding("no_code", text, node=id, field="message", path=study.ways.to(id))
        yield from _lifetime(study, id, known)
        return
    taken, initial = study.profiles[id].replies, study.facts.template
    if taken is not None and taken != known.replies:
        now = ", ".join(f"“{one}”" for one in known.replies) or "none"
        text = f"{study.name(id)}: the outbound message has other quick replies than this step: {now}. Choose it again."
        yield Finding("replies", text, node=id, field="message", path=study.ways.to(id))
    if initial and initial.line and known.line and initial.line != known.line:
        text = f"{study.name(id)}: the outbound message belongs to another line than the conversation. Choose one of its line."
        yield Finding("other_line", text, node=id, field="message", path=study.ways.to(id))


def _lifetime(study: Study, id: str, known: TemplateFacts) -> Iterator[Finding]:
    """What the message says of the code is what people go by."""
    holds, said = study.flow.nodes[id].data.get("lifetime", 0), known.minutes * 60
    if said and holds != said:
        text = (
            f"{study.name(id)}: the outbound message says that the code expires in {span_words(said)}, and the step takes it "
            f"for {span_words(holds)}. Make them alike."
        )
        fix = Fix.by(f"Take it for {span_words(said)}", {"kind": "change", "node": id, "data": {"lifetime": said}})
        yield Finding("lifetime", text, node=id, field="lifetime", path=study.ways.to(id), severity=Severity.WARNING, fix=fix)
