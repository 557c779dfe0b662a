"""Which passwords are good enough, and how their hashes are made."""

from __future__ import annotations

import pytest

from flowbuilder.services.accounts import passwords

EMAIL = "ann.miller@example.com"


def _codes(password: str) -> list[str]:
    return [finding.code for finding in passwords.findings(password, EMAIL)]


_GUESSED = """
    password1234 Password!2026 P4ssw0rd2026 passwordpassword qwertyuiop12 qwertyqwerty 123456789012 1234567890ab 111111111111 abcabcabcabc
    aaaabbbbcccc iloveyou2026 administrator1 letmeinletmein welcome12345 zaq12wsxzaq12wsx ann.miller@example.com ann.miller2026
    FlowBuilder2026 flowbuilderadmin summer2024summer! correct-horse-battery-staple Monday-January-1 abcdefghijklmnop
"""
_GOOD = ("the kettle sings at nine", "vR7#kq2Lw9zT", "ünïcödé wörds äre fine", "seven purple umbrellas dancing", "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧")


@pytest.mark.parametrize("password", _GUESSED.split())
def test_what_anybody_would_try_first_is_refused(password: str) -> None:
    assert _codes(password) == ["too_common"]


@pytest.mark.parametrize("password", _GOOD)
def test_a_good_password_has_nothing_against_it(password: str) -> None:
    assert _codes(password) == []


@pytest.mark.parametrize(("length", "codes"), [(11, ["too_short"]), (64, []), (200, []), (201, ["too_long"])])
def test_only_the_length_counts_otherwise(length: int, codes: list[str]) -> None:
    assert _codes(("umbrella kettle violin " * 20)[:length]) == codes


def test_a_hash_fits_its_password_only() -> None:
    stored = passwords.hashed("the kettle sings at nine")

    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert passwords.matches(stored, "the kettle sings at nine")
    assert not passwords.matches(stored, "the kettle sings at ten")


@pytest.mark.parametrize("stored", ["", "not a hash"])
def test_without_a_hash_nothing_matches(stored: str) -> None:
    assert not passwords.matches(stored, "somebody who does not exist")
