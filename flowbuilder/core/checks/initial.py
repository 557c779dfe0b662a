"""The initial message exists, can open a conversation, is approved by Meta, and says what it said when the flow was drawn: of changed
words the opening keeps which of them a designer has seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.facts import Facts
from flowbuilder.core.checks.study import Study
from flowbuilder.core.finding import Finding, Fix
from flowbuilder.core.nodes import kind_of

APPROVED = "approved"
CHANGED = (
    "the words of the initial message were changed at Meta after the flow was published. Look whether the flow still fits them, then "
    "say that you have seen it."
)

WAITING = {
    "draft": "has not been sent to review yet. Submit it for review.",
    "pending": "is still in review. Wait for Meta's approval; drawing can go on meanwhile.",
    "rejected": "was rejected by Meta. Duplicate it, correct it and submit it again.",
    "paused": "was paused by Meta because of its quality. Wait, or choose another one.",
}


def find(study: Study) -> Iterator[Finding]:
    for node in study.starts:
        if not kind_of(node).is_sent:
            continue
        if problem := _problem(node.data.get("template"), study.facts):
            code, text = problem
            yield Finding(code, f"{study.name(node.id)}: {text}", node=node.id, field="template", path=(node.id,))
        elif (changed := study.facts.template and study.facts.template.changed) and changed != node.data.get("words"):
            seen = {"kind": "change", "node": node.id, "data": {"words": changed}}
            fix = Fix.by(
                "I have seen it", {"kind": "all", "commands": [seen], "words": "Looked at the changed words of the initial message"}
            )
            text = f"{study.name(node.id)}: {CHANGED}"
            yield Finding("template_changed", text, node=node.id, field="template", path=(node.id,), fix=fix)


def _problem(chosen: str | None, facts: Facts) -> tuple[str, str] | None:
    template = facts.template
    if not chosen:
        return "no_initial_message", "there is no initial message. Create one, or choose an approved one."
    if template is None and facts.templates is None:
        return None
    if template is None or template.id != chosen:
        return "no_initial_message", "the initial message no longer exists. Create one, or choose another."
    if not template.continue_option or not template.finish_option:
        return "no_options", "the initial message has no options for continuing and finishing. Choose one of the conversation type Flow."
    status = template.status.lower()
    if status and status != APPROVED:
        cure = WAITING.get(status, "is not approved by Meta. Choose another one.")
        return "not_approved", f"the initial message {cure}"
    return None
