"""Files to download: the template file of a message, the faults of a batch, its result. Streamed, and safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from flask import Response, g, request

from flowbuilder.core import export, workbook
from flowbuilder.core.recipients.columns import COUNTRY, PHONE
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import reasons
from flowbuilder.store import batches, recipients
from flowbuilder.store.accounts import Role
from flowbuilder.store.recipients import Filter
from flowbuilder.store.sending import Batch
from flowbuilder.web.files import csv, xlsx
from flowbuilder.web.policy import allow
from flowbuilder.web.sending import bp, entrance
from flowbuilder.web.sending import recipients as shown
from flowbuilder.web.sending.batch import needed

_TIMES = ("accepted_at", "sent_at", "delivered_at", "read_at", "failed_at", "answered_at")


@bp.get("/outbound/<template_id>/recipients.csv")
@allow(Role.TESTER)
def template_file(template_id: str) -> Response:
    """An empty file with the columns of this message and one example row."""
    here = entrance.of_template(template_id)
    extra = here.link_columns if "links" in request.args and here.content.shows_medium else ()
    header = [COUNTRY, PHONE, *(name for name, _example in here.variables), *extra]
    example = ["49", "1512 3456789", *(example or f"a value for {name}" for name, example in here.variables)]
    example += ["https://example.com/file", "file.pdf"][: len(extra)]
    return csv([export.lines([header, example])], f"{here.template.name} recipients")


@bp.get("/batches/<batch_id>/faults.csv")
@allow(Role.TESTER)
def faults_file(batch_id: str) -> Response:
    batch = service.find(g.workspace_id, batch_id)
    return csv(_fault_lines(batch.id, needed(batch)), f"{_stem(batch)} faults")


@bp.get("/batches/<batch_id>/result.csv", endpoint="export")
@allow(Role.VIEWER)
def result_file(batch_id: str) -> Response:
    batch = service.find(g.workspace_id, batch_id)
    wanted = shown.asked()
    return csv(_lines([_head(needed(batch)[2:])], _result(batch, wanted)), _name(batch, wanted))


@bp.get("/batches/<batch_id>/result.xlsx", endpoint="export_xlsx")
@allow(Role.VIEWER)
def result_workbook(batch_id: str) -> Response:
    batch = service.find(g.workspace_id, batch_id)
    wanted = shown.asked()
    return xlsx(workbook.stream(_head(needed(batch)[2:]), _result(batch, wanted), sheet="Result"), _name(batch, wanted))


def _fault_lines(batch_id: str, columns: list[str]) -> Iterator[str]:
    yield export.lines([["Row", "Column", "Value", "Problem", *columns]])
    after = (0, 0)
    while found := batches.faults(batch_id, after=after, limit=1000):
        yield export.lines([fault.row, fault.field, fault.value, fault.text, *fault.cells] for fault in found)
        after = (found[-1].row, found[-1].id)


def _lines(head: list[list[str]], rows: Iterator[list[object]]) -> Iterator[str]:
    yield export.lines(head)
    while some := list(islice(rows, 1000)):
        yield export.lines(some)


def _head(variables: list[str]) -> list[str]:
    return ["Row", PHONE, *variables, "Status", *(_title(name) for name in _TIMES), "Error code", "Error"]


def _result(batch: Batch, wanted: Filter) -> Iterator[list[object]]:
    """What the table shows with these filters; without any, every row of the file once: its messages, then what never became one."""
    batch_id, variables, is_cancelled = batch.id, needed(batch)[2:], batch.status == "cancelled"
    found = recipients.every(batch_id, wanted) if wanted.is_any else batches.every_recipient(batch_id)
    rows = (_result_row(row, variables, is_cancelled=is_cancelled) for some in found for row in some)
    return rows if wanted.is_any else chain(rows, _faulty(batch_id, len(variables)))


def _faulty(batch_id: str, width: int) -> Iterator[list[object]]:
    after, last = (0, 0), 0
    while found := batches.faults(batch_id, after=after, limit=1000):
        for fault in found:
            if fault.row != last:
                cells = [*fault.cells[2:], *[""] * (width - len(fault.cells[2:]))]
                yield [fault.row, " ".join(fault.cells[:2]), *cells, "faulty", *[""] * len(_TIMES), "", fault.text]
            last = fault.row
        after = (found[-1].row, found[-1].id)


def _result_row(row: object, variables: list[str], *, is_cancelled: bool) -> list[object]:
    parameters = row.content.get("parameters", {})
    status = "cancelled" if is_cancelled and row.status == "queued" else row.status
    times = [moment.isoformat(" ", "seconds") if (moment := getattr(row, name)) else "" for name in _TIMES]
    reason = reasons.of(row.error_code)
    error = row.error_text or (f"{reason.text} {reason.advice}" if reason else "")
    return [row.number, row.phone, *(parameters.get(name, "") for name in variables), status, *times, row.error_code, error]


def _title(name: str) -> str:
    return name.removesuffix("_at").capitalize() + " (UTC)"


def _name(batch: Batch, wanted: Filter) -> str:
    return f"{_stem(batch)} {wanted.group or ('found' if wanted.is_any else 'result')}"


def _stem(batch: Batch) -> str:
    return batch.file_name.rpartition(".")[0] or batch.file_name
