"""Log lines: JSON, named, and without anybody's phone number."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowbuilder import logs


def _logged(statement: str) -> dict[str, Any]:
    program = f"import logging; from flowbuilder import logs; logs.configure('web'); log = logging.getLogger('flowbuilder.x')\n{statement}"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    (line,) = output.splitlines()
    return json.loads(line)


def test_a_line_says_when_how_bad_where_and_what() -> None:
    line = _logged("log.warning('The queue server does not answer: %s waits.', 'deliver')")
    assert line["event"] == "The queue server does not answer: deliver waits."
    assert (line["level"], line["logger"], line["part"]) == ("warning", "flowbuilder.x", "web")
    assert line["ts"].endswith("Z")


def test_an_error_brings_its_traceback_on_the_same_line() -> None:
    line = _logged("try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('It broke.')")
    assert line["event"] == "It broke."
    assert "ZeroDivisionError" in line["exception"]


def test_extra_fields_are_kept() -> None:
    assert _logged("log.info('Sent.', extra={'message_id': 7, 'outcome': 'accepted'})")["message_id"] == 7


@pytest.mark.parametrize("text", ["to +15550100001 failed", "to 15550100001 failed", "(4915112345678)"])
def test_phone_numbers_keep_two_digits(text: str) -> None:
    masked = logs.mask(None, "info", {"event": text})["event"]
    assert not any(len(word) > 3 for word in "".join(c if c.isdigit() else " " for c in masked).split())
    assert "…" in masked


def test_a_phone_field_is_masked_whatever_it_looks_like() -> None:
    assert logs.mask(None, "info", {"phone": "+1 555-010-0001"}) == {"phone": "…01"}


def test_ids_and_moments_are_left_alone() -> None:
    event = {"event": "flw_4h2k00000000000 at 2026-11-23T10:00:00", "ts": "2026-11-23T10:00:00.123456Z", "number_id": "3000000000000001"}
    assert logs.mask(None, "info", dict(event)) == event


def test_a_log_that_grew_too_large_is_put_aside_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_LARGEST", 10)
    with (tmp_path / "web.log").open("a") as writer:
        writer.write("x" * 20)
        writer.flush()
        logs.keep_small(tmp_path)
        writer.write("new\n")
    assert (tmp_path / "web.log").read_text() == "new\n"
    assert (tmp_path / "web.log.1").read_text() == "x" * 20
