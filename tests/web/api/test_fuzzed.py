"""The API called in ways that nobody thought of: no failure of ours, no answer that the document does not know, no way past the token.

``FLOWBUILDER_FAULTS=full`` lets it go on for longer than the half minute that every run takes: some 20,000 calls.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from tests import worlds
from tests.faults.counts import times
from tests.fixtures.servers import Simulator
from tests.web.api.conftest import Program

SECONDS = times(30, 1200)
_NOT_ASKED = "positive_data_acceptance"
"""Whether all that fits a schema is taken: what WhatsApp and the state of things demand beyond it can't be said in one."""
_RUNS = {
    "examples,coverage,fuzzing": (SECONDS * 2 // 3, _NOT_ASKED),
    # In chains of calls the tool takes a form for faulty whose fault got lost when it was written as parts.
    "stateful": (SECONDS // 3, f"{_NOT_ASKED},negative_data_rejection"),
}


_FRESH_KEYS = """
import uuid, schemathesis

@schemathesis.hook
def before_call(context, case, kwargs):
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
"""
"""For chains of calls: one that repeats a key gets the first answer, also when what was made then is deleted meanwhile."""


@pytest.fixture
def template(line: Line) -> TemplateMessage:
    return worlds.template(line)


@pytest.mark.parametrize("phases", _RUNS)
def test_no_call_breaks_anything_or_gets_past_the_token(
    simulator: Simulator, served: str, template: TemplateMessage, call: Program, tmp_path: Path, phases: str
) -> None:
    seconds, not_asked = _RUNS[phases]
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{served}/api/openapi.json", "--header", f"Authorization: Bearer {call.token}",
        "--checks", "all", "--exclude-checks", not_asked, "--phases", phases, "--max-time", str(seconds),
        "--seed", "1", "--max-examples", str(max(4, SECONDS // 6)),
        "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off", "--no-color",
    ]  # fmt: skip

    (tmp_path / "fresh_keys.py").write_text(_FRESH_KEYS)
    env = os.environ | ({"SCHEMATHESIS_HOOKS": "fresh_keys"} if phases == "stateful" else {})

    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=SECONDS * 4 + 120, check=False)

    print(done.stdout[-1500:])
    assert done.returncode == 0, done.stdout[-12_000:]
