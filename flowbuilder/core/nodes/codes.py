"""What Phone code and E-mail code share: a code goes to an address, and the person types it here.

The code itself is made, sent and compared outside, by requests: a run knows only the numbers of those by which one was sent. The
first that is typed while a request is under way is kept, and looked at after it. Each code holds for its own lifetime, so that one
that was sent again may cross with the first.
"""

from __future__ import annotations

import unicodedata
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.conditions import same_answer
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import RESULT_WITHIN, Context, NodeKind, Stay, name_of
from flowbuilder.core.nodes.limits import no_variables, text_limit
from flowbuilder.core.nodes.moves import Ask, Ignore, Leave, Move, Wait
from flowbuilder.core.nodes.retries import retry_limits, retry_text, retry_texts
from flowbuilder.core.run import Input, InputKind

VERIFIED, FAILED = Port("verified", "Verified"), Port("failed", "Failed")
NOT_REQUESTED = "DID_NOT_REQUEST_CODE"
"""What a tap on “I didn't request a code” says (WhatsApp Cloud API, authentication templates)."""

_SENDING, _CHECKING = "send", "check"


class CodeStep(NodeKind):
    """``scratch`` holds the numbers of the requests that sent ``codes``, how often one was ``sent``, what is being ``doing``
    outside, and what was typed ``next``.
    """

    group = "Connected"
    waits = hears_news = True
    least_digits, most_digits, most_resends = 4, 8, 5

    def ports(self, node: Node) -> tuple[Port, ...]:
        return VERIFIED, FAILED

    def blank(self) -> dict[str, Any]:
        return {
            "to": "", "text": "We have sent you a code. Please type it here.", "digits": 6, "lifetime": 600, "tries": 3,
            "retry_text": "That is not the code, or it is too old. Please look again and type it here.",
            "resends": 2, "again": "Send again",
            "unsent_text": "The code cannot be sent again now. Please type the one that you have, or send {{exit_word}} to leave.",
        }  # fmt: skip

    @abstractmethod
    def request(self, node: Node, context: Context) -> dict[str, Any]:
        """What is asked for outside, besides, so that a code leaves."""

    def texts(self, node: Node) -> tuple[str, ...]:
        return node.data["to"], node.data["text"], *retry_texts(node), *((node.data["unsent_text"],) if node.data["resends"] else ())

    def asked(self, node: Node) -> dict[str, Any]:
        return {name: node.data[name] for name in ("to", "text", "digits", *(("again",) if node.data["resends"] else ()))}

    def heard(self, node: Node, port: Port) -> str:
        return {VERIFIED.id: "the code", FAILED.id: "no right code"}.get(port.id) or super().heard(node, port)

    def lasts(self, node: Node, port: str) -> Stay:
        """What is typed is compared outside. Failed is also gone through, unheard, when no code leaves or arrives while it would hold."""
        stay = super().lasts(node, port)
        if not stay.hears:
            return stay
        unheard = self._news_until(node) if port == FAILED.id else None
        return replace(stay, after=RESULT_WITHIN, lingers=RESULT_WITHIN, unheard=unheard)

    def resends(self, node: Node) -> int:
        return node.data["resends"]

    def turns(self, node: Node) -> int:
        return node.data["tries"] + _most_sent(node) - 1

    def says(self, node: Node) -> int:
        """An invitation with each code; for each but one, that it did not arrive. A reminder may come while the last answer is compared."""
        sent, reminders = _most_sent(node), len(node.data.get("silence", {}).get("reminders", ()))
        wrong = node.data["tries"] - 1
        return sent * (len(self.sends(node)) + 1) + sent - 1 + wrong + (self.turns(node) + 1) * reminders

    def speaks(self, node: Node) -> tuple[int, ...]:
        """Once it is known that a code left."""
        return RESULT_WITHIN, *super().speaks(node)[1:]

    def unsent(self, node: Node) -> tuple[str, ...]:
        return (FAILED.id,)

    def height(self, node: Node) -> int:
        return card.HEAD + card.words(node.data["text"]) + card.KEPT

    def enter(self, node: Node, context: Context) -> Move:
        context.scratch |= {"codes": [], "sent": 0}
        return self._send(node, context)

    def take(self, node: Node, input: Input, context: Context) -> Move:
        if input.kind is InputKind.RESULT:
            hear = self._not_arrived if (input.result or {}).get("arrived") is False else self._told
            return hear(node, input, context)
        if input.kind is InputKind.TAP and input.option == NOT_REQUESTED:
            return Leave(FAILED.id)
        if input.kind is InputKind.TAP and input.option != _again(node):
            return Ignore("stale", "This button belongs to another message; the code is still waited for.")
        typed = node.data["again"] if input.kind is InputKind.TAP else input.text if input.kind is InputKind.TEXT else ""
        if context.scratch.get("doing"):
            if "next" in context.scratch or not typed:
                return Ignore("busy", "What was typed before is being looked at.")
            context.scratch["next"] = typed
            return Wait()
        return self._hear(node, typed, context)

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        if not data["to"].strip():
            yield Finding("empty", f"{owner}: choose where the code goes.", node=node.id, field="to")
        yield from text_limit(node, owner, "text", "the text", data["text"], message.BODY_MAX, required=True)
        yield from retry_limits(node, owner)
        if data["resends"]:
            yield from text_limit(node, owner, "again", "the button", data["again"], message.BUTTON_TITLE_MAX, required=True)
            yield from no_variables(node, owner, "again", "the button", data["again"])
            words = "the text when it cannot be sent again"
            yield from text_limit(node, owner, "unsent_text", words, data["unsent_text"], message.TEXT_MAX, required=True)

    def _send(self, node: Node, context: Context) -> Move:
        context.scratch |= {"doing": _SENDING, "sent": _sent_so_far(context) + 1}
        holds = {"digits": node.data["digits"], "lifetime": node.data["lifetime"]}
        return Ask({"kind": self.name, "to": context.fill(node.data["to"]).strip()} | holds | self.request(node, context))

    def _hear(self, node: Node, typed: str, context: Context) -> Move:
        data, codes = node.data, context.scratch["codes"]
        if data["resends"] and same_answer(typed, data["again"]):
            if _may_send(node, context):
                return self._send(node, context)
            return self._missed(node, context, "The code was sent as often as it may be.", data["unsent_text"])
        digits = _digits(typed)
        if len(digits) != data["digits"]:
            return self._missed(node, context, f"The answer is no code of {data['digits']} digits.")
        context.scratch["doing"] = _CHECKING
        return Ask({"kind": "code_check", "codes": list(codes), "typed": digits})

    def _told(self, node: Node, input: Input, context: Context) -> Move:
        scratch, result = context.scratch, input.result or {}
        was, typed = scratch.pop("doing", ""), scratch.pop("next", "")
        if was == _SENDING:
            return self._sent(node, input.request, typed, context, is_lost=result.get("sent") is False)
        if result.get("is_right"):
            return Leave(VERIFIED.id)
        if not scratch["codes"]:
            return Leave(FAILED.id)
        reason = "The code is too old." if result.get("is_old") else "The code is not right."
        move = self._missed(node, context, reason, "" if typed else None)
        return self._hear(node, typed, context) if typed and isinstance(move, Wait) else move

    def _sent(self, node: Node, request: int, typed: str, context: Context, *, is_lost: bool) -> Move:
        """Whether it arrived, nobody can tell; that it never left can be known. Then an earlier one still holds."""
        codes = context.scratch["codes"]
        if is_lost and not codes:
            return Leave(FAILED.id)
        if is_lost:
            context.say(message.Text(context.fill(node.data["unsent_text"])))
        else:
            context.scratch["codes"] = [*codes, request]
            if not typed:
                context.say(self._invitation(node, context))
        return self._hear(node, typed, context) if typed else Wait()

    def _not_arrived(self, node: Node, input: Input, context: Context) -> Move:
        """While something is being done outside, its result decides; else another code holds, or none. What comes when the code would
        not hold any more changes nothing."""
        scratch, over = context.scratch, context.since + timedelta(seconds=self._news_until(node))
        if input.request not in scratch["codes"] or context.now > over:
            return Ignore("left", "The conversation no longer waited for this code.")
        scratch["codes"] = [code for code in scratch["codes"] if code != input.request]
        if scratch.get("doing"):
            return Wait()
        if not scratch["codes"]:
            return Leave(FAILED.id)
        context.say(message.Text(context.fill(node.data["unsent_text"])))
        return Wait()

    def _news_until(self, node: Node) -> int:
        """The seconds after somebody came or was heard in which it matters that a code did not arrive."""
        return node.data["lifetime"] + RESULT_WITHIN

    def _missed(self, node: Node, context: Context, reason: str, text: str | None = None) -> Move:
        """Say ``text``, or else the one for this try, and go on waiting, if it was not the last try."""
        if context.missed(node.data["tries"], reason):
            return Leave(FAILED.id)
        context.say(message.Text(context.fill(retry_text(node, context.tries) if text is None else text)))
        return Wait()

    def _invitation(self, node: Node, context: Context) -> message.Content:
        """With a button for another code as long as there may be one."""
        text = context.fill(node.data["text"])
        if not _may_send(node, context):
            return message.Text(text)
        return message.Buttons(text, (message.Button(_again(node), node.data["again"]),))


def _most_sent(node: Node) -> int:
    """As many as may be asked for, and as many in place of those that did not leave or arrive: so it comes to an end."""
    return 1 + 2 * node.data["resends"]


def _may_send(node: Node, context: Context) -> bool:
    return len(context.scratch["codes"]) <= node.data["resends"] and _sent_so_far(context) < _most_sent(node)


def _sent_so_far(context: Context) -> int:
    return context.scratch.get("sent", len(context.scratch["codes"]))


def _again(node: Node) -> str:
    return f"{node.id}:again"


def _digits(text: str) -> str:
    """The digits of any script, in order, as ASCII: people type 123 456 and “my code is 123456”."""
    return "".join(str(unicodedata.digit(sign)) for sign in text[:200] if unicodedata.digit(sign, None) is not None)
