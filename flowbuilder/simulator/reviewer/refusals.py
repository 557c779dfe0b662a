"""What Meta refuses at once when a template is created or edited: code 100 with the subcode that tells which rule."""

from __future__ import annotations

import re
import unicodedata

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.reviewer import emoji
from flowbuilder.simulator.reviewer.buttons import check_buttons
from flowbuilder.simulator.reviewer.definition import CATEGORIES, VARIABLE, Definition, variables
from flowbuilder.simulator.reviewer.examples import check_examples
from flowbuilder.simulator.reviewer.languages import LANGUAGES

_NAME = re.compile(r"[a-z0-9_]{1,512}")
_MARKUP = re.compile(r"[*_~`]|\n|\r")
_NAMED = re.compile(r"[a-z_][a-z0-9_]{0,31}")
_LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)
_EMOJI = {"MARKETING": 10, "UTILITY": 6}
_MEDIA = ("IMAGE", "VIDEO", "DOCUMENT", "GIF")
_TYPES = ("HEADER", "BODY", "FOOTER", "BUTTONS")
_TTL = {"AUTHENTICATION": (30, 900), "UTILITY": (30, 43_200), "MARKETING": (43_200, 2_592_000)}

TITLES = {
    2388019: "Template limit reached",
    2388023: "Message template language is being deleted",
    2388024: "Content in this language already exists",
    2388039: "Message template can't be edited",
    2388040: "Character limit exceeded",
    2388043: "Missing expected fields",
    2388047: "Message header format is incorrect",
    2388060: "Message buttons are incorrect",
    2388072: "Message body format is incorrect",
    2388073: "Message footer format is incorrect",
    2388293: "Parameters words ratio exceeds limit",
    2388299: "Leading or trailing params not allowed",
}


def fault(subcode: int, advice: str) -> GraphError:
    return GraphError(100, subcode=subcode, title=TITLES[subcode], advice=advice)


def check(template: Definition) -> None:
    """Raise the first refusal; quiet when the template may go to review."""
    _check_head(template)
    _check_parts(template)
    _check_header(template)
    _check_body(template)
    _check_footer(template)
    check_buttons(template, fault)
    check_examples(template, fault)
    if template.category != "AUTHENTICATION":
        _check_edges(template)
        _check_ratio(template)


def _check_head(template: Definition) -> None:
    if not _NAME.fullmatch(template.name):
        raise GraphError(100, "Param name must have only lower-case letters, digits and underscores, at most 512.")
    if template.language not in LANGUAGES:
        raise GraphError(100, f"Param language must be a supported code, not {template.language}.")
    if template.category not in CATEGORIES:
        raise GraphError(100, f"Param category must be one of {{{', '.join(CATEGORIES)}}}.")
    if template.parameter_format not in ("POSITIONAL", "NAMED"):
        raise GraphError(100, "Param parameter_format must be one of {POSITIONAL, NAMED}.")
    if template.ttl is not None:
        low, high = _TTL[template.category]
        if not isinstance(template.ttl, int) or not (
            low <= template.ttl <= high or (template.ttl == -1 and template.category != "MARKETING")
        ):
            raise GraphError(100, f"Param message_send_ttl_seconds must be from {low} to {high}.")


def _check_parts(template: Definition) -> None:
    kinds = [part["type"] for part in template.components]
    for kind in kinds:
        if kind not in _TYPES:
            raise GraphError(100, f"Param components[type] must be one of {{{', '.join(_TYPES)}}}, not {kind}.")
        if kinds.count(kind) > 1:
            raise GraphError(100, f"There can be one component of type {kind} only.")
    if "BODY" not in kinds:
        raise fault(2388043, "component of type BODY is missing.")
    for part in template.components:
        if part.get("text") is not None and not isinstance(part["text"], str):
            raise GraphError(100, f"Param text of component {part['type']} must be a string.")


