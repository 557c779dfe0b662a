"""The table of recipients, its chart and its export, on a batch of a million real rows."""

from __future__ import annotations

import random
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import update

from flowbuilder import clock
from flowbuilder.core import pace as paces
from flowbuilder.store import batches, db, pace, recipients
from flowbuilder.store.recipients import Filter
from flowbuilder.store.sending import Batch
from tests import worlds
from tests.bench._world import World, load, process, world
from tests.bench.figure import Figure
from tests.bench.pages import signed_in

Ask = Callable[..., requests.Response]

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
        batch, cookie = _fill(here), signed_in(here.line)
        with process(here, "web") as web, requests.Session() as browser:
            ask = partial(_ask, browser, f"http://127.0.0.1:{here.port}/batches/{batch.id}", cookie)
            pages, chart = _pages(batch, ask), _chart(batch)
            return [pages, chart, *_download("xlsx", ask, web, 15_000, 25_000), *_download("csv", ask, web, 25_000, 60_000)]


def _ask(browser: requests.Session, batch: str, cookie: str, path: str, *, stream: bool = False, **more: Any) -> requests.Response:
    answer = browser.get(batch + path, headers={"Cookie": f"flowbuilder={cookie}", "HX-Request": "true"}, stream=stream, timeout=60, **more)
    answer.raise_for_status()
    return answer


def _fill(here: World) -> Batch:
    line = here.line
    batch = worlds.batch(line, worlds.template(line), 1, status="finished")
    now, dice = clock.now(), random.Random(7)
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        statement = f"INSERT INTO message ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' for _ in _COLUMNS)})"
        for start in range(0, ROWS, AT_ONCE):
            rows = [_row(batch, at, now, dice) for at in range(start, start + AT_ONCE)]
            connection.exec_driver_sql(statement, rows)
        connection.execute(update(Batch).where(Batch.id == batch.id).values(rows=ROWS))
    db.session.refresh(batch)
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


def _pages(batch: Batch, ask: Ask) -> Figure:
    """As the table's own page answers, from session to HTML: each filter on its first page, on later ones, and on the five-thousandth."""
    far = str(recipients.page(batch.id, Filter(), limit=1)[0].id + 250_000)
    looks: list[tuple[Filter, str]] = [(Filter(group), after) for group in ("", *batches.GROUPS, "answered") for after in ("", far)]
    looks += [(Filter("failed", code), after) for code in (131026, 131049, 131047, 1) for after in ("", far)]
    parts = ("+4917", "+49173", "+491730012345", "12345", "00999", "777777")
    looks += [(Filter(group, None, part), "") for group in ("", "read") for part in parts]
    looks += [(Filter("", None, "9999999999"), ""), (Filter("failed", None, "+49175"), "+4917500500000")]
    times = [_timed(lambda w=wanted, a=after: _look(ask, w, a)) for wanted, after in looks for _ in range(8)]
    p95 = statistics.quantiles(times, n=20)[-1]
    worst = looks[times.index(max(times)) // 8]
    note = f"{len(times)} pages, median {statistics.median(times):.1f} ms, slowest {max(times):.0f} ms ({worst[0]}); {load()}"
    return Figure("recipient table of a 1,000,000-row batch: filter and page 5,000, p95", p95, "ms", 200, 80, note=note)


def _look(ask: Ask, wanted: Filter, after: str) -> None:
    params = {"group": wanted.group, "code": wanted.code or "", "phone": wanted.phone, "after": after}
    assert "recipients" in ask("/recipients", params=params).text


def _chart(batch: Batch) -> Figure:
    def draw() -> None:
        step, moments = pace.moments(batch.id)
        assert paces.pace(moments, step=step)
        db.session.rollback()

    times = [_timed(draw) for _ in range(8)]
    return Figure("rate chart of a 1,000,000-row batch, median", statistics.median(times), "ms", 300, 100, note=load())


def _download(ending: str, ask: Ask, web: subprocess.Popen[bytes], must: float, stretch: float) -> list[Figure]:
    """All rows, as a browser gets them; the server makes them while they go out, so its memory does not grow with their number."""
    before, peak, size, started = _memory(web.pid), 0.0, 0, time.monotonic()
    with ask(f"/result.{ending}", stream=True) as answer:
        for count, piece in enumerate(answer.iter_content(1 << 18)):
            size += len(piece)
            peak = max(peak, _memory(web.pid)) if count % 20 == 0 else peak
    seconds = time.monotonic() - started
    note = f"{size / 1e6:.1f} MB in {seconds:.0f} s, from {before:.0f} MB; {load()}"
    return [
        Figure(
            f"{ending.upper()} of a 1,000,000-row batch: rows a second", ROWS / seconds, "/s", must, stretch, better="higher", note=note
        ),
        Figure("the same: memory (PSS) of the web server grows by", peak - before, "MB", 50, 20),
    ]


def _memory(pid: int) -> float:
    """In MB, of a process and its children, what they share counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    rolled = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in rolled.splitlines() if line.startswith("Pss:")) / 1024
    return own + sum(_memory(int(child)) for child in children)


def _timed(act: Callable[[], None]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000
