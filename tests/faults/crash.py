"""Acts on rows in processes that die at the n-th boundary: before and after every commit and every call of Meta or of
another program.

``python -m tests.faults.crash`` with a spec on its standard input: for n = 1, 2 … (or, after the ``first`` few, every
``stride``-th) a fork acts on the next id and ends with ``os._exit(137)`` when it comes to its n-th boundary; another one then
finishes what was left, as a restart does. It ends with the first fork that came to its end undisturbed, and prints what each n did.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from flowbuilder import clock, create_app
from flowbuilder.config import Config
from flowbuilder.core.validations import headers
from flowbuilder.outside import mail
from flowbuilder.services import codes
from flowbuilder.services.accounts import providers
from flowbuilder.services.conversations import handovers, http, requests, turns, validations
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import deliver, pump, sweep
from flowbuilder.store import db
from flowbuilder.store.codes import OneTimeCode
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.handovers import Handover
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Message
from flowbuilder.store.validations import Provider, Validation
from flowbuilder.whatsapp.transport import LeanAdapter
from tests import worlds


def _hear(post: dict[str, str]) -> None:
    """A webhook comes, or comes again since Meta was never told 200; then all that waits is applied."""
    intake.receive(post["line_id"], post["body"].encode(), worlds.signed(post["body"].encode()))
    apply.run()


def _be_told(told: dict[str, str]) -> None:
    """A provider posts its result, or posts it again since it was never told 200."""
    asked = db.session.query(Validation).join(Request).join(Conversation).filter(Conversation.opened_by == told["opener"]).one()
    provider = db.session.get_one(Provider, asked.provider_id)
    body = json.dumps({"reference": asked.id, "status": told["status"]}).encode()
    validations.receive(provider.id, headers("e1", int(clock.now().timestamp()), body, providers.secret_of(provider)), body)
    validations.hear()
    apply.run()


def _talk(talk: dict[str, Any]) -> None:
    """A whole conversation: each of its webhooks may come again, each moment may be woken twice, each request found begun. A step
    is a moment, or what comes in ``at`` one."""
    requests._QUIET_SECONDS = 0
    for each in talk["steps"]:
        step = each if isinstance(each, dict) else {"at": each}
        with clock.shifted(timedelta(seconds=step.get("at", 0))):
            if "status" in step:
                _be_told(step)
            elif "body" in step:
                _hear(step)
            elif "says" in step:
                _hear(step | {"body": _message(talk, step)})
            elif "colleague" in step:
                _give_back(talk["opened_by"], step["colleague"])
            turns.wake_due()
            requests.run()
            validations.hear()
            apply.run()


def _message(talk: dict[str, Any], step: dict[str, Any]) -> str:
    """Written just now, or it would be too old to be answered after some hundred deaths."""
    body = worlds.said_to_us(**step["says"], wa_id=talk["wa_id"], ago=-step["at"]).decode()
    return body.replace("CODE", _code(talk["opened_by"])) if "CODE" in body else body


def _code(opened_by: int) -> str:
    """The latest code that the person got."""
    sent = db.select(OneTimeCode).join(Request, Request.id == OneTimeCode.request_id).join(Conversation)
    return codes.plain(db.session.scalars(sent.where(Conversation.opened_by == opened_by).order_by(OneTimeCode.id.desc())).first())


def _give_back(opened_by: int, user_id: str) -> None:
    """What a colleague does in the inbox; they do it again when they see that it was not done."""
    row = db.session.scalar(db.select(Handover).join(Conversation).where(Conversation.opened_by == opened_by))
    if row is not None and row.ended_at is None:
        handovers.take(row.workspace_id, row.id, user_id=user_id)
        handovers.give_back(row.workspace_id, row.id, user_id=user_id)


_ACTS: dict[str, Callable[[Any], object]] = {
    "batch": lambda batch_id: pump.run(batch_id, threads=1),
    "single": deliver.one,
    "inbound": _hear,
    "talk": _talk,
}


def main(spec: dict[str, Any]) -> None:
    parts = {name: spec[name] for name in ("database_url", "redis_url", "simulator_smtp_port") if name in spec}
    app = create_app(Config(home=Path(spec["home"]), **parts))
    event.listen(Engine, "connect", _hurry)
    for at, row_id in enumerate(spec["ids"]):
        crash_at = 1 + spec["first"] + at * spec["stride"]
        code = _in_fork(app, lambda row_id=row_id: _ACTS[spec["act"]](row_id), crash_at)
        _in_fork(app, lambda row_id=row_id: _finish(spec["act"], row_id), 0)
        print(json.dumps({"at": crash_at, "code": code}), flush=True)
        if code != 137:
            return


def _hurry(connection: Any, _record: Any) -> None:
    """Processes die here, the machine does not: what was written is there, though no disk was waited for."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def _finish(act: str, row_id: Any) -> None:
    sweep.sweep()
    _ACTS[act](row_id)
    if act == "batch" and db.session.query(Message).filter_by(batch_id=row_id, status="queued").count():
        raise AssertionError("a second turn left somebody in line")


def _in_fork(app: Flask, work: Callable[[], object], crash_at: int) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        with app.app_context():
            if crash_at:
                _set_boundaries(app, crash_at)
            work()
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _set_boundaries(app: Flask, crash_at: int) -> None:
    passed = 0

    def boundary() -> None:
        nonlocal passed
        passed += 1
        if passed == crash_at:
            os._exit(137)

    def between(act: Callable[..., Any]) -> Callable[..., Any]:
        def inner(*args: Any, **more: Any) -> Any:
            boundary()
            done = act(*args, **more)
            boundary()
            return done

        return inner

    db.engine.dialect.do_commit = between(db.engine.dialect.do_commit)
    LeanAdapter.exchange = between(LeanAdapter.exchange)  # type: ignore[method-assign]
    http.call, mail.send, validations.call = between(http.call), between(mail.send), between(validations.call)


if __name__ == "__main__":
    main(json.load(sys.stdin))
