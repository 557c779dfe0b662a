"""A file of a million people, from the upload to its preview, beside the barest loading of the same rows into the same table."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any, Self
from zipfile import ZIP_DEFLATED, ZipFile

import sqlalchemy as sa

from flowbuilder import clock
from flowbuilder.services.sending import batches, reading
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import batches as queries
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.bench._world import World, load, world
from tests.bench.figure import Figure
from tests.data.recipients.generate import MAIN, REL, workbook
from tests.fixtures.database import cluster

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
VARIABLES = ("first_name", "order_number", "day", "place")
HEADERS = ("Country code", "Phone number", *VARIABLES)
_STRINGS_LINK = f'<Relationship Id="rId9" Type="{REL}/sharedStrings" Target="sharedStrings.xml"/>'.encode()
_COUNTRIES = (("49", "151", 8), ("34", "6", 8), ("55", "119", 8), ("44", "7400", 6), ("1", "3052", 6))


def run() -> list[Figure]:
    with world() as here:
        path = here.home / "people.csv"
        _write_csv(path)
        ours, peak = _ours(here, path)
        bare = _bare_sqlite(here, path)
    with cluster(keeps=True) as server, world(database_url=server.url) as here:
        _write_csv(here.home / "people.csv")
        copying, _ = _ours(here, here.home / "people.csv")
        copied = _bare_copy(here, here.home / "people.csv")
    with world() as here:
        sheet = here.home / "people.xlsx"
        _write_xlsx(sheet)
        from_sheet, sheet_peak = _ours(here, sheet)
    name = f"CSV of {ROWS:,} rows with {len(VARIABLES)} variables, upload to preview"
    note = f"{ROWS / ours:,.0f} rows/s against {ROWS / bare:,.0f} rows/s; {load()}"
    return [
        Figure(name, ours, "s", 20, 12, note=note),
        Figure("the same, SQLite: our rate / bare csv.reader + executemany", bare / ours, "", 0.4, 0.6, "higher"),
        Figure(
            "the same, PostgreSQL: our rate / bare COPY",
            copied / copying,
            "",
            0.5,
            0.6,
            "higher",
            note=f"{ROWS / copying:,.0f} rows/s against {ROWS / copied:,.0f} rows/s",
        ),
        Figure("the same: peak memory of the child", peak, "MB", 300, 200),
        Figure(f"XLSX of {ROWS:,} rows, upload to preview", from_sheet, "s", 30, 20, note=load()),
        Figure("the same: peak memory of the child", sheet_peak, "MB", 700, 600),
    ]


def people(count: int) -> Iterator[tuple[str, ...]]:
    """Rows as people have them: five countries in any order; of a hundred two are faulty and one comes twice."""
    row: tuple[str, ...] = ()
    for number in range(count):
        code, start, digits = _COUNTRIES[number % len(_COUNTRIES)]
        if number % 100 == 99:
            yield row
            continue
        phone = f"{start}{number * 7_777_777 % 10**digits:0{digits}}" if number % 50 != 7 else "12"
        row = (code, phone, f"Name {number}", f"A-{number:07}", "Tuesday", "Hauptstraße 12, Köln")
        yield row


def _write_csv(path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(people(ROWS))


def _write_xlsx(path: Path) -> None:
    """As spreadsheet programs write texts: once each in a list, and the cells name their places."""
    places: dict[str, int] = {}
    parts = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    with ZipFile(io.BytesIO(workbook([("People", "visible", "")]))) as empty, ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as out:
        links = empty.read(parts[3]).replace(b"</Relationships>", _STRINGS_LINK + b"</Relationships>")
        for name in parts[:3]:
            out.writestr(name, empty.read(name))
        out.writestr(parts[3], links)
        with out.open("xl/worksheets/sheet1.xml", "w") as file:
            file.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for at, row in enumerate(chain([HEADERS], people(ROWS)), start=1):
                cells = (f'<c r="{chr(65 + x)}{at}" t="s"><v>{places.setdefault(text, len(places))}</v></c>' for x, text in enumerate(row))
                file.write(f'<row r="{at}">{"".join(cells)}</row>'.encode())
            file.write(b"</sheetData></worksheet>")
        with out.open("xl/sharedStrings.xml", "w") as file:
            file.write(f'<sst xmlns="{MAIN}">'.encode())
            file.writelines(f"<si><t>{text}</t></si>".encode() for text in places)
            file.write(b"</sst>")


def template(here: World) -> TemplateMessage:
    row = worlds.template(here.line, body="Hi {{first_name}}, your order {{order_number}} comes on {{day}} to {{place}}.")
    row.content = {**row.content, "variables": [{"name": name, "example": "Ann"} for name in VARIABLES]}
    db.session.commit()
    return row


def _ours(here: World, path: Path) -> tuple[float, float]:
    """Seconds from the upload to the preview, and the most memory that the child took, in MB."""
    wanted = template(here)
    started = time.perf_counter()
    with path.open("rb") as file, _Watch() as watch:
        batch = batches.create(
            wanted.workspace_id, wanted.id, Door.OUTBOUND, flow_id=None, file=file, file_name=path.name, user_id=None
        )  # fmt: skip
        reading.run(batch.id)
        batch = db.session.get(Batch, batch.id, populate_existing=True)
        queries.fault_kinds(batch.id)
        queries.faults(batch.id)
        took = time.perf_counter() - started
    assert batch.status == "draft", batch.stopped_because
    assert batch.rows == ROWS
    assert batch.faulty > ROWS / 50
    return took, watch.most


class _Watch:
    """The most memory of a process begun meanwhile, in MB. ``ru_maxrss`` would count what we had ourselves when we began it, too."""

    most = 0.0

    def __enter__(self) -> Self:
        self._over, self._thread = threading.Event(), threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
                with suppress(OSError):
                    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
                    self.most = max(self.most, int(found[1]) / 1024 if found else 0)


@contextmanager
def _other_batch(here: World) -> Iterator[str]:
    batch = worlds.batch(here.line, template(here), 1, status="draft")
    db.session.execute(sa.delete(Message))
    db.session.commit()
    yield batch.id


def _bare_rows(here: World, path: Path, batch_id: str) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    """The columns of the table and, read with nothing but csv.reader, what stands in them."""
    names = ("workspace_id", "line_id", "batch_id", "direction", "kind", "status", "attempt", "error_text", "is_trial",
             "is_possible_duplicate", "created_at", "number", "phone", "content")  # fmt: skip
    fixed = (here.line.workspace_id, here.line_id, batch_id, "out", "template", "queued", 0, "", 0, 0, str(clock.now())[:26])
    db.session.rollback()

    def rows() -> Iterator[tuple[Any, ...]]:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.reader(file)
            next(reader)
            for number, row in enumerate(reader, start=2):
                yield (*fixed, number, f"+{row[0]}{row[1]}", json.dumps(dict(zip(VARIABLES, row[2:], strict=True))))

    return names, rows()


def _bare_sqlite(here: World, path: Path) -> float:
    """csv.reader and executemany, 10,000 rows a transaction: nothing is looked at."""
    with _other_batch(here) as batch_id, db.engine.connect() as connection:
        names, rows = _bare_rows(here, path, batch_id)
        insert = f"INSERT OR IGNORE INTO message ({', '.join(names)}) VALUES ({', '.join('?' for _ in names)})"
        raw = connection.connection.driver_connection
        started = time.perf_counter()
        while slice_ := list(islice(rows, 10_000)):
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(insert, slice_)
            raw.execute("COMMIT")
        return time.perf_counter() - started


def _bare_copy(here: World, path: Path) -> float:
    """csv.reader and COPY, 10,000 rows a transaction: nothing is looked at. COPY can't pass over who comes twice, so all numbers differ."""
    with _other_batch(here) as batch_id, db.engine.connect() as connection:
        names, rows = _bare_rows(here, path, batch_id)
        raw = connection.connection.driver_connection
        started = time.perf_counter()
        while slice_ := list(islice(rows, 10_000)):
            with raw.cursor() as cursor, cursor.copy(f"COPY message ({', '.join(names)}) FROM STDIN") as copy:
                for *fixed, number, phone, content in slice_:
                    copy.write_row((*fixed, number, f"{phone[:13]}{number:07}", content))
            raw.commit()
        return time.perf_counter() - started
