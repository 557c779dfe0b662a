"""The languages in which Meta takes outbound messages, with their names; the common ones first.

Source: developers.facebook.com/documentation/business-messaging/whatsapp/templates/supported-languages (4 Nov 2025).
"""

from __future__ import annotations

COMMON = ("en_US", "en", "en_GB", "es", "es_MX", "es_CO", "es_AR", "pt_BR", "fr", "de", "it", "id", "hi", "ar")

_RIGHT_TO_LEFT = {"ar", "he", "fa", "ur", "ps", "prs"}
_SCRIPTS = {
    code: tuple(scripts.split("+"))
    for codes, scripts in {
        "ar fa ur ps prs": "ARABIC", "he": "HEBREW", "ru uk bg mk be ky": "CYRILLIC", "el": "GREEK", "hi mr": "DEVANAGARI",
        "bn": "BENGALI", "gu": "GUJARATI", "pa": "GURMUKHI", "ta": "TAMIL", "te": "TELUGU", "kn": "KANNADA", "ml": "MALAYALAM",
        "si": "SINHALA", "th": "THAI", "lo": "LAO", "ka": "GEORGIAN", "ko": "HANGUL", "zh": "CJK",
        "ja": "HIRAGANA+KATAKANA+CJK", "kk sr az uz": "",
    }.items()
    for code in codes.split()
}  # fmt: skip

LANGUAGES: dict[str, str] = {
    code: name
    for code, _, name in (
        line.partition(" ")
        for line in """\
af Afrikaans
ar Arabic
ar_AE Arabic (United Arab Emirates)
ar_EG Arabic (Egypt)
ar_LB Arabic (Lebanon)
ar_MA Arabic (Morocco)
ar_QA Arabic (Qatar)
az Azerbaijani
be_BY Belarusian
bg Bulgarian
bn Bengali
bn_IN Bengali (India)
ca Catalan
cs Czech
da Danish
de German
de_AT German (Austria)
de_CH German (Switzerland)
el Greek
en English
en_AE English (United Arab Emirates)
en_AU English (Australia)
en_CA English (Canada)
en_GB English (United Kingdom)
en_GH English (Ghana)
en_IE English (Ireland)
en_IN English (India)
en_JM English (Jamaica)
en_MY English (Malaysia)
en_NZ English (New Zealand)
en_QA English (Qatar)
en_SG English (Singapore)
en_UG English (Uganda)
en_US English (United States)
en_ZA English (South Africa)
es Spanish
es_AR Spanish (Argentina)
es_CL Spanish (Chile)
es_CO Spanish (Colombia)
es_CR Spanish (Costa Rica)
es_DO Spanish (Dominican Republic)
es_EC Spanish (Ecuador)
es_ES Spanish (Spain)
es_HN Spanish (Honduras)
es_MX Spanish (Mexico)
es_PA Spanish (Panama)
es_PE Spanish (Peru)
es_UY Spanish (Uruguay)
et Estonian
fa Persian
fi Finnish
fil Filipino
fr French
fr_BE French (Belgium)
fr_CA French (Canada)
fr_CH French (Switzerland)
fr_CI French (Ivory Coast)
fr_MA French (Morocco)
ga Irish
gu Gujarati
ha Hausa
he Hebrew
hi Hindi
hr Croatian
hu Hungarian
id Indonesian
it Italian
ja Japanese
ka Georgian
kk Kazakh
kn Kannada
ko Korean
ky_KG Kyrgyz
lo Lao
lt Lithuanian
lv Latvian
mk Macedonian
ml Malayalam
mr Marathi
ms Malay
nb Norwegian
nl Dutch
nl_BE Dutch (Belgium)
pa Punjabi
pl Polish
prs_AF Dari
ps_AF Pashto
pt_BR Portuguese (Brazil)
pt_PT Portuguese (Portugal)
ro Romanian
ru Russian
rw_RW Kinyarwanda
si_LK Sinhala
sk Slovak
sl Slovenian
sq Albanian
sr Serbian
sv Swedish
sw Swahili
ta Tamil
te Telugu
th Thai
tr Turkish
uk Ukrainian
ur Urdu
uz Uzbek
vi Vietnamese
zh_CN Chinese (China)
zh_HK Chinese (Hong Kong)
zh_TW Chinese (Taiwan)
zu Zulu""".splitlines()
    )
}


def offered() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Groups of (code, name) as a select shows them: common ones first, then all others by name."""
    rest = sorted((item for item in LANGUAGES.items() if item[0] not in COMMON), key=lambda item: item[1])
    return (("Common", tuple((code, LANGUAGES[code]) for code in COMMON)), ("All others", tuple(rest)))


def direction(code: str) -> str:
    """``rtl`` for languages that are written from the right, else ``ltr``."""
    return "rtl" if code.partition("_")[0] in _RIGHT_TO_LEFT else "ltr"


def html_code(code: str) -> str:
    """The form that HTML's ``lang`` attribute wants."""
    return code.replace("_", "-")


def scripts(code: str) -> tuple[str, ...]:
    """The scripts that a language is written in, as the Unicode names of its letters begin; ``("",)`` where several are usual."""
    return _SCRIPTS.get(code.partition("_")[0], ("LATIN",))
