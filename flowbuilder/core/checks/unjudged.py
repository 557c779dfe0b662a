"""What a flow speaks of and nothing is known about, so that some checks cannot judge it: of a file without a workspace."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.checks.facts import TemplateFacts
from flowbuilder.core.checks.study import Study
from flowbuilder.core.nodes import kind_of
from flowbuilder.core.variables import is_attribute

NAMED_MAX = 6


def find(study: Study) -> Iterator[tuple[str, str]]:
    """The names of the checks, each with what it could not look at; a name is empty where it is no check but a number."""
    facts = study.facts
    if facts.attributes is None and any(map(is_attribute, study.spoken)):
        yield "Every attribute that is used is one that contacts have", "attributes of contacts"
    if facts.is_of_workspace:
        return
    yield from _messages(study)
    yield from _flows(study)
    if facts.files is None and study.having["files"]:
        yield "Every file that is shown is there", "files that are shown"
    if facts.teams is None and study.having["team"]:
        yield "Every team that takes over exists", "teams"
    if facts.providers is None and any(node.data.get("provider") for node in study.flow.nodes.values()):
        yield "Every provider of validations exists", "providers of validations"
    if facts.secrets is None and study.having["secrets"]:
        yield "Every secret that is sent exists", "secrets of the workspace"
    if facts.phrases is None and any(kind_of(node).phrases(node) for node in study.starts):
        yield "No other flow listens to the same phrases", "whether a phrase starts another flow"


def _messages(study: Study) -> Iterator[tuple[str, str]]:
    first = {id for node in study.starts for id in study.profiles[node.id].sends}
    later = {id for step in study.having["sends"].values() for id in step.sends} - first
    if any(_is_unknown(study, id) for id in first):
        yield "The initial message is approved", "the review of the initial message"
    if any(_is_unknown(study, id) for id in later):
        yield "Every outbound message on the way is approved", "the review of outbound messages on the way"
    if study.facts.templates is None and any(study.template(id) is None for id in later):
        yield "Every variable of outbound messages on the way is filled in", "the variables of outbound messages on the way"
    if not study.knows_given:
        yield "People are told by which word they can leave", "the words of the initial message"
    if not study.knows_given and (names := _unset(study)):
        named = ", ".join(f"“{name}”" for name in names[:NAMED_MAX]) + (" …" if len(names) > NAMED_MAX else "")
        yield "Every variable has a value before it is used", f"whether the initial message has {named}"
        yield "Texts stay within the limits when their variables are filled in", f"whether the initial message has {named}"
    if study.facts.prices is None and first | later:
        yield "", "what a conversation costs"


def _flows(study: Study) -> Iterator[tuple[str, str]]:
    called = (id for step in study.having["calls"].values() for id in step.calls)
    if (study.facts.flows is None or any(not flow.is_known for flow in study.facts.flows.values())) and any(
        study.follower(id) is None for id in called
    ):
        yield "Every flow that follows is published", "flows that follow"
        yield "Every message is sent while WhatsApp's 24-hour window is open", "flows that follow"


def _is_unknown(study: Study, id: str) -> bool:
    known: TemplateFacts | None = study.template(id)
    return study.facts.templates is None if known is None else not known.status


def _unset(study: Study) -> list[str]:
    """The variables that no step sets."""
    used = dict.fromkeys(name for names in study.reads.values() for name in names)
    return [name for name in used if name not in study.assigned | study.given and not is_attribute(name)]
