"""Keys and sealed secrets: they open only in their place, and only with our keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from flowbuilder.services.accounts import keys, lines, secrets
from flowbuilder.store import db
from flowbuilder.store.accounts import Line

SENTINEL = "EAAG-sentinel-token-0123456789"


def test_what_was_sealed_opens_again(app: Flask) -> None:
    assert secrets.unseal(secrets.seal("grüße", "wsp", "lin", "field"), "wsp", "lin", "field") == "grüße"


@pytest.mark.parametrize("place", [("wsp", "lin", "app_secret"), ("wsp", "other", "access_token"), ("other", "lin", "access_token"), ()])
def test_a_secret_that_was_moved_elsewhere_does_not_open(app: Flask, place: tuple[str, ...]) -> None:
    sealed = secrets.seal("secret", "wsp", "lin", "access_token")

    with pytest.raises(secrets.Unreadable):
        secrets.unseal(sealed, *place)


def test_a_secret_of_lost_keys_is_a_clear_error(app: Flask, tmp_path: Path) -> None:
    sealed = secrets.seal("secret", "wsp")
    (tmp_path / "keys" / "secrets.keys").unlink()

    with pytest.raises(secrets.Unreadable, match="Enter it again"):
        secrets.unseal(sealed, "wsp")


def test_key_files_are_for_their_owner_only(app: Flask, tmp_path: Path) -> None:
    secrets.seal("secret", "wsp")
    keys.simulator_secrets(tmp_path)

    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert modes == {"session.key": 0o600, "secrets.keys": 0o600, "simulator.json": 0o600}


def test_keys_are_made_once(tmp_path: Path) -> None:
    assert keys.session_key(tmp_path) == keys.session_key(tmp_path)
    assert keys.simulator_secrets(tmp_path) == keys.simulator_secrets(tmp_path)
    assert len(keys.session_key(tmp_path)) >= 64


def test_rotation_seals_everything_with_the_new_key_alone(app: Flask, line: Line, tmp_path: Path) -> None:
    assert secrets.rotate() == 3

    path = tmp_path / "keys" / "secrets.keys"
    path.write_text(path.read_text().splitlines()[0])
    db.session.expire_all()
    assert lines.access_token(db.session.get(Line, line.id)) == "access-token"


def test_no_secret_lies_readable_in_the_database(app: Flask, workspace: object, tmp_path: Path) -> None:
    details = lines.LineDetails(
        name="Shop", display_number="+49 30 1", phone_number_id="41", waba_id="42", app_id="43", base_url="https://graph.facebook.com",
        app_secret=SENTINEL, access_token=SENTINEL, verify_token=SENTINEL,
    )  # fmt: skip
    lines.add(workspace.id, details, user_id=None)

    for path in tmp_path.glob("flowbuilder.db*"):
        assert SENTINEL.encode() not in path.read_bytes(), path.name


@pytest.mark.parametrize(("secret", "shown"), [("", ""), ("short", "••••"), ("a-long-secret-1234", "••••1234")])
def test_a_secret_shows_its_last_four_characters_only_when_it_is_long(secret: str, shown: str) -> None:
    assert secrets.masked(secret) == shown
