from __future__ import annotations

import random

import pytest

from flowbuilder.whatsapp.signature import sign, verify

BODY = b'{"object":"whatsapp_business_account","text":"\\u00e4\\/"}'
GOOD = sign(BODY, "s3cret")


def test_metas_own_signature_is_accepted() -> None:
    assert verify(BODY, GOOD, "s3cret")
    assert sign(b"hello", "key") == "sha256=9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b"


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", GOOD[7:], GOOD.upper(), GOOD + "0", GOOD[:-1], GOOD + "\n", " " + GOOD, "sha1=" + GOOD[7:], "sha256=" + "g" * 64,
     GOOD + "," + GOOD, "sha256=" + "٣" * 64, GOOD.replace("=", "=="), "sha512" + GOOD[6:]],
)  # fmt: skip
def test_any_other_form_of_the_header_is_refused(header: str | None) -> None:
    assert not verify(BODY, header, "s3cret")


def test_an_empty_secret_accepts_nothing() -> None:
    assert not verify(BODY, sign(BODY, ""), "")


def test_another_apps_secret_is_refused() -> None:
    assert not verify(BODY, sign(BODY, "other"), "s3cret")


def test_a_thousand_mutations_are_refused() -> None:
    dice = random.Random(7)
    accepted = 0
    for _ in range(1000):
        body, header = bytearray(BODY), bytearray(GOOD.encode())
        target = dice.choice([body, header])
        target[dice.randrange(len(target))] ^= 1 << dice.randrange(7)
        accepted += verify(bytes(body), header.decode("latin-1"), "s3cret")
    assert accepted == 0
