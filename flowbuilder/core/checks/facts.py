"""What a flow cannot know of itself, as far as it is known: its outbound messages, other flows, and what its workspace has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Self

from flowbuilder.core.nodes.you_send_it import CONTINUE, FINISH
from flowbuilder.core.template import TemplateContent, quick_replies, variables_used


def _mark(content: TemplateContent) -> str:
    return sha256(json.dumps(content.to_json(), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What is known of an outbound message. Its ``status`` is the review's (empty: not known), its ``category`` the one that is charged;
    without options it cannot open a flow. ``replies`` are all its quick replies, ``line`` is the id of its line.
    ``minutes`` is how long it says that its code holds, ``says`` its text. ``examples`` are what its variables may be filled with.
    ``changed`` tells the words that it has from others, if they were changed at Meta after the flow was last published.
    """

    id: str
    status: str
    variables: tuple[str, ...] = ()
    continue_option: str = ""
    finish_option: str = ""
    category: str = ""
    language: str = ""
    examples: Mapping[str, str] = field(default_factory=dict)
    changed: str = ""
    replies: tuple[str, ...] = ()
    line: str = ""
    minutes: int = 0
    says: str = ""

    @classmethod
    def of(
        cls, id: str, content: TemplateContent, *, status: str = "", category: str = "", line: str = "", is_changed: bool = False
    ) -> Self:
        """What the message itself says, with what its row knows besides."""
        return cls(
            id=id,
            status=status,
            variables=tuple(variables_used(content)),
            continue_option=content.continue_option,
            finish_option=content.finish_option,
            category=category or content.category,
            language=content.language,
            examples={variable.name: variable.example for variable in content.variables if variable.example},
            changed=_mark(content) if is_changed else "",
            replies=quick_replies(content),
            line=line,
            says="\n".join(filter(None, (content.header, content.body, content.footer))),
            minutes=(content.otp.lifetime_minutes or 0) if content.is_otp else 0,
        )

    @property
    def tapped(self) -> dict[str, str]:
        """What its buttons say, by the way on from the step that opens with it."""
        return {CONTINUE: self.continue_option, FINISH: self.finish_option}


@dataclass(frozen=True, slots=True)
class Onward:
    """How a conversation goes on in a flow, past its opening, until it ends: the numbers of ``Proved``, and ``late``, the most seconds
    until it says something that the 24-hour window must be open for, before the person is heard. ``way`` names the steps to there.
    """

    paths: int = 1
    steps: int = 0
    messages: int = 0
    questions: int = 0
    seconds: int = 0
    least: Decimal | None = None
    most: Decimal | None = None
    late: int | None = None
    way: tuple[str, ...] = ()
    with_colleagues: bool = False


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """What is known of another flow: the flows that its published version goes over to, the variables that it needs from whoever
    comes there or at least ``uses``, and how it goes on ``onward``. Of one that is not known nothing is said.
    """

    id: str
    name: str
    is_published: bool
    calls: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    onward: Onward | None = None
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """The outbound messages and the flows that a flow speaks of, as far as they exist. Of what is None nothing is known.

    ``template`` is the initial message. ``files``, ``teams`` and ``secrets`` (by name) are those that are there, ``phrases`` those of this
    flow that start another one, with its name. ``prices`` are the least and the most that a message of a category costs. ``providers``
    are those of validations, with what they check. ``attributes`` are the variables that some contact has. ``id`` is the flow's own.
    """

    template: TemplateFacts | None = None
    templates: Mapping[str, TemplateFacts] | None = field(default_factory=dict)
    flows: Mapping[str, FlowFacts] | None = field(default_factory=dict)
    prices: Mapping[str, tuple[Decimal, Decimal]] | None = field(default_factory=dict)
    currency: str = ""
    files: frozenset[str] | None = frozenset()
    teams: frozenset[str] | None = frozenset()
    secrets: frozenset[str] | None = frozenset()
    providers: Mapping[str, tuple[str, ...]] | None = field(default_factory=dict)
    phrases: Mapping[str, str] | None = field(default_factory=dict)
    attributes: frozenset[str] | None = None
    id: str = ""

    @property
    def is_of_workspace(self) -> bool:
        """Whether all is known of what other than contacts a workspace has."""
        parts = (self.templates, self.flows, self.prices, self.files, self.teams, self.secrets, self.providers, self.phrases)
        if any(part is None for part in parts):
            return False
        return all(one.status for one in self.templates.values()) and all(one.is_known for one in self.flows.values())


UNKNOWN = Facts(templates=None, flows=None, prices=None, files=None, teams=None, secrets=None, providers=None, phrases=None)
"""What a file alone tells."""
