"""What each kind of failure proves, against a small server on the loopback that misbehaves on demand."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.whatsapp import answers, client, codes
from flowbuilder.whatsapp.client import Accepted, Client
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, NotSent, Verdict
from tests.whatsapp.misbehaving import close, half, half_chunk, nonsense, refusal, reply, reset, server, silent

GOOD = {"messaging_product": "whatsapp", "contacts": [{"input": "+1", "wa_id": "1650"}], "messages": [{"id": "wamid.1"}]}

ANY_JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda x: st.dictionaries(
        st.sampled_from(["error", "code", "error_data", "details", "messages", "id"]), x | st.lists(x, max_size=2), max_size=4
    ),
)


def send(url: str, token: str = "t0ken") -> Accepted:
    caller = Client(url, token, "P1", "W1", "A1")
    try:
        return caller.send({"to": "+1"})
    finally:
        caller.close()


def test_an_accepted_message_has_its_id() -> None:
    with server(reply(200, GOOD)) as (url, seen):
        assert send(url) == Accepted("wamid.1", "1650", "accepted")
    assert seen[0].startswith(b"POST /v25.0/P1/messages HTTP/1.1")
    assert b"Authorization: Bearer t0ken" in seen[0]


def test_a_base_url_that_names_a_version_keeps_it() -> None:
    with server(reply(200, GOOD)) as (url, seen):
        send(f"{url}/v26.0/")
    assert seen[0].startswith(b"POST /v26.0/P1/messages")


@pytest.mark.parametrize("act", [reset, silent, close, half, half_chunk, nonsense])
def test_an_answer_lost_on_its_way_may_have_been_a_yes(act: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", (1, 0.3))
    with server(act) as (url, seen), pytest.raises(MaybeSent) as caught:
        send(url)
    assert caught.value.verdict is Verdict.UNKNOWN
    assert len(seen) == 1, "a POST is never repeated by itself"


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>hello</html>"),
        (200, {}),
        (200, {"messages": []}),
        (200, {"messages": [{"id": ""}]}),
        (200, []),
        (500, b"<html>Internal Server Error</html>"),
        (502, b""),
        (503, {"message": "gateway"}),
        (404, b"no json"),
        (302, b"", "Location: http://127.0.0.1:1/"),
        (302, b"", "Location: http://["),
        (302, b"", b"Location: /\xff\xfe".decode("latin-1")),
        (500, {"error": {"message": "without a code"}}),
        (200, b"[" * 100_000),
    ],
)
def test_an_answer_that_proves_nothing_is_not_taken_for_a_no(answer: tuple[Any, ...]) -> None:
    with server(reply(*answer)) as (url, seen), pytest.raises(MaybeSent):
        send(url)
    assert len(seen) == 1


def test_a_refused_connection_proves_that_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent) as caught:
        send(f"http://127.0.0.1:{port}")
    assert caught.value.verdict is Verdict.RETRY


@pytest.mark.parametrize(
    "url", ["http://no-such-host.invalid", "graph.facebook.com", "ftp://127.0.0.1", "http://", "http://[::1", "http://a\nb"]
)
def test_an_address_that_leads_nowhere_proves_it_too(url: str) -> None:
    with pytest.raises(NotSent):
        send(url)


@pytest.mark.parametrize("token", ["two\nlines", "ünïcode ✓"])
def test_a_token_that_no_header_can_carry_proves_it_too(token: str) -> None:
    with server(reply(200, GOOD)) as (url, seen), pytest.raises(NotSent):
        send(url, token)
    assert seen == []


@pytest.mark.parametrize("error", [UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), ValueError("Invalid IPv6 URL")])
def test_a_fault_in_reading_an_answer_proves_nothing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "send", fail)
    with pytest.raises(MaybeSent):
        send("http://127.0.0.1:1")


def test_a_failed_handshake_proves_it_too() -> None:
    def raw(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 this is no TLS\r\n\r\n")

    with server(raw) as (url, _), pytest.raises(NotSent):
        send(url.replace("http:", "https:"))


def test_a_handshake_cut_short_proves_it_too() -> None:
    def raw(connection: socket.socket) -> None:
        connection.recv(10)
        reset(connection)

    with server(raw) as (url, _), pytest.raises(NotSent):
        send(url.replace("http:", "https:"))


def test_a_tls_fault_after_the_handshake_proves_nothing() -> None:
    error = requests.exceptions.SSLError(ssl.SSLError("decryption failed"))
    assert isinstance(answers.lost(error), MaybeSent)


@pytest.mark.parametrize(
    ("status", "code", "more", "verdict"),
    [
        (400, 131009, {}, Verdict.FAIL),
        (400, 132018, {}, Verdict.FAIL),
        (400, 131026, {}, Verdict.FAIL),
        (400, 131049, {}, Verdict.FAIL),
        (400, 4, {}, Verdict.WAIT),
        (400, 80007, {}, Verdict.WAIT),
        (400, 130429, {}, Verdict.WAIT),
        (429, 130429, {}, Verdict.WAIT),
        (400, 131048, {}, Verdict.WAIT),
        (400, 131056, {}, Verdict.WAIT),
        (401, 190, {"error_subcode": 463}, Verdict.STOP_LINE),
        (403, 10, {}, Verdict.STOP_LINE),
        (403, 200, {}, Verdict.STOP_LINE),
        (403, 299, {}, Verdict.STOP_LINE),
        (403, 368, {}, Verdict.STOP_LINE),
        (403, 131031, {}, Verdict.STOP_LINE),
        (400, 131042, {}, Verdict.STOP_LINE),
        (404, 132001, {}, Verdict.STOP_TEMPLATE),
        (400, 132015, {}, Verdict.STOP_TEMPLATE),
        (400, 132016, {}, Verdict.STOP_TEMPLATE),
        (400, 1, {}, Verdict.UNKNOWN),
        (503, 2, {}, Verdict.UNKNOWN),
        (500, 131000, {}, Verdict.UNKNOWN),
        (500, 131016, {}, Verdict.UNKNOWN),
        (400, 987654, {}, Verdict.FAIL),
        (400, 987654, {"is_transient": True}, Verdict.WAIT),
        (500, 987654, {}, Verdict.UNKNOWN),
        (200, 131009, {}, Verdict.FAIL),
    ],
)
def test_a_refusal_of_meta_carries_its_decision(status: int, code: int, more: dict[str, Any], verdict: Verdict) -> None:
    with server(reply(status, refusal(code, **more))) as (url, _), pytest.raises(CloudError) as caught:
        send(url)
    assert (caught.value.code, caught.value.verdict) == (code, verdict)
    assert caught.value.text.endswith(".")


def test_metas_own_words_are_kept_beside_ours() -> None:
    body = refusal(
        100,
        error_subcode=2388299,
        error_user_title="Leading",
        error_user_msg="Not at the start.",
        error_data={"details": "BODY"},
    )
    with server(reply(400, body, "Retry-After: 7")) as (url, _), pytest.raises(CloudError) as caught:
        send(url)
    error = caught.value
    assert (error.subcode, error.title, error.message, error.details, error.retry_after) == (
        2388299,
        "Leading",
        "Not at the start.",
        "BODY",
        7.0,
    )


def test_a_template_created_without_an_id_is_not_known_to_exist() -> None:
    with server(reply(200, {"success": True})) as (url, _), pytest.raises(MaybeSent):
        Client(url, "t", "P", "W").create_template({"name": "x"})


def test_a_template_is_found_by_name_and_exact_language() -> None:
    rows = [
        {"name": "xy", "language": "en_US", "id": "1"},
        {"name": "x", "language": "es", "id": "2"},
        {"name": "x", "language": "en-US", "id": "3"},
    ]
    with server(reply(200, {"data": rows})) as (url, seen):
        found = Client(url, "t", "P", "W").find_template("x", "en_US")
    assert found is not None and found["id"] == "3"
    assert b"GET /v25.0/W/message_templates?name=x&" in seen[0]


def test_the_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with server(reply(200, GOOD)) as (url, _):
        assert send(url).wamid == "wamid.1"


@given(st.integers(100, 599), st.binary(max_size=40) | ANY_JSON.map(lambda value: json.dumps(value).encode()))
def test_any_answer_is_a_result_a_refusal_or_unknown(status: int, body: bytes) -> None:
    try:
        answers.accepted(answers.read(status, body))
    except (CloudError, MaybeSent) as error:
        assert error.verdict in Verdict


def test_every_code_says_what_is_wrong_and_what_to_do() -> None:
    assert len(codes.TABLE) > 55
    for known in codes.TABLE.values():
        assert known.text.endswith(".") and known.advice.endswith(".")
