"""A batch on its way: its page whatever its status, and the live numbers."""

from __future__ import annotations

from flask import Response, g, request, url_for

from flowbuilder import clock
from flowbuilder.core import moments
from flowbuilder.core.batch import BatchNumbers, BatchStatus, duration, seconds_left
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import retry
from flowbuilder.store import batches
from flowbuilder.store.accounts import Role
from flowbuilder.store.sending import Batch
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render
from flowbuilder.web.sending import bp, entrance
from flowbuilder.web.sending.batch import lineage, preview, reading

_SAMPLES = 8
MANY = 200_000


@bp.get("/batches/<batch_id>", endpoint="batch")
@allow(Role.VIEWER)
def page(batch_id: str) -> str:
    return page_of(service.find(g.workspace_id, batch_id))


def page_of(batch: Batch, form: Form | None = None, block: str | None = None) -> str:
    """The whole page, or the block of its status."""
    match batch.status:
        case BatchStatus.READING | BatchStatus.UNREADABLE:
            context = {"batch": batch, "entry": entrance.of_batch(batch), **reading(batch)}
            return render("sending/batch.html", block and "reading", **context)
        case BatchStatus.DRAFT:
            return render("sending/batch.html", block and "preview", **preview(batch, form))
    return render("sending/batch.html", block and "live", **moment(batch))


@bp.get("/batches/<batch_id>/live", endpoint="live")
@allow(Role.VIEWER)
def poll(batch_id: str) -> Response | str:
    """The moving part of the page; a batch that changed its kind of page is shown anew."""
    batch = service.find(g.workspace_id, batch_id)
    if batch.status == BatchStatus.DRAFT or (request.args.get("page") == "reading") != (batch.status == BatchStatus.READING):
        return go(url_for("sending.batch", batch_id=batch_id))
    if batch.status == BatchStatus.READING:
        return render("sending/batch.html", "reading", batch=batch, entry=entrance.of_batch(batch), **reading(batch))
    return render("sending/batch.html", "moment", **moment(batch))


def moment(batch: Batch) -> dict[str, object]:
    """The numbers and the rows of this moment: read together, the numbers right after the rows, so that both tell the same."""
    from flowbuilder.web.sending import recipients

    return recipients.rows(batch) | live(batch)


def live(batch: Batch) -> dict[str, object]:
    """The numbers of this moment. The rate comes from the samples that the page hands on from poll to poll."""
    numbers = batches.numbers(batch)
    samples = [*_samples(), (clock.now().timestamp(), numbers.settled)][-_SAMPLES:]
    rate = _rate(samples) if batch.status == BatchStatus.RUNNING else 0.0
    waiting = numbers.queued + numbers.sending
    is_retriable = numbers.failed and batch.status != BatchStatus.RUNNING
    left = seconds_left(waiting, rate or float(batch.line.messages_per_second)) if batch.status == BatchStatus.RUNNING else None
    return {
        "batch": batch, "entry": entrance.of_batch(batch), "numbers": numbers, "rate": rate, "left": duration(left) if left else "",
        "resting": retry.resting(batch) if is_retriable else 0, **lineage(batch),
        "starts": moments.words(batch.start_at, batch.plan.get("zone", "UTC")) if batch.start_at else "",
        "samples": ",".join(f"{at:.2f}:{count}" for at, count in samples), "every": _pace(batch, numbers),
    }  # fmt: skip


def _samples() -> list[tuple[float, int]]:
    found = []
    for part in request.values.get("seen", "")[:400].split(","):
        at, _, count = part.partition(":")
        try:
            found.append((float(at), int(count)))
        except ValueError:
            continue
    return found


def _rate(samples: list[tuple[float, int]]) -> float:
    seconds = samples[-1][0] - samples[0][0]
    return max(0.0, (samples[-1][1] - samples[0][1]) / seconds) if seconds > 0.5 else 0.0


def _pace(batch: Batch, numbers: BatchNumbers) -> str:
    """How often the page asks; an ended batch only while answers or statuses may still come."""
    if batch.status == BatchStatus.RUNNING:
        return "1s" if batch.rows < MANY else "3s"
    if batch.status == BatchStatus.SCHEDULED:
        return "2s" if batch.start_at and (batch.start_at - clock.now()).total_seconds() < 120 else "30s"
    if not numbers.is_settled:
        return "2s"
    ended = batch.ended_at or batch.started_at
    age = (clock.now() - ended).total_seconds() if ended else 0
    if age < 600:
        return "2s"
    return "15s" if numbers.may_still_change and age < 86400 else ""
