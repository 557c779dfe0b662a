"""What the review decides about a template that was taken in: approved, approved as something else, or rejected and why."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from flowbuilder.simulator.reviewer.definition import VARIABLE, Definition

REASONS = ("ABUSIVE_CONTENT", "INVALID_FORMAT", "INCORRECT_CATEGORY", "PROMOTIONAL", "SCAM", "TAG_CONTENT_MISMATCH")

_ADJACENT = re.compile(r"\{\{[^{}]*\}\}\s*\{\{[^{}]*\}\}")
_PROMOTIONAL = re.compile(
    r"""\b(discounts?|promo(tions?|tional|\s?codes?)?|sale|special\ offer|exclusive\ offers?|limited[\ -]time|coupons?|vouchers?
    |buy\ now|shop\ now|order\ now|best\ price|deals?|free\ (gift|shipping|delivery|trial)|for\ free|black\ friday|cyber\ monday
    |save\ (up\ to|\d+)|don't\ miss|new\ collection
    |descuentos?|ofertas?|promoci(ó|o)n(es)?|gratis|cup(ó|o)n(es)?|rebajas?|compra\ ahora|aprovecha
    |descontos?|promo(ç|c)(ã|a)o|promo(ç|c)(õ|o)es|gr(á|a)tis|cupo(m|ns)|compre\ agora|aproveite)\b
    |\d+\s?%\s?(off|de\ desc|discount|de\ dto)""",
    re.IGNORECASE | re.VERBOSE,
)
_SCAM = re.compile(
    r"\b(card number|cvv|cvc|social security|bank password|full card|número de tarjeta|número do cartão|pin of your card)\b",
    re.IGNORECASE,
)
_ABUSIVE = re.compile(r"\b(idiots?|morons?|kill you|hate you|or else|we know where you live)\b", re.IGNORECASE)
_SHORTENED = re.compile(r"https?://(www\.)?(wa\.me|api\.whatsapp\.com|bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|cutt\.ly)\b", re.IGNORECASE)
_SCRIPTED = re.compile(rf"_sim_(approved|pending|rejected)(?:_({'|'.join(REASONS).lower()}))?")

# Languages that are not written with Latin letters, by the word that begins their letters' Unicode names.
_SCRIPTS = {
    "ar": "ARABIC", "fa": "ARABIC", "ur": "ARABIC", "ps": "ARABIC", "he": "HEBREW", "ru": "CYRILLIC", "uk": "CYRILLIC", "bg": "CYRILLIC",
    "mk": "CYRILLIC", "el": "GREEK", "hi": "DEVANAGARI", "mr": "DEVANAGARI", "bn": "BENGALI", "ta": "TAMIL", "te": "TELUGU", "th": "THAI",
    "ka": "GEORGIAN", "ko": "HANGUL", "zh": "CJK", "gu": "GUJARATI", "kn": "KANNADA", "ml": "MALAYALAM", "pa": "GURMUKHI", "lo": "LAO",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """``status`` APPROVED, REJECTED or PENDING (nobody decides); ``category`` may differ from the one asked for."""

    status: str
    category: str
    reason: str = "NONE"
    why: str = ""
    recommendation: str = ""


def judge(template: Definition, *, is_duplicate: bool) -> Verdict:
    """Decide by Meta's rules; a name with ``_sim_approved``, ``_sim_pending`` or ``_sim_rejected_<reason>`` in it scripts the outcome."""
    if script := _SCRIPTED.search(template.name):
        reason = (script[2] or "invalid_format").upper() if script[1] == "rejected" else "NONE"
        return _verdict(template, script[1].upper(), reason, "The name of this template asked for a rejection.", "Use another name.")
    return _format(template) or _content(template, is_duplicate=is_duplicate) or _approved(template)


def _format(template: Definition) -> Verdict | None:
    if template.category != "AUTHENTICATION" and _ADJACENT.search(template.body):
        why = "Your template has parameters placed next to each other without words between them."
        return _verdict(
            template,
            "REJECTED",
            "INVALID_FORMAT",
            why,
            "Separate parameters with descriptive text, so that people see what each one means.",
        )
    if any(_SHORTENED.match(str(button.get("url", ""))) for button in template.buttons):
        why = "A button of your template leads to a shortened link or to a WhatsApp chat."
        return _verdict(template, "REJECTED", "INVALID_FORMAT", why, "Use the full address of your own website.")
    return None


def _content(template: Definition, *, is_duplicate: bool) -> Verdict | None:
    text = "\n".join((template.body, template.footer))
    if is_duplicate and template.category != "AUTHENTICATION":
        why = "Your template has the same body and footer as another template of this account."
        return _verdict(template, "REJECTED", "INVALID_FORMAT", why, "Send the existing template, or change the words of body or footer.")
    if _SCAM.search(text):
        return _verdict(template, "REJECTED", "SCAM")
    if _ABUSIVE.search(text):
        return _verdict(template, "REJECTED", "ABUSIVE_CONTENT")
    if template.category != "AUTHENTICATION" and not (_fits_language(template) and _speaks(template)):
        return _verdict(template, "REJECTED", "TAG_CONTENT_MISMATCH")
    return None


def _approved(template: Definition) -> Verdict:
    header = (template.component("HEADER") or {}).get("text") or ""
    text = "\n".join((header, template.body, template.footer, *(str(button.get("text", "")) for button in template.buttons)))
    if template.category == "UTILITY" and _PROMOTIONAL.search(text):
        return Verdict(status="APPROVED", category="MARKETING")
    return Verdict(status="APPROVED", category=template.category)


def _verdict(template: Definition, status: str, reason: str, why: str = "", recommendation: str = "") -> Verdict:
    if reason != "INVALID_FORMAT":  # only this reason is explained
        why = recommendation = ""
    return Verdict(status=status, category=template.category, reason=reason, why=why, recommendation=recommendation)


_SIGNS = {
    "en": r"the|your|you|is|are|with|has|been|from|our|please|will|this",
    "es": r"el|los|las|tu|tus|su|está|gracias|hola|nuestro|nuestra|del|y|usted|ha|para",
    "pt": r"você|seu|sua|está|olá|obrigado|nosso|nossa|não|em|uma|foi|para|o",
    "fr": r"le|les|votre|vous|est|avec|notre|bonjour|merci|dans|et|une|pour",
    "de": r"der|die|das|ihre|ihr|ist|und|mit|wir|bitte|unser|unserem|für|sie",
}
# Words that only one of these languages has, for telling apart those that share an alphabet.


def _speaks(template: Definition) -> bool:
    """Whether the small words of another language outnumber by far those of the language asked for."""
    own = template.language[:2]
    if own not in _SIGNS:
        return True
    text = VARIABLE.sub(" ", template.body).lower()
    found = {name: len(re.findall(rf"(?<!\w)(?:{words})(?!\w)", text)) for name, words in _SIGNS.items()}
    other = max((name for name in found if name != own), key=found.__getitem__)
    return found[other] < 4 or found[other] <= 3 * found[own]


def _fits_language(template: Definition) -> bool:
    """Whether the letters are those of the language; three quarters of another script is a mismatch."""
    letters = [c for c in VARIABLE.sub("", template.body) if c.isalpha()]
    if len(letters) < 8:
        return True
    script = _SCRIPTS.get(template.language[:2] if not template.language.startswith("fil") else "")
    if template.language[:2] in ("ja", "kk", "sr", "az", "uz", "ky") or template.language in ("prs_AF", "si_LK"):
        return True  # written in more than one script, or in one that is not told apart here
    return sum(unicodedata.name(c, "").startswith(script or "LATIN") for c in letters) >= len(letters) / 4
