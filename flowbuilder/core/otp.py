"""Meta's fixed words of a one-time code, for the languages in which we know them by heart.

What Meta itself shows for a language (``whatsapp.client.Client.code_texts``) always comes before these. Sources: pages
templates/authentication-templates and its section on previews; Portuguese after WhatsApp's own messages.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeText:
    """What a one-time code says in one language, with ``{{code}}`` where the code stands."""

    body: str
    footer: str
    button: str = ""


_EN = ("*{{code}}* is your verification code.", " For your security, do not share this code.", "This code expires in", "minute")
_ES = ("Tu código de verificación es *{{code}}*.", " Por tu seguridad, no lo compartas.", "Este código caduca en", "minuto")
_PT = ("Seu código de verificação é *{{code}}*.", " Para sua segurança, não o compartilhe.", "Este código expira em", "minuto")
_KNOWN = {"en": (_EN, "Copy code"), "es": (_ES, "Copiar código"), "pt": (_PT, "Copiar código")}


def is_known(language: str) -> bool:
    """Whether ``shipped`` has this language, rather than English in its place."""
    return language.partition("_")[0] in _KNOWN


def label_for(language: str) -> str:
    """What the copy-code button says in this language; English where we know no better."""
    return _KNOWN.get(language.partition("_")[0], _KNOWN["en"])[1]


def relabelled(label: str, *, was: str, now: str) -> str:
    """The button's label when a message goes from language ``was`` to ``now``: a label of somebody's own stays."""
    return label_for(now) if label == label_for(was) else label


def shipped(language: str, *, has_advice: bool, minutes: int | None) -> CodeText:
    """Our own copy of Meta's words; English where we have none."""
    (body, advice, expires, minute), button = _KNOWN.get(language.partition("_")[0], _KNOWN["en"])
    footer = f"{expires} {minutes} {minute}{'' if minutes == 1 else 's'}." if minutes else ""
    return CodeText(body + (advice if has_advice else ""), footer, button)
