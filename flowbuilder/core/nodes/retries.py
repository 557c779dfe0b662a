"""What is said after answers that could not be taken: one text for all, or a text for each try."""

from __future__ import annotations

from collections.abc import Iterator

from flowbuilder.core.finding import Finding, Severity
from flowbuilder.core.flow import Node
from flowbuilder.core.message import TEXT_MAX
from flowbuilder.core.nodes.limits import text_limit


def retry_texts(node: Node) -> tuple[str, ...]:
    """In the order of the tries; the last one holds for all after it."""
    return node.data["retry_text"], *(one["text"] for one in node.data.get("later_texts", ()))


def retry_text(node: Node, failed: int) -> str:
    """What is said after so many answers that could not be taken."""
    texts = retry_texts(node)
    return texts[min(failed, len(texts)) - 1]


def retry_limits(node: Node, owner: str) -> Iterator[Finding]:
    texts = retry_texts(node)
    yield from text_limit(node, owner, "retry_text", "the text after a wrong answer", texts[0], TEXT_MAX)
    for at, text in enumerate(texts[1:], 2):
        yield from text_limit(node, owner, "later_texts", f"the text after wrong answer {at}", text, TEXT_MAX, required=True)
    if len(texts) > max(1, node.data["tries"] - 1):
        words = f"{owner}: after the last of {node.data['tries']} tries nothing more is asked, so not all texts are said. Remove some."
        yield Finding("never_said", words, node=node.id, field="later_texts", severity=Severity.WARNING)
