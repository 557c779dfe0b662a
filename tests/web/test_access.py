"""Which requests are told in the log, and what is said about them."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.usefixtures("_loud")


@pytest.fixture
def _loud(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="flowbuilder.web.access")


def test_a_request_that_fails_is_told_with_its_id(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/no-such-page?phone=15550100001", headers={"X-Request-ID": "abcdefgh12"})
    (record,) = caplog.records
    assert answer.status_code == 404
    assert (record.method, record.status, record.request_id, record.route) == ("GET", 404, "abcdefgh12", None)
    assert "15550100001" not in str(record.__dict__)


def test_a_page_that_was_only_read_is_not_told(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    assert client.get("/healthz").status_code == 200
    assert caplog.records == []


def test_a_slow_page_is_told(client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((10.0, 11.5, 11.5))
    monkeypatch.setattr("flowbuilder.clock.monotonic", lambda: next(moments, 11.5))
    client.get("/healthz")
    assert [record.duration_ms for record in caplog.records] == [1500.0]
