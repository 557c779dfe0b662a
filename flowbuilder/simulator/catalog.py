"""The account's templates: taken in, edited, moved from status to status, deleted; every move is told by webhook."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.network import events
from flowbuilder.simulator.reviewer.definition import Definition
from flowbuilder.simulator.reviewer.refusals import check, fault
from flowbuilder.simulator.world import World

LIMIT = 6_000
DAY = 86_400
# What a status event says beside itself.
_OTHER_INFO = {
    1: ("FIRST_PAUSE", "Your WhatsApp message template has been paused for 3 hours until its quality improves."),
    2: ("SECOND_PAUSE", "Your WhatsApp message template has been paused for 6 hours until its quality improves."),
}
EVENTS = (
    "APPROVED",
    "REJECTED",
    "PENDING",
    "PAUSED",
    "DISABLED",
    "FLAGGED",
    "REINSTATED",
    "IN_APPEAL",
    "PENDING_DELETION",
    "ARCHIVED",
    "UNARCHIVED",
    "LOCKED",
    "LIMIT_EXCEEDED",
)
_STATUS_AFTER = {"FLAGGED": "APPROVED", "REINSTATED": "APPROVED", "UNARCHIVED": "APPROVED", "LOCKED": "APPROVED"}


def one(conn: sqlite3.Connection, template_id: int) -> sqlite3.Row | None:
    return conn.execute("SELECT * FROM template WHERE id = ? AND deleted_at IS NULL", (template_id,)).fetchone()


def definition(row: sqlite3.Row) -> Definition:
    return Definition(
        name=row["name"],
        language=row["language"],
        category=row["category"],
        parameter_format=row["parameter_format"],
        components=json.loads(row["components"]),
        ttl=row["ttl"],
    )


def is_duplicate(conn: sqlite3.Connection, row: sqlite3.Row) -> bool:
    """Whether another template that was not rejected says the same."""
    sql = (
        "SELECT 1 FROM template WHERE fingerprint = ? AND id != ? AND name != ? AND language = ? AND deleted_at IS NULL "
        "AND category != 'AUTHENTICATION' AND (status NOT IN ('PENDING', 'REJECTED') OR (status = 'PENDING' AND id < ?))"
    )
    return conn.execute(sql, (row["fingerprint"], row["id"], row["name"], row["language"], row["id"])).fetchone() is not None


def create(world: World, template: Definition) -> sqlite3.Row:
    """Take a template in for review; raises Meta's refusal."""
    check(template)
    now = world.clock.now()
    with world.store.write() as conn:
        _check_free(conn, template, now)
        last = conn.execute("SELECT max(id) FROM template").fetchone()[0] or 1_500_000_000_000_000
        conn.execute(
            "INSERT INTO template (id, name, language, category, status, parameter_format, components, fingerprint, ttl, "
            "created_at, changed_at, review_at) VALUES (?, ?, ?, ?, 'PENDING', ?, ?, ?, ?, ?, ?, ?)",
            (last + 7919, template.name, template.language, template.category, template.parameter_format, json.dumps(template.components),
             template.fingerprint, template.ttl, now, now, now + world.knobs["review_seconds"]),
        )  # fmt: skip
        row = one(conn, last + 7919)
    world.more_due.set()
    return row


def _check_free(conn: sqlite3.Connection, template: Definition, now: float) -> None:
    language = template.language
    rows = conn.execute("SELECT status, deleted_at FROM template WHERE name = ? AND language = ?", (template.name, language)).fetchall()
    if any(row["deleted_at"] is None for row in rows):
        raise fault(2388024, f"There is already {language} content for this template. You can create a new template and try again.")
    if any(row["status"] == "APPROVED" and row["deleted_at"] > now - 30 * DAY for row in rows):
        text = f"New {language} content can't be added while the existing {language} content is being deleted. Try again in 4 weeks."
        raise fault(2388023, text)
    if conn.execute("SELECT count(*) FROM template WHERE deleted_at IS NULL").fetchone()[0] >= LIMIT:
        raise fault(2388019, f"This account has reached its limit of {LIMIT} templates.")


