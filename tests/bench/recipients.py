"""The table of recipients, its chart and its export, on a batch of a million real rows."""

from __future__ import annotations

import random
import resource
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flowbuilder import clock
from flowbuilder.core import pace as paces
from flowbuilder.core import workbook
from flowbuilder.store import batches, db, pace, recipients
from flowbuilder.store.recipients import Filter
from flowbuilder.store.sending import Batch
from tests import worlds
from tests.bench._world import World, load, world
from tests.bench.figure import Figure

ROWS, AT_ONCE = 1_000_000, 50_000
_STATES = ("read",) * 45 + ("delivered",) * 35 + ("sent",) * 8 + ("accepted",) * 4 + ("failed",) * 5 + ("skipped", "unconfirmed", "queued")
_CODES = (131026,) * 60 + (131049,) * 39 + (131047,)
_COLUMNS = (
    "workspace_id", "line_id", "batch_id", "template_id", "direction", "kind", "status", "phone", "number", "content", "attempt",
    "error_text", "error_code", "is_trial", "is_possible_duplicate", "created_at", "sending_at", "accepted_at", "delivered_at",
    "read_at", "failed_at", "wamid", "answered_at",
)  # fmt: skip


def run() -> list[Figure]:
    with world() as here:
        batch = _fill(here)
        pages, chart, export = _pages(batch), _chart(batch), _export(batch)
    return [pages, chart, *export]


def _fill(here: World) -> Batch:
    line = here.line
    batch = worlds.batch(line, worlds.template(line), 1, status="finished")
    now, dice = clock.now(), random.Random(7)
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        statement = f"INSERT INTO message ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' for _ in _COLUMNS)})"
        for start in range(0, ROWS, AT_ONCE):
            rows = [_row(batch, at, now, dice) for at in range(start, start + AT_ONCE)]
            connection.exec_driver_sql(statement, rows)
    return batch


def _row(batch: Batch, at: int, now: Any, dice: random.Random) -> tuple[Any, ...]:
    status = dice.choice(_STATES)
    left = f"{now + timedelta(seconds=at / 80):%Y-%m-%d %H:%M:%S.%f}"
    known = status in ("read", "delivered", "sent", "accepted")
    return (
        batch.workspace_id, batch.line_id, batch.id, batch.template_id, "out", "template", status, f"+4917{dice.randrange(10):01}{at:08}",
        at + 3, f'{{"parameters":{{"first_name":"Ann {at}"}}}}', 1, "", dice.choice(_CODES) if status == "failed" else None, 0, 0,
        left, left,
        left if known else None, left if status in ("read", "delivered") else None, left if status == "read" else None,
        left if status == "failed" else None, f"wamid.HBgL{at:032}", left if status == "read" and at % 20 == 0 else None,
    )  # fmt: skip


def _pages(batch: Batch) -> Figure:
    """Each filter on its first page, on later ones, and on the five-thousandth."""
    far = str(recipients.page(batch.id, Filter(), limit=1)[0].id + 250_000)
    looks: list[tuple[Filter, str]] = [(Filter(group), after) for group in ("", *batches.GROUPS, "answered") for after in ("", far)]
    looks += [(Filter("failed", code), after) for code in (131026, 131049, 131047, 1) for after in ("", far)]
    parts = ("+4917", "+49173", "+491730012345", "12345", "00999", "777777")
    looks += [(Filter(group, None, part), "") for group in ("", "read") for part in parts]
    looks += [(Filter("", None, "9999999999"), ""), (Filter("failed", None, "+49175"), "+4917500500000")]
    times = [_timed(lambda w=wanted, a=after: _look(batch, w, a)) for wanted, after in looks for _ in range(8)]
    p95 = statistics.quantiles(times, n=20)[-1]
    worst = looks[times.index(max(times)) // 8]
    note = f"{len(times)} pages, median {statistics.median(times):.1f} ms, slowest {max(times):.0f} ms ({worst[0]}); {load()}"
    return Figure("recipient table of a 1,000,000-row batch: filter and page 5,000, p95", p95, "ms", 200, 80, note=note)


def _look(batch: Batch, wanted: Filter, after: str) -> None:
    found = recipients.page(batch.id, wanted, after=after, limit=51)
    batches.conversations_of([row.id for row in found])
    if wanted.group == "failed":
        recipients.fail_reasons(batch.id)
    db.session.rollback()


def _chart(batch: Batch) -> Figure:
    def draw() -> None:
        step, moments = pace.moments(batch.id)
        assert paces.pace(moments, step=step)
        db.session.rollback()

    times = [_timed(draw) for _ in range(8)]
    return Figure("rate chart of a 1,000,000-row batch, median", statistics.median(times), "ms", 300, 100, note=load())


def _export(batch: Batch) -> list[Figure]:
    """A tenth of the rows is written; memory does not grow with their number."""
    before, started, size, count = _memory(), time.monotonic(), 0, 0
    slices = batches.every_recipient(batch.id)
    rows = ([row.number, row.phone, *row.content["parameters"].values(), row.status] for found in slices for row in found)
    some = (row for row, _ in zip(rows, range(ROWS // 10), strict=False))
    for piece in workbook.stream(["Row", "Phone number", "first_name", "Status"], some):
        size, count = size + len(piece), count + 1
    seconds = time.monotonic() - started
    note = f"{size / 1e6:.1f} MB in {count} pieces; {load()}"
    return [
        Figure("XLSX export: rows a second", ROWS / 10 / seconds, "/s", 15_000, 30_000, better="higher", note=note),
        Figure("XLSX export of 100,000 rows: memory grows by", _memory() - before, "MB", 50, 20),
    ]


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000
