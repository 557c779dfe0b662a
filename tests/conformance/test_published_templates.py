"""Templates that other people's documentation shows as good ones: what Meta accepts, nothing here refuses.

``templates_of_pywa.json`` has the payloads of pywa's examples (its doc strings and its own tests, version 4.5): ``held`` fit a message
of ours, ``shown`` have parts that we can only show.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowbuilder.core.lint import lint
from flowbuilder.whatsapp import templates

DATA = json.loads((Path(__file__).parent.parent / "data" / "templates_of_pywa.json").read_text())


def _named(payload: dict[str, Any]) -> str:
    return payload["name"]


@pytest.mark.parametrize("payload", DATA["held"], ids=_named)
def test_nothing_that_meta_accepts_is_refused(payload: dict[str, Any]) -> None:
    held = templates.read(payload)
    assert held.unheld == ""
    faults = [finding for finding in lint(held.content) if finding.is_error]
    assert [fault for fault in faults if "sample" not in fault.code] == []


@pytest.mark.parametrize("payload", DATA["shown"], ids=_named)
def test_what_cannot_be_held_says_so(payload: dict[str, Any]) -> None:
    assert templates.read(payload).unheld


def test_either_case_reads_the_same() -> None:
    low = json.loads(json.dumps(DATA["held"]).replace('"BODY"', '"body"').replace('"URL"', '"url"').replace('"HEADER"', '"header"'))
    assert [templates.read(one).content for one in low] == [templates.read(one).content for one in DATA["held"]]
