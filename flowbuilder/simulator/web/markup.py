"""WhatsApp's own marks (*bold* _italic_ ~strike~ ```mono```) as safe HTML: everything is escaped first, tags are only ours."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_MONO = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_MARKS = (("*", "strong"), ("_", "em"), ("~", "s"))
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)
# A mark counts when it hugs its words: no letter outside, no space inside.
_PATTERNS = {
    mark: re.compile(rf"(?<![\w{re.escape(mark)}]){re.escape(mark)}(?=\S)([^\n]+?)(?<=\S){re.escape(mark)}(?!\w)") for mark, _ in _MARKS
}


def render(text: str) -> Markup:
    """One text as a phone shows it."""
    parts, end = [], 0
    for match in _MONO.finditer(text):
        parts += [_lines(text[end : match.start()]), Markup("<code class='wa-mono'>{}</code>").format(match[1].strip("\n"))]
        end = match.end()
    return Markup("").join([*parts, _lines(text[end:])])


def plain(text: str) -> str:
    """The same in short: without its marks and empty lines."""
    return "\n".join(filter(None, (line.striptags() for line in render(text).split("<br>"))))


def _lines(text: str) -> Markup:
    return Markup("<br>").join(_line(line) for line in text.split("\n"))


def _line(line: str) -> Markup:
    """Code and links are set apart before marks are looked for: an underscore in an address is no mark."""
    parts, end = [], 0
    for match in re.finditer(f"{_CODE.pattern}|{_LINK.pattern}", line, re.IGNORECASE):
        parts.append(_marks(line[end : match.start()]))
        if match[1] is not None:
            parts.append(Markup("<code class='wa-mono'>{}</code>").format(match[1]))
        else:
            parts.append(Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(match[0]))
        end = match.end()
    return Markup("").join([*parts, _marks(line[end:])])


def _marks(text: str, depth: int = 0) -> Markup:
    if depth > 3 or not text:
        return escape(text)
    for mark, tag in _MARKS:
        if match := _PATTERNS[mark].search(text):
            inside = Markup(f"<{tag}>{{}}</{tag}>").format(_marks(match[1], depth + 1))
            return _marks(text[: match.start()], depth) + inside + _marks(text[match.end() :], depth)
    return escape(text)
