"""A line whose messages go to a stand-in for Meta that notes what it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flowbuilder.services.accounts import lines
from flowbuilder.services.sending import pump
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, User, Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch
from tests import worlds
from tests.services.outbound_meta import Meta
from tests.stub import Stub


@pytest.fixture
def ann(workspace: Workspace) -> str:
    return db.session.query(User).filter_by(email="designer@acme.example").one().id


@pytest.fixture
def ben(workspace: Workspace) -> str:
    return db.session.query(User).filter_by(email="admin@acme.example").one().id


@pytest.fixture
def meta() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def at_meta(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Meta]:
    """Call it with what Meta is to answer: from then on every line's client is this stand-in."""

    def install(answer: Any = None, known: Any = None) -> Meta:
        fake = Meta(answer, known)
        monkeypatch.setattr(lines, "client", lambda line: fake)
        return fake

    return install


@pytest.fixture
def here(line: Line, meta: Stub) -> Line:
    line.base_url = meta.url
    line.messages_per_second = 0
    return worlds.seal(line)


@pytest.fixture
def notification(here: Line) -> TemplateMessage:
    row = worlds.template(here)
    row.content = {**row.content, "conversation": "NOTIFICATION"}
    db.session.commit()
    return row


@pytest.fixture
def draft(here: Line, notification: TemplateMessage, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it with a number: a batch of so many that was not started; starting it rings nobody."""
    monkeypatch.setattr(pump, "ring_batch", lambda batch_id: None)

    def of(count: int = 30, **values: Any) -> Batch:
        row = worlds.batch(here, notification, count, status="draft")
        row.started_at = None
        for name, value in values.items():
            setattr(row, name, value)
        db.session.commit()
        return row

    return of
