"""Every form of every page, sent five times at once, as by an impatient hand: it has the effect of one."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.store import db
from flowbuilder.store.conversations import Conversation
from tests.web.routes import addresses
from tests.web.test_workspaces_apart import owned  # noqa: F401 - a fixture

COPIES = 5
_NOT_COUNTED = {"user_session", "signin_failure", "signin_link", "sent_form", "probe", "installation"}
_ENDS_THE_SESSION = {"/signout", "/account/password"}


@dataclass(frozen=True)
class Filled:
    """A form as a person fills it in."""

    page: str
    action: str
    values: tuple[tuple[str, str], ...] = field(compare=False)

    @property
    def name(self) -> str:
        return f"{self.action} on {self.page}"


def test_each_form_has_one_effect_however_often_it_is_sent_at_once(
    app: Flask,
    sign_in: Callable[..., FlaskClient],
    owned: dict[str, object],  # noqa: F811
    tmp_path: Path,
) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the file of the database is copied")
    app.config["PROPAGATE_EXCEPTIONS"] = False
    admin = sign_in("admin")
    db.session.execute(db.update(Conversation).values(status="finished"))
    db.session.commit()
    forms = list(_forms(app, admin, owned))
    assert len(forms) >= 20
    wrong, had_effect = [], 0
    for form in forms:
        with _as_it_was(tmp_path):
            once, answers = _effect(admin, form, 1)
        with _as_it_was(tmp_path):
            again, answers = _effect(admin, form, COPIES)
        had_effect += bool(once)
        if once != again or any(answer == 500 for answer in answers):
            wrong.append(f"{form.name}: {once} became {again} ({answers})")
    assert not wrong, "\n".join(wrong)
    assert had_effect >= 12, had_effect


class _as_it_was:  # noqa: N801 - reads as a sentence
    """The database before and after are the same file."""

    def __init__(self, folder: Path) -> None:
        self._file, self._copy = folder / "flowbuilder.db", folder / "before.db"

    def __enter__(self) -> None:
        self._settle()
        shutil.copyfile(self._file, self._copy)

    def __exit__(self, *_: object) -> None:
        self._settle()
        shutil.copyfile(self._copy, self._file)

    def _settle(self) -> None:
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        db.session.remove()
        db.engine.dispose()
        for end in ("-wal", "-shm"):
            self._file.with_name(self._file.name + end).unlink(missing_ok=True)


def _forms(app: Flask, admin: FlaskClient, known: dict[str, object]) -> Iterator[Filled]:
    seen = set()
    for rule, method, path in addresses(app, known):
        if method != "GET" or "<path" in str(rule) or path.startswith("/api/"):
            continue
        answer = admin.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in BeautifulSoup(answer.text, "html.parser").select('form[method="post"]'):
            action = str(form.get("action") or path)
            if action not in seen and action not in _ENDS_THE_SESSION:
                seen.add(action)
                yield Filled(path, action, tuple(_filled(form)))


def _filled(form: Tag) -> Iterator[tuple[str, str]]:
    for control in form.select("input[name], select[name], textarea[name]"):
        name, kind = str(control["name"]), str(control.get("type", ""))
        if kind in ("file", "submit", "button") or (kind == "radio" and not control.has_attr("checked")):
            continue
        if control.name == "select":
            options = [str(option.get("value", option.text)) for option in control.select("option")]
            chosen = next((str(option["value"]) for option in control.select("option[selected]") if option.get("value")), "")
            yield name, chosen or next((option for option in options if option), "")
        elif kind == "checkbox":
            yield name, str(control.get("value", "1"))
        else:
            yield name, str(control.get("value") or control.text or "").strip() or _typed(name, kind)


def _typed(name: str, kind: str) -> str:
    if kind == "hidden":
        return ""
    if "phone_number_id" in name or name.endswith("_id"):
        return "106540352242922"
    if "phone" in name or "number" in name or kind == "tel":
        return "+49 1512 3456789"
    if "email" in name or kind == "email":
        return "new@acme.example"
    if "url" in name:
        return "https://graph.example"
    return {"minutes": "5", "count": "1"}.get(name, "A word that is long enough")


def _effect(admin: FlaskClient, form: Filled, copies: int) -> tuple[dict[str, int], list[int]]:
    """By how many rows each table grew or shrank, and the answers."""
    before, answers, lock = _counts(), [], threading.Lock()
    ready = threading.Barrier(copies)
    cookie = admin.get_cookie("flowbuilder")
    assert cookie is not None

    def send() -> None:
        client = admin.application.test_client()
        client.set_cookie("flowbuilder", cookie.value)
        ready.wait(10)
        answer = client.post(form.action, data=dict(form.values))
        with lock:
            answers.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    after = _counts()
    return {table: after[table] - before[table] for table in after if after[table] != before[table]}, sorted(answers)


def _counts() -> dict[str, int]:
    db.session.rollback()
    with db.engine.connect() as connection:
        names = [table.name for table in db.metadata.sorted_tables if table.name not in _NOT_COUNTED]
        return {name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one() for name in names}
