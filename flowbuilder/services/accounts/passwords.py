"""Passwords: which are good enough, and their hashes (Argon2id as OWASP recommends it)."""

from __future__ import annotations

import re
import threading
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from flowbuilder.core.finding import Finding

SHORTEST = 12
LONGEST = 200

_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(4)
"""46 MiB each: many sign-ins at once must not take all memory."""

_NOBODY = _HASHER.hash("somebody who does not exist")
_LEET = str.maketrans("013457@$!", "oieastasi")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "01234567890",
    "09876543210",
)
_WORDS = frozenset(Path(__file__).with_name("common_words.txt").read_text().split())
_LONGEST_WORD = max(map(len, _WORDS))


def findings(password: str, email: str = "") -> tuple[Finding, ...]:
    """What speaks against this password: its length, or that anybody would guess it. Nothing else is asked of it."""
    if len(password) < SHORTEST:
        return (_refused("too_short", f"Use at least {SHORTEST} characters; a few words in a row are easy to remember."),)
    if len(password) > LONGEST:
        return (_refused("too_long", f"Use at most {LONGEST} characters."),)
    if is_common(password, email):
        return (
            _refused(
                "too_common", "This is among the first that anybody would try. Use a few words that have nothing to do with each other."
            ),
        )
    return ()


def is_common(password: str, email: str = "") -> bool:
    """Made of nothing but the words, rows of keys, repetitions and names that lists of leaked passwords are full of."""
    text = password.casefold()
    if len(set(text)) < 5:
        return True
    for own in (email.casefold(), email.casefold().partition("@")[0]):
        if len(own) >= 4:
            text = text.replace(own, "")
    if not text:
        return True
    return any(form and _is_guessed(form) for form in (text, text.translate(_LEET), re.sub(r"[\d\W_]+$", "", text).translate(_LEET)))


def _is_guessed(text: str) -> bool:
    letters = re.sub(r"[\W\d_]+", "", text)
    compact = re.sub(r"[\W_]+", "", text)
    if not letters:
        return text.isascii()
    return _is_all_words(letters) or _is_repeated(compact) or _runs_along_keys(compact)


def _is_all_words(text: str) -> bool:
    """Whether common words, one after the other, make up all of it."""
    ends = {0}
    for end in range(1, len(text) + 1):
        if any(start in ends and text[start:end] in _WORDS for start in range(max(0, end - _LONGEST_WORD), end)):
            ends.add(end)
    return len(text) in ends


def _is_repeated(text: str) -> bool:
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, min(8, len(text) // 2) + 1))


def _runs_along_keys(text: str) -> bool:
    """Neighbouring keys from the first character to the last, at least two at a time."""
    place = 0
    while place < len(text):
        size = next((n for n in range(len(text) - place, 1, -1) if any(text[place : place + n] in line + line[::-1] for line in _ROWS)), 0)
        if not size:
            return False
        place += size
    return True


def hashed(password: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(stored: str, password: str) -> bool:
    """Whether it is the right one; takes as long when there is none to compare with."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(stored or _NOBODY, password) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    return _HASHER.check_needs_rehash(stored)


def _refused(code: str, text: str) -> Finding:
    return Finding(code, text, field="password")
