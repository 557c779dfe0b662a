"""Deciding: about every template whose time has come, or as a person on the page says."""

from __future__ import annotations

import sqlite3

from flowbuilder.simulator import catalog
from flowbuilder.simulator.network import events
from flowbuilder.simulator.reviewer.verdicts import REASONS, Verdict, judge
from flowbuilder.simulator.world import World

HAND_REJECTION = "A reviewer rejected this template by hand."


def decide_due(world: World) -> int:
    """Decide every template whose review is due; returns how many."""
    if world.knobs["review_by_hand"]:
        return 0
    now = world.clock.now()
    due = world.store.rows("SELECT id FROM template WHERE review_at <= ? AND status = 'PENDING' AND deleted_at IS NULL", (now,))
    for row in due:
        with world.store.write() as conn:
            template = catalog.one(conn, row["id"])
            if template is not None and template["status"] == "PENDING":
                _settle(world, conn, template, judge(catalog.definition(template), is_duplicate=catalog.is_duplicate(conn, template)))
    if due:
        world.more_news.set()
    return len(due)


def _settle(world: World, conn: sqlite3.Connection, template: sqlite3.Row, verdict: Verdict) -> None:
    if verdict.status == "PENDING":
        conn.execute("UPDATE template SET review_at = NULL WHERE id = ?", (template["id"],))
        return
    if verdict.category != template["category"]:
        catalog.recategorise(world, conn, template, verdict.category)
    if verdict.status == "APPROVED" and template["decided_at"] is not None:
        events.emit(world, conn, "message_template_components_update", events.components(template, catalog.definition(template)))
    catalog.move(world, conn, template, verdict.status, verdict.reason, verdict.why, verdict.recommendation)


def approve(world: World, template_id: int) -> None:
    """A person approves, whatever the rules would say."""
    _by_hand(world, template_id, "APPROVED", "NONE", "", "")


def reject(world: World, template_id: int, reason: str, why: str, recommendation: str) -> None:
    """A person rejects, with one of Meta's reasons."""
    if reason not in REASONS:
        raise ValueError(f"The reason must be one of {', '.join(REASONS)}.")
    if reason == "INVALID_FORMAT":
        why, recommendation = why or HAND_REJECTION, recommendation or "Change the template and submit it again."
    else:
        why = recommendation = ""
    _by_hand(world, template_id, "REJECTED", reason, why, recommendation)


def _by_hand(world: World, template_id: int, status: str, reason: str, why: str, recommendation: str) -> None:
    with world.store.write() as conn:
        template = catalog.one(conn, template_id)
        if template is None or template["status"] not in ("PENDING", "IN_APPEAL"):
            raise ValueError("Only a template that is in review can be decided.")
        catalog.move(world, conn, template, status, reason, why, recommendation)
    world.more_news.set()


def resume_automatic(world: World) -> None:
    """What waited for a person is due at once."""
    now = world.clock.now()
    with world.store.write() as conn:
        conn.execute("UPDATE template SET review_at = ? WHERE status = 'PENDING' AND deleted_at IS NULL AND review_at IS NULL", (now,))
    world.more_due.set()
