"""Words that ask for a change of consent, and what each state lets through."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import consent
from flowbuilder.core.consent import Consent, allows, confirmation, wish
from flowbuilder.core.template import Category

WORDS = sorted(consent._WISHES)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("STOP", Consent.OPTED_OUT),
        ("stop.", Consent.OPTED_OUT),
        ("  Stop!!! ", Consent.OPTED_OUT),
        ("ＳＴＯＰ", Consent.OPTED_OUT),
        ("S.T.O.P", Consent.OPTED_OUT),
        ("“Opt-out”", Consent.OPTED_OUT),
        ("stop 🛑", Consent.OPTED_OUT),
        ("No más mensajes", Consent.OPTED_OUT),
        ("¡BAJA!", Consent.OPTED_OUT),
        ("Cancelar inscrição", Consent.OPTED_OUT),
        ("Cancelar inscricao", Consent.OPTED_OUT),
        ("Stop promotions", Consent.OPTED_OUT),
        ("STOP ALL", Consent.STOPPED),
        ("parar tudo", Consent.STOPPED),
        ("Start", Consent.OPTED_IN),
        ("ALTA", Consent.OPTED_IN),
    ],
)
def test_a_word_alone_is_a_wish(text: str, wanted: Consent) -> None:
    found = wish(text)
    assert found is not None and found.consent is wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "Please don't stop",
        "Where is the bus stop?",
        "stop it",
        "Cancel",
        "No",
        "Continue",
        "I start on Monday",
        "EXIT",
        "🛑",
        "x" * 5000,
    ],
)
def test_anything_else_is_no_wish(text: str) -> None:
    assert wish(text) is None


@given(st.sampled_from(WORDS), st.data())
def test_case_accents_signs_and_blanks_change_nothing(word: str, data: st.DataObject) -> None:
    letters = []
    for letter in word:
        letters.append(data.draw(st.sampled_from((letter, letter.upper()))))
        if letter.isalpha() and data.draw(st.booleans()):
            letters.append(data.draw(st.sampled_from(("\u0301", "\u0303", "\u0308"))))
    signs = st.text(st.sampled_from(" .,!?¡¿…\"'«»*_~\n"), max_size=4)
    text = unicodedata.normalize("NFC", data.draw(signs) + "".join(letters) + data.draw(signs))
    assert wish(text) == wish(word)


@given(st.sampled_from(WORDS), st.sampled_from(("please tell me", "bus", "quiero saber", "mañana", "7")), st.booleans())
def test_a_word_within_a_sentence_is_no_wish(word: str, more: str, before: bool) -> None:
    assert wish(f"{more} {word}" if before else f"{word} {more}") is None


@given(st.text())
def test_no_text_trips_it(text: str) -> None:
    wish(text)


@pytest.mark.parametrize(
    ("state", "category", "needs", "may"),
    [
        (Consent.UNKNOWN, Category.MARKETING, False, True),
        (Consent.UNKNOWN, Category.MARKETING, True, False),
        (Consent.UNKNOWN, Category.UTILITY, True, True),
        (Consent.OPTED_IN, Category.MARKETING, True, True),
        (Consent.OPTED_OUT, Category.MARKETING, False, False),
        (Consent.OPTED_OUT, Category.UTILITY, False, True),
        (Consent.OPTED_OUT, Category.AUTHENTICATION, True, True),
        (Consent.STOPPED, Category.UTILITY, False, False),
        (Consent.STOPPED, Category.AUTHENTICATION, False, False),
    ],
)
def test_each_state_lets_through_what_it_should(state: Consent, category: Category, needs: bool, may: bool) -> None:
    assert allows(state, category, needs_opt_in=needs) is may


@pytest.mark.parametrize("language", ["en", "es", "es_MX", "pt_BR", "de", ""])
@pytest.mark.parametrize("state", [Consent.OPTED_IN, Consent.OPTED_OUT, Consent.STOPPED])
def test_every_wish_is_confirmed_in_every_language(state: Consent, language: str) -> None:
    text = confirmation(state, language)
    assert ("START" in text) is (state is not Consent.OPTED_IN)
    assert text.startswith("You") is (language[:2] not in ("es", "pt"))
