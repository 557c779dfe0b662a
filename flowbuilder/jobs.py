"""The worker's door: one thin function per job. Each takes ids of rows only, and may run twice or never."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any

from flask import Flask, has_app_context

from flowbuilder import create_app, garbage, queue
from flowbuilder.queue import worker

_app: Flask | None = None


def work(app: Flask) -> None:
    """``flowbuilder worker``: every job finds this app, imported once and forked with it."""
    global _app
    _app = app
    garbage.keep_what_is_there()
    worker.work(app, sweep)


def _context() -> AbstractContextManager[Any]:
    global _app
    if has_app_context():
        return nullcontext()
    _app = _app or create_app()
    return _app.app_context()


def _job(act: Callable[..., None]) -> Callable[..., None]:
    @wraps(act)
    def run(*args: Any) -> None:
        with _context():
            queue.started(act.__name__, *args)
            act(*args)

    return run


def sweep() -> None:
    """Not rung but run by the worker's parent every few seconds; leaves no connection open behind it."""
    from flowbuilder.services.sending import sweep as sending
    from flowbuilder.store import db

    with _context():
        try:
            sending.sweep()
        finally:
            db.session.remove()
            db.engine.dispose()


@_job
def converse() -> None:
    """Take in all that came, and say all that is to be said outside of batches."""
    from flowbuilder.services.inbound import apply

    apply.run()


@_job
def wake_conversations() -> None:
    """Let conversations go on whose moment has come."""
    from flowbuilder.services.conversations import turns

    turns.wake_due()


@_job
def carry_out() -> None:
    """Do what conversations ask of the world outside."""
    from flowbuilder.services.conversations import requests

    requests.run()


@_job
def hear_late() -> None:
    """Give conversations what came of their requests later: what providers told of validations, codes that did not arrive."""
    from flowbuilder.services.conversations import codes, validations

    validations.hear()
    codes.tell_undelivered()


@_job
def pump(batch_id: str) -> None:
    from flowbuilder.services.sending import pump as sending

    sending.run(batch_id)


@_job
def read_batch(batch_id: str) -> None:
    from flowbuilder.services.sending import reading

    reading.run(batch_id)


@_job
def note_opt_ins(batch_id: str) -> None:
    from flowbuilder.services.contacts import consent

    consent.note_opt_ins(batch_id)


@_job
def import_contacts(import_id: str) -> None:
    from flowbuilder.services.contacts import importing

    importing.run(import_id)


@_job
def cancel_rows(batch_id: str) -> None:
    from flowbuilder.services.sending import batches

    batches.cancel_rows(batch_id)


@_job
def tell() -> None:
    """Post what other programs want to hear of."""
    from flowbuilder.services.outgoing import deliveries

    deliveries.run()


@_job
def fetch_files() -> None:
    """Fetch what people sent from WhatsApp."""
    from flowbuilder.services.conversations import received

    received.run()


@_job
def refresh_reviews() -> None:
    from flowbuilder.services import outbound

    outbound.refresh_overdue()
    outbound.sync.resume()


@_job
def sync_templates(sync_id: str) -> None:
    from flowbuilder.services import outbound

    outbound.sync.run(sync_id)