def _check_header(template: Definition) -> None:
    header = template.component("HEADER")
    if header is None:
        return
    if template.category == "AUTHENTICATION":
        raise fault(2388047, "Authentication templates have no header.")
    shape, text = header["format"], header.get("text") or ""
    if shape in _MEDIA:
        if not any((header.get("example") or {}).get("header_handle") or ()):
            raise fault(2388043, "component of type HEADER is missing expected field(s) (example)")
        return
    if shape == "LOCATION":
        return
    if shape != "TEXT" or not text.strip():
        raise fault(2388047, "The header needs a format and, for TEXT, words.")
    if len(text) > 60:
        raise fault(2388040, "The header text is longer than 60 characters.")
    if _MARKUP.search(VARIABLE.sub("", text)) or emoji.count(text):
        raise fault(2388047, "The header can't have line breaks, formatting characters or emoji.")
    if len(VARIABLE.findall(text)) > 1:
        raise fault(2388047, "The header can have one variable only.")
    _check_variables(template, text, 2388047)


def _check_body(template: Definition) -> None:
    if not template.body.strip():
        raise fault(2388043, "component of type BODY is missing expected field(s) (text)")
    if len(template.body) > 1024:
        raise fault(2388040, "The body text is longer than 1024 characters.")
    most = _EMOJI.get(template.category)
    if most is not None and emoji.count(template.body) > most:
        raise fault(2388072, f"The body can have {most} emoji at most in category {template.category}.")
    _check_variables(template, template.body, 2388072)


def _check_footer(template: Definition) -> None:
    if template.component("FOOTER") is None:
        return
    if not template.footer.strip():
        raise fault(2388073, "The footer needs words.")
    if len(template.footer) > 60:
        raise fault(2388040, "The footer text is longer than 60 characters.")
    if "{{" in template.footer or "\n" in template.footer:
        raise fault(2388073, "The footer can't have variables or line breaks.")
    if emoji.count(template.footer) or _LINK.search(template.footer):
        raise fault(2388073, "The footer can't have links or emoji.")


def _check_variables(template: Definition, text: str, subcode: int) -> None:
    rest = VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise fault(subcode, "Curly braces of a variable do not match.")
    names = variables(text)
    if template.parameter_format == "NAMED":
        if wrong := [name for name in names if not _NAMED.fullmatch(name)]:
            raise fault(subcode, f"Variable {{{{{wrong[0]}}}}} must have only lower-case letters, digits and underscores, at most 32.")
        return
    if wrong := [name for name in names if not name.isdecimal()]:
        raise fault(subcode, f"Variable {{{{{wrong[0]}}}}} must be a number: the parameter format is POSITIONAL.")
    if sorted(map(int, names)) != list(range(1, len(names) + 1)):
        raise fault(subcode, "Variables must be numbered from 1 without gaps.")


def _check_edges(template: Definition) -> None:
    """Spaces and punctuation around a variable do not make it stand inside the text."""
    core = VARIABLE.sub("\ufffc", template.body)
    while core and _is_decoration(core[0]):
        core = core[1:]
    while core and _is_decoration(core[-1]):
        core = core[:-1]
    if core[:1] == "\ufffc" or core[-1:] == "\ufffc":
        raise fault(2388299, "Variables can't be at the start or end of the template.")


def _check_ratio(template: Definition) -> None:
    count = len(variables(template.body))
    if count and words(template.body, template.language) < 2 * count + 1:
        raise fault(
            2388293, "This template has too many variables for its length. Reduce the number of variables or increase the message length."
        )


def words(text: str, language: str) -> float:
    """Fixed words of a text; where words are not set apart, a share of the characters."""
    fixed = VARIABLE.sub(" ", text)
    letters = sum(c.isalnum() for c in fixed)
    if language[:2] in ("th", "lo"):
        return letters / 7
    if language[:2] in ("zh", "ja"):
        return letters / 2
    return sum(any(c.isalnum() for c in word) for word in fixed.split())


def _is_decoration(character: str) -> bool:
    return character.isspace() or character in "~`" or unicodedata.category(character).startswith("P")