def edit(world: World, template_id: int, template: Definition) -> sqlite3.Row:
    """Replace a template's content; it goes to review again."""
    now = world.clock.now()
    with world.store.write() as conn:
        row = one(conn, template_id)
        edits = [at for at in json.loads(row["edits"]) if at > now - 30 * DAY]
        if row["status"] not in ("APPROVED", "REJECTED", "PAUSED"):
            raise fault(2388039, "Only templates that are approved, rejected or paused can be edited.")
        if row["status"] == "APPROVED":
            if template.category != row["category"]:
                raise fault(2388039, "The category of an approved template can't be edited.")
            if len(edits) >= 10 or any(at > now - DAY for at in edits):
                raise fault(2388039, "An approved template can be edited once in 24 hours and 10 times in 30 days.")
            edits.append(now)
        check(template)
        conn.execute(
            "UPDATE template SET category = ?, components = ?, parameter_format = ?, fingerprint = ?, ttl = ?, status = 'PENDING', "
            "reason = 'NONE', rejection = NULL, changed_at = ?, review_at = ?, edits = ? WHERE id = ?",
            (template.category, json.dumps(template.components), template.parameter_format, template.fingerprint, template.ttl, now,
             now + world.knobs["review_seconds"], json.dumps(edits), template_id),
        )  # fmt: skip
        row = one(conn, template_id)
    world.more_due.set()
    return row


def move(
    world: World, conn: sqlite3.Connection, row: sqlite3.Row, event: str, reason: str = "NONE", why: str = "", recommendation: str = ""
) -> None:
    """One event in a template's life: its status changes and the business is told."""
    now = world.clock.now()
    pauses = row["pauses"] + (event == "PAUSED")
    rejection = {"reason": why, "recommendation": recommendation} if reason == "INVALID_FORMAT" and why else None
    conn.execute(
        "UPDATE template SET status = ?, reason = ?, rejection = ?, pauses = ?, changed_at = ?, decided_at = ?, review_at = NULL "
        "WHERE id = ?",
        (_STATUS_AFTER.get(event, event), reason, json.dumps(rejection) if rejection else None, pauses, now, now, row["id"]),
    )
    category = conn.execute("SELECT category FROM template WHERE id = ?", (row["id"],)).fetchone()["category"]
    value: dict[str, Any] = {"event": event} | events.template(row, reason=reason, message_template_category=category)
    if rejection:
        value["rejection_info"] = rejection
    if event == "PAUSED":
        title, description = _OTHER_INFO.get(pauses, _OTHER_INFO[2])
        value["other_info"] = {"title": title, "description": description}
    if event == "DISABLED":
        value["disable_info"] = {"disable_date": int(now)}
    events.emit(world, conn, "message_template_status_update", value)


def recategorise(world: World, conn: sqlite3.Connection, row: sqlite3.Row, category: str) -> None:
    """Meta files a template elsewhere than the business asked for."""
    conn.execute("UPDATE template SET category = ?, previous_category = ? WHERE id = ?", (category, row["category"], row["id"]))
    change = events.template(row, previous_category=row["category"], new_category=category)
    events.emit(world, conn, "template_category_update", change)


def announce_category(world: World, conn: sqlite3.Connection, row: sqlite3.Row, category: str) -> None:
    """Meta says that it will file a template elsewhere in a day."""
    at = int(world.clock.now()) + DAY
    events.emit(
        world, conn, "template_category_update",
        events.template(row, new_category=row["category"], correct_category=category, category_update_timestamp=at),
    )  # fmt: skip
    events.emit(
        world, conn, "template_correct_category_detection", events.template(row, category=row["category"], correct_category=category)
    )


def rate(world: World, conn: sqlite3.Connection, row: sqlite3.Row, score: str) -> None:
    """People's feedback changes a template's quality; red pauses it, and the third time disables it."""
    if score not in ("GREEN", "YELLOW", "RED", "UNKNOWN"):
        raise ValueError("Quality must be GREEN, YELLOW, RED or UNKNOWN.")
    conn.execute("UPDATE template SET quality = ? WHERE id = ?", (score, row["id"]))
    change = events.template(row, previous_quality_score=row["quality"], new_quality_score=score)
    events.emit(world, conn, "message_template_quality_update", change)
    if score == "RED" and row["status"] == "APPROVED":
        move(world, conn, row, "DISABLED" if row["pauses"] >= 2 else "PAUSED")


def delete(world: World, conn: sqlite3.Connection, rows: list[sqlite3.Row]) -> None:
    """Delete all or none; a disabled one cannot be."""
    if any(row["status"] == "DISABLED" for row in rows):
        raise GraphError(100, "A disabled template can't be deleted.")
    now = world.clock.now()
    for row in rows:
        conn.execute("UPDATE template SET deleted_at = ?, review_at = NULL WHERE id = ?", (now, row["id"]))
        value = {"event": "DELETED"} | events.template(row, reason="NONE", message_template_category=row["category"])
        events.emit(world, conn, "message_template_status_update", value)
