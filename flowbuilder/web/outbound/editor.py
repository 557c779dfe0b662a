"""What the page and the fragments of the message form need to know, gathered once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from markupsafe import Markup

from flowbuilder.core import phone
from flowbuilder.core.finding import Finding
from flowbuilder.core.languages import direction, html_code, offered
from flowbuilder.core.lint import lint
from flowbuilder.core.lint.otp import lifetime
from flowbuilder.core.lint.texts import BODY_MAX
from flowbuilder.core.media import RULES, Rule
from flowbuilder.core.otp import CodeText
from flowbuilder.core.template import Category, Link, Rendered, Reply, TemplateContent, examples, render
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.outbound.form import shape, words_shown

_PARTS = ("type", "sample", "text", "words", "options", "actions")


@dataclass
class Editor:
    """One message in the form. ``touched`` are the fields that somebody has been in: only there is emptiness a fault,
    until the person wants to submit (``is_strict``)."""

    id: str
    content: TemplateContent
    line_id: str
    lines: Sequence[Line]
    row: TemplateMessage | None = None
    flow_id: str = ""
    touched: Collection[str] = ()
    is_strict: bool = False
    more: Sequence[Finding] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    siblings: Sequence[TemplateMessage] = ()
    source: TemplateContent | None = None
    code_text: CodeText | None = None
    lost_autofill: bool = False
    """The message that it was copied from fills its code in by itself, which this one will not."""
    cured: Finding | None = None
    undo: str = ""

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        line = () if self.line_id else (Finding("missing_line", "Choose the line that sends the message.", field="line_id"),)
        return (*line, *lint(self.content), *self.misfit, *self.more)

    @property
    def opens_its_flow(self) -> bool:
        """Written for a flow, and able to open one: then nothing else is to be chosen."""
        return bool(self.flow_id) and self.content.starts_flow

    @property
    def misfit(self) -> tuple[Finding, ...]:
        """What keeps a message from opening the flow that it is written for, though Meta would approve it."""
        if not self.flow_id or self.opens_its_flow:
            return ()
        text = "A flow begins with a message of conversation type Flow: choose Marketing or Utility, and then Flow."
        return (Finding("not_for_flows", text, field="form"),)

    @property
    def visible(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if self.is_strict or not f.code.startswith("missing_") or f.field in self.touched)

    @property
    def todo(self) -> tuple[Finding, ...]:
        """What stands between this draft and its review."""
        return tuple(f for f in self.findings if f.is_error)

    @property
    def rendered(self) -> Rendered:
        said = self.code_text
        code = replace(self.content.otp, body=said.body, footer=said.footer) if said else self.content.otp
        return render(replace(self.content, otp=code), examples(self.content))

    @property
    def asks_for_text(self) -> dict[str, str] | None:
        """What to ask Meta about its own words, as long as they are not known."""
        code = self.content.otp
        if not self.content.is_otp or self.code_text or not self.line_id or any(lifetime(self.content)):
            return None
        advice = {"advice": "1"} if code.security_advice else {}
        return {
            "line_id": self.line_id,
            "language": self.content.language,
            "minutes": str(code.lifetime_minutes),
            "label": code.button_label,
            **advice,
        }

    @property
    def shape(self) -> str:
        return ";".join(f"{name}={value}" for name, value in shape(self.content).items())

    def stale_parts(self, was: str, is_renamed: bool) -> list[str]:
        """The parts of the form that no longer fit what they show."""
        before = dict(part.partition("=")[::2] for part in was.split(";"))
        now = shape(self.content)
        return [part for part in _PARTS if before.get(part) != now[part] or (is_renamed and part in ("text", "actions"))]

    def notes(self, name: str) -> Markup:
        """The findings of one field as marked sentences; empty when all is well."""
        return Markup("").join(_note(f) for f in self.visible if f.field == name)

    @property
    def fields(self) -> list[str]:
        """Every field that can have findings and is in the form now."""
        names = ["form", "name", "category", "line_id", "language"]
        if self.content.is_otp:
            return [*names, "otp.lifetime_minutes", "otp.button_label"]
        names += ["kind", "conversation", "sample" if self.content.shows_medium else "header", "body", "footer", "actions"]
        names += ["continue_option", "finish_option"] if self.content.starts_flow else []
        names += [f"variables.{name}.example" for name in words_shown(self.content)]
        for index, action in enumerate(self.content.actions):
            names += [f"actions.{index}.label"]
            names += [f"actions.{index}.{'url' if isinstance(action, Link) else 'phone'}"] if not isinstance(action, Reply) else []
        return names

    @property
    def sample_rule(self) -> Rule:
        """What the sample of this type of message may be."""
        return RULES[self.content.kind]

    @property
    def words(self) -> list[tuple[str, str]]:
        known = {v.name: v.example for v in self.content.variables}
        return [(name, known.get(name, "")) for name in words_shown(self.content)]

    @property
    def count(self) -> str:
        return f"{len(self.content.body):,} of {BODY_MAX:,} characters"

    @property
    def direction(self) -> str:
        return direction(self.content.language)

    @property
    def lang(self) -> str:
        return html_code(self.content.language)

    @property
    def source_lang(self) -> str:
        return html_code(self.source.language) if self.source else ""

    @property
    def source_direction(self) -> str:
        return direction(self.source.language) if self.source else "ltr"

    @property
    def line_choices(self) -> list[tuple[str, str]]:
        return [(line.id, f"{line.name} ({phone.pretty(line.display_number)})") for line in self.lines]

    @property
    def languages(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        return offered()


def _note(finding: Finding) -> Markup:
    """One sentence, and a button beside it where a cure is certain."""
    cure = Markup("")
    if finding.fix:
        wish = f"fix:{finding.code}:{finding.field}:{finding.fix.do}"
        cure = Markup(' <button type="submit" class="note-fix" name="do" value="{}">{}</button>').format(wish, finding.fix.label)
    return Markup('<span class="note is-{}">{}{}</span>').format(finding.severity.value, finding.text, cure)


CATEGORIES = (
    (Category.MARKETING, "Marketing", "Offers, news about products, invitations: whatever wakes interest.", "sparkles"),
    (Category.UTILITY, "Utility", "Confirms, changes or reminds of something agreed, such as an order.", "bell"),
    (Category.AUTHENTICATION, "OTP code", "A one-time code that proves who signs in. Meta writes the text.", "key"),
)
