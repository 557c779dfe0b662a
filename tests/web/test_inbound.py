"""The door of webhooks over HTTP: handshake, signatures, sizes; nobody needs to be signed in."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from flowbuilder.services.inbound import intake
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.inbound import Webhook
from tests import worlds

BODY = worlds.said_to_us("wamid.1", text={"body": "Hi"})


@pytest.fixture
def here(line: Line) -> Line:
    return worlds.seal(line)


def _post(client: FlaskClient, line_id: str, body: bytes = BODY, **headers: str):
    headers = {"X-Hub-Signature-256": worlds.signed(body), **headers}
    return client.post(f"/webhooks/{line_id}", data=body, headers=headers, content_type="application/json")


def test_a_signed_webhook_is_kept_and_answered(client: FlaskClient, here: Line) -> None:
    assert _post(client, here.id).status_code == 200
    assert bytes(db.session.query(Webhook).one().body) == BODY


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, worlds.signed(BODY).upper(), worlds.signed(BODY) + " "],
    ids=["missing", "empty", "zeros", "sha1", "upper case", "trailing space"],
)
def test_a_wrong_signature_is_refused(client: FlaskClient, here: Line, signature: str) -> None:
    assert _post(client, here.id, **{"X-Hub-Signature-256": signature}).status_code == 403
    assert db.session.query(Webhook).count() == 0


def test_one_changed_bit_is_refused(client: FlaskClient, here: Line) -> None:
    for place in range(0, len(BODY), 37):
        changed = bytearray(BODY)
        changed[place] ^= 1
        assert _post(client, here.id, bytes(changed), **{"X-Hub-Signature-256": worlds.signed(BODY)}).status_code == 403


def test_an_unknown_line_is_not_found(client: FlaskClient, here: Line) -> None:
    assert _post(client, "lin_none").status_code == 404


def test_what_is_signed_but_no_json_is_kept_and_answered_all_the_same(client: FlaskClient, here: Line) -> None:
    assert _post(client, here.id, b"\x00 not json").status_code == 200


def test_a_body_above_three_and_a_half_megabytes_is_refused(client: FlaskClient, here: Line) -> None:
    assert _post(client, here.id, b"x" * (intake.MAX_BYTES + 1)).status_code == 413
    assert _post(client, here.id, b"x" * intake.MAX_BYTES).status_code == 200


def test_the_handshake_gives_the_challenge_back_to_who_knows_the_token(client: FlaskClient, here: Line) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "verify-token", "hub.challenge": "1158201444"}
    answer = client.get(f"/webhooks/{here.id}", query_string=asked)
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "1158201444", "text/plain")
    assert client.get(f"/webhooks/{here.id}", query_string={**asked, "hub.verify_token": "guessed"}).status_code == 403
    assert client.get("/webhooks/lin_none", query_string=asked).status_code == 404


def test_the_answer_carries_the_headers_of_every_answer(client: FlaskClient, here: Line) -> None:
    answer = _post(client, here.id)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
