"""Whether a person wants to hear from us: the states, what each lets through, and the words that ask for a change.

Sources: WhatsApp Business Messaging Policy (opt-in; honour every request to stop), CTIA's and GSMA's usual keywords.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

from flowbuilder.core.template import Category


class Consent(StrEnum):
    """The values are what is stored. ``stopped`` wants nothing at all, ``opted_out`` only no promotions."""

    UNKNOWN = "unknown"
    OPTED_IN = "opted_in"
    OPTED_OUT = "opted_out"
    STOPPED = "stopped"


class ConsentSource(StrEnum):
    """How we learned of it."""

    WORD = "word"
    BUTTON = "button"
    WHATSAPP = "whatsapp"
    REFUSAL = "refusal"
    HAND = "hand"
    SINGLE = "single"
    BATCH = "batch"
    IMPORT = "import"
    API = "api"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a word asks for. A ``weak`` one means it only when no conversation waits for an answer: leaving one is not opting out."""

    consent: Consent
    language: str = ""
    weak: bool = False


OUT = (Consent.OPTED_OUT, Consent.STOPPED)


def allows(consent: Consent, category: Category, *, needs_opt_in: bool = False) -> bool:
    """Whether an outbound message of this category may go to somebody in this state."""
    if consent is Consent.STOPPED:
        return False
    if category is not Category.MARKETING:
        return True
    return consent is Consent.OPTED_IN or (consent is Consent.UNKNOWN and not needs_opt_in)


def wish(text: str) -> Wish | None:
    """What a whole message asks for, whatever its case, accents, punctuation and emoji; None for anything longer."""
    return _WISHES.get(_plain(text)) if len(text) <= _LONGEST else None


def language_of(phone: str) -> str:
    """The language, of those we answer in, that people with such a number (E.164) most likely read."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return "en"
    return "es" if region in _SPANISH else "pt" if region in _PORTUGUESE else "en"


def confirmation(consent: Consent, language: str) -> str:
    """What we answer, once, to who asked for the change; in English when we don't have the language."""
    texts = _CONFIRMATIONS[consent]
    return texts.get(language[:2].lower(), texts["en"])


_LONGEST = 60
_SPANISH = frozenset(re.findall("..", "ARBOCLCOCRCUDOECESGQGTHNMXNIPAPEPRPYSVUYVE"))
_PORTUGUESE = frozenset(re.findall("..", "AOBRCVGWMZPTSTTL"))
_SIGN = re.compile(r"[^\w\s]|_")


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(_SIGN.sub("", letters).split())


_WORDS: tuple[tuple[Consent, str, str], ...] = (
    (Consent.STOPPED, "en", "stop all, stopall, stop everything, stop all messages"),
    (Consent.STOPPED, "es", "parar todo, baja total, detener todo"),
    (Consent.STOPPED, "pt", "parar tudo, pare tudo, remover tudo"),
    (Consent.OPTED_OUT, "", "stop, optout, opt out"),
    (
        Consent.OPTED_OUT,
        "en",
        "unsubscribe, stop promotions, stop marketing, stop promotional messages, stop messages, remove me, no promotions",
    ),
    (
        Consent.OPTED_OUT,
        "es",
        "baja, darme de baja, darse de baja, dar de baja, dame de baja, detener promociones, parar promociones, no mas mensajes, "
        "no mas promociones, cancelar suscripcion, desuscribir, desuscribirme, stop promociones, detener, no quiero promociones",
    ),
    (
        Consent.OPTED_OUT,
        "pt",
        "descadastrar, descadastre, descadastrar me, cancelar inscricao, parar promocoes, pare, nao quero mais, nao quero promocoes, "
        "remover, remova me, stop promocoes, cancelar assinatura",
    ),
    (Consent.OPTED_OUT, "", "parar"),
    (Consent.OPTED_IN, "", "start, optin, opt in"),
    (Consent.OPTED_IN, "en", "unstop, subscribe, resume promotions"),
    (Consent.OPTED_IN, "es", "alta, darme de alta, suscribir, suscribirme, reanudar promociones"),
    (Consent.OPTED_IN, "pt", "inscrever, inscrever me, cadastrar, retomar promocoes"),
)
_WEAK: tuple[tuple[str, str], ...] = (("es", "salir"), ("pt", "sair"))
_WISHES = {word: Wish(consent, language) for consent, language, words in _WORDS for word in words.split(", ")}
_WISHES |= {word: Wish(Consent.OPTED_OUT, language, weak=True) for language, word in _WEAK}

_CONFIRMATIONS = {
    Consent.OPTED_OUT: {
        "en": "You will get no more promotions from us. Write START if you change your mind.",
        "es": "No recibirás más promociones nuestras. Escribe START si cambias de opinión.",
        "pt": "Você não receberá mais promoções nossas. Escreva START se mudar de ideia.",
    },
    Consent.STOPPED: {
        "en": "You will get no more messages from us. Write START if you change your mind.",
        "es": "No recibirás más mensajes nuestros. Escribe START si cambias de opinión.",
        "pt": "Você não receberá mais mensagens nossas. Escreva START se mudar de ideia.",
    },
    Consent.OPTED_IN: {
        "en": "You will get our messages again. Write STOP at any time to end them.",
        "es": "Volverás a recibir nuestros mensajes. Escribe STOP cuando quieras para dejar de recibirlos.",
        "pt": "Você voltará a receber nossas mensagens. Escreva STOP quando quiser parar.",
    },
}
