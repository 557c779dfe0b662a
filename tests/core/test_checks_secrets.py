"""Secrets that somebody wrote in plain are found, and what only looks like one is left alone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from flowbuilder.core.checks.plain import secret_in
from tests.core.test_checks import END, START, build
from tests.core.test_checks_more import found

SECRETS = [
    "EAA" + "Bw" * 20,
    "AKIA" + "ABCDEFGH12345678",
    "ghp_" + "a1" * 18,
    "sk_" + "live_" + "a1" * 12,
    "xoxb" + "-1234567890-abc",
    "https://anna:se" + "cret@example.com/x",
    "Bearer " + "a1b2c3d4e5f6a7b8c9",
    "https://example.com/?api_key=" + "12345678abc",
    "-----BEGIN RSA PRIVATE" + " KEY-----",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_in_plain_is_found_wherever_it_stands(text):
    flow = build(START, ("n2", "message", {"text": f"Hi {text}"}), END, edges="n1.continue>n2 n2.next>n9")
    assert [finding.node for finding in found(flow, "secret")] == ["n2"]
    assert secret_in({"deep": [{"body": text}]})


def test_a_secret_in_the_settings_of_a_flow_is_found():
    flow = build(START, END, edges="n1.continue>n9")
    flow = replace(flow, settings=replace(flow.settings, exit_text=f"Bye. {SECRETS[0]}"))
    assert [(one.node, one.field) for one in found(flow, "secret")] == [(None, "exit_text")]


def test_the_value_of_a_telling_header_is_a_secret_unless_it_names_one():
    assert secret_in({"headers": [{"name": "X-Api-Key", "value": "abcdefgh"}]})
    assert secret_in({"headers": [{"name": "X-Auth", "value": "abcdefghij"}, {"name": "Cookie", "value": "session=abcdefgh"}]})
    assert not secret_in({"headers": [{"name": "X-Api-Key", "value": "{{secret.shop}}"}]})
    assert not secret_in({"headers": [{"name": "Accept", "value": "application/json"}]})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", "abcd1234efgh5678"), ("clientSecret", "a8f7d6c5"), ("password", "hunter2"), ("Authorization", "Token abcdefghijkl"),
        ("Authorization", "Basic dXNlcjpwYXNz"), ("accessToken", "abcdefgh"), ("Ocp-Apim-Subscription-Key", "0123456789ab"),
        ("contraseña", "abracadabra"),
    ],
)  # fmt: skip
def test_the_value_of_a_telling_name_is_a_secret_in_a_body_and_in_a_header(name, value):
    assert secret_in({"headers": [{"name": name, "value": value}]}) == f"the value of {name} in plain"
    assert secret_in({"body": json.dumps({"deep": [{"id": 1, name: value}]}, ensure_ascii=False)}) == f"the value of {name} in plain"
    assert secret_in({"body": json.dumps({name: "{{code}}", "note": value})}) == ""


@pytest.mark.parametrize(
    "body", ['{"token": "{{answer}}"}', '{"token_type": "bearer", "keyword": "invoice"}', '{"password": ""}', '{"key": "order_number"}']
)
def test_a_body_without_secrets_is_left_alone(body):
    assert secret_in({"body": body}) == ""


@pytest.mark.parametrize("text", ["https://example.com/orders?id=123456789", "Write to anna@example.com", "Your token is ready", "sk-1"])
def test_what_is_no_secret_is_left_alone(text):
    assert secret_in({"text": text}) == ""
