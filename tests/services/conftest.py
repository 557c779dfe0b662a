"""A line whose messages go to a stand-in for Meta that notes what it is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowbuilder.store.accounts import Line
from tests import worlds
from tests.stub import Stub


@pytest.fixture
def meta() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def here(line: Line, meta: Stub) -> Line:
    line.base_url = meta.url
    line.messages_per_second = 0
    return worlds.seal(line)
