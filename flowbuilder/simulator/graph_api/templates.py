"""Endpoints of message templates: create, list with paging and summary, read, edit, delete, unpause."""

from __future__ import annotations

import json
import sqlite3
import zlib
from typing import Any

from flask import Response, request

from flowbuilder.simulator import catalog
from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.graph_api import body, chosen, fields, graph, reply, unknown
from flowbuilder.simulator.graph_api.paging import cursor, page_urls, position
from flowbuilder.simulator.graph_api.uploads import check_samples
from flowbuilder.simulator.reviewer import code_texts, definition
from flowbuilder.simulator.reviewer.languages import LANGUAGES
from flowbuilder.simulator.world import World, world

_DEFAULT = ("name", "parameter_format", "components", "language", "status", "category")
_FILTERS = {"status": "status", "language": "language", "category": "category", "quality_score": "quality"}


@graph.post("/<int:node>/message_templates")
def create_template(node: int) -> Response:
    here = _account(node)
    asked = definition.read(body())
    check_samples(asked.components)
    row = catalog.create(here, asked)
    return reply({"id": str(row["id"]), "status": row["status"], "category": row["category"]})


@graph.get("/<int:node>/message_templates")
def list_templates(node: int) -> Response:
    here = _account(node)
    where, values = _filters()
    limit = min(max(request.args.get("limit", 25, type=int), 1), 1000)
    after, before = position("after"), position("before")
    keyset = "AND id < ?" if after else "AND id > ?" if before else ""
    order = "ASC" if before and not after else "DESC"
    bounds = [after or before] if keyset else []
    rows = here.store.rows(
        f"SELECT * FROM template WHERE deleted_at IS NULL {where} {keyset} ORDER BY id {order} LIMIT ?", [*values, *bounds, limit + 1]
    )
    more, rows = len(rows) > limit, rows[:limit]
    if order == "ASC":
        rows.reverse()
    answer: dict[str, Any] = {"data": [chosen(document(row), _DEFAULT) for row in rows]}
    if rows:
        answer["paging"] = {"cursors": {"before": cursor(rows[0]["id"]), "after": cursor(rows[-1]["id"])}}
        answer["paging"] |= page_urls(
            rows[0]["id"], rows[-1]["id"], older=more if order == "DESC" else True, newer=bool(after) or (order == "ASC" and more)
        )
    if "summary" in request.args:
        answer["summary"] = _summary(here, where, values)
    return reply(answer)


def _filters() -> tuple[str, list[Any]]:
    where, values = "", []
    for name, column in _FILTERS.items():
        asked = [part.strip(' "[]') for part in request.args.get(name, "").split(",") if part.strip(' "[]')]
        if asked:
            where += f" AND {column} IN ({', '.join('?' * len(asked))})"
            values += asked
    if name := request.args.get("name"):
        where += " AND instr(name, ?)"
        values.append(name.strip('"'))
    return where, values


def _summary(here: World, where: str, values: list[Any]) -> dict[str, Any]:
    found = here.store.value(f"SELECT count(*) FROM template WHERE deleted_at IS NULL {where}", values)
    every = here.store.value("SELECT count(*) FROM template WHERE deleted_at IS NULL")
    whole = {
        "total_count": found,
        "message_template_count": every,
        "message_template_limit": catalog.LIMIT,
        "are_translations_complete": True,
    }
    asked = [name for name in request.args["summary"].strip("[]").replace('"', "").split(",") if name in whole]
    return {name: whole[name] for name in asked or whole}


def read_one(node: int) -> Response | None:
    """A template by its id, or nothing when the id is of something else."""
    row = world().store.row("SELECT * FROM template WHERE id = ? AND deleted_at IS NULL", (node,))
    return None if row is None else reply(chosen(document(row), fields() or _DEFAULT))


def edit_one(node: int) -> Response:
    here = world()
    row = here.store.row("SELECT * FROM template WHERE id = ? AND deleted_at IS NULL", (node,))
    if row is None:
        raise unknown(str(node))
    sent = body()
    if not any(sent.get(name) is not None for name in ("category", "components", "message_send_ttl_seconds", "parameter_format")):
        raise GraphError(100, "An edit needs category, components, parameter_format or message_send_ttl_seconds.")
    sent.setdefault("components", json.loads(row["components"]))
    sent.setdefault("category", row["category"])
    sent.setdefault("message_send_ttl_seconds", row["ttl"])
    sent.setdefault("parameter_format", row["parameter_format"])
    asked = definition.read(sent, {"name": row["name"], "language": row["language"]})
    check_samples(asked.components)
    changed = catalog.edit(here, node, asked)
    return reply({"success": True, "id": str(node), "name": changed["name"], "category": changed["category"]})


@graph.delete("/<int:node>/message_templates")
def delete_templates(node: int) -> Response:
    here = _account(node)
    with here.store.write() as conn:
        rows = _to_delete(conn)
        catalog.delete(here, conn, rows)
    here.more_news.set()
    return reply({"success": True})


def _to_delete(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    name, one, many = request.args.get("name"), request.args.get("hsm_id"), request.args.get("hsm_ids")
    if many:
        ids = [part.strip(' "') for part in many.strip("[]").split(",")]
        if not all(map(str.isdecimal, ids)) or len(ids) > 100:
            raise GraphError(100, "Param hsm_ids must be an array of at most 100 ids.")
        rows = [row for row in (catalog.one(conn, int(part)) for part in ids) if row is not None]
        if len(rows) < len(ids):
            raise _absent("hsm_ids")
        return rows
    if not name:
        raise GraphError(100, "(#100) The parameter name is required.")
    rows = conn.execute("SELECT * FROM template WHERE name = ? AND deleted_at IS NULL", (name,)).fetchall()
    if one:
        rows = [row for row in rows if str(row["id"]) == one]
    if not rows:
        raise _absent(name)
    return rows


def _absent(name: str) -> GraphError:
    advice = f"Message template {name} was not found."
    return GraphError(100, subcode=2593002, title="Message Template Not Found", advice=advice)


@graph.post("/<int:node>/unpause")
def unpause(node: int) -> Response:
    here = world()
    with here.store.write() as conn:
        row = catalog.one(conn, node)
        if row is None:
            raise unknown(str(node))
        if row["status"] != "PAUSED":
            return reply({"success": False, "reason": "The template is not paused."})
        if here.clock.now() - row["changed_at"] < 300:
            return reply({"success": False, "reason": "A template can be unpaused five minutes after it was paused."})
        catalog.move(here, conn, row, "APPROVED")
    here.more_news.set()
    return reply({"success": True})


@graph.post("/<int:node>/upsert_message_templates")
def upsert_templates(node: int) -> Response:
    """Authentication templates in several languages at once."""
    here, sent = _account(node), body()
    languages = sent.pop("languages", None)
    if not isinstance(languages, list) or not languages:
        raise GraphError(100, "(#100) The parameter languages is required.")
    rows = [catalog.create(here, definition.read(sent | {"language": language})) for language in languages]
    return reply({"data": [{"id": str(row["id"]), "status": row["status"], "language": row["language"]} for row in rows]})


@graph.get("/<int:node>/message_template_previews")
def preview_templates(node: int) -> Response:
    """What authentication templates say in each language."""
    _account(node)
    asked = request.args
    if asked.get("category", "").upper() != "AUTHENTICATION" or asked.get("button_types", "").strip('[]"').upper() != "OTP":
        raise GraphError(100, "(#100) Previews are of category AUTHENTICATION with button_types OTP.")
    languages = [name.strip(' "[]') for name in asked.get("languages", "").split(",") if name.strip(' "[]')] or sorted(LANGUAGES)
    if unknown_ones := [name for name in languages if name not in LANGUAGES]:
        raise GraphError(100, f"Param languages must be supported codes, not {unknown_ones[0]}.")
    minutes = asked.get("code_expiration_minutes", type=int)
    if "code_expiration_minutes" in asked and not 1 <= (minutes or 0) <= 90:
        raise GraphError(100, "Param code_expiration_minutes must be from 1 to 90.")
    has_advice = asked.get("add_security_recommendation", "").lower() in ("true", "1")
    return reply({"data": [code_texts.preview(name, has_advice, minutes) for name in languages]})


def document(row: sqlite3.Row) -> dict[str, Any]:
    """Everything that may be asked of a template."""
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "language": row["language"],
        "category": row["category"],
        "status": row["status"],
        "components": [_shown(part) for part in json.loads(row["components"])],
        "parameter_format": row["parameter_format"],
        "rejected_reason": row["reason"],
        "quality_score": {"score": row["quality"], "date": int(row["changed_at"])},
        "previous_category": row["previous_category"],
        "message_send_ttl_seconds": row["ttl"],
        "cta_url_link_tracking_opted_out": False,
        "rejection_info": json.loads(row["rejection"]) if row["rejection"] else None,
    }


def _shown(part: dict[str, Any]) -> dict[str, Any]:
    """A component as answers show it: samples are addresses, one-time-code buttons are called URL."""
    if part["type"] == "HEADER" and (part.get("example") or {}).get("header_handle"):
        addresses = [
            f"https://scontent.whatsapp.net/v/t61.29466-34/{zlib.crc32(handle.encode())}" for handle in part["example"]["header_handle"]
        ]
        return part | {"example": {"header_handle": addresses}}
    if part["type"] == "BUTTONS":
        return part | {"buttons": [_shown_button(button) for button in part["buttons"]]}
    return part


def _shown_button(button: dict[str, Any]) -> dict[str, Any]:
    if button["type"] != "OTP":
        return button
    url = f"https://www.whatsapp.com/otp/code/?otp_type={button.get('otp_type', 'COPY_CODE')}&code=otp"
    return {"type": "URL", "text": button.get("text") or "Copy code", "url": url + "{{1}}", "example": [url + "123456"]}


def _account(node: int) -> World:
    here = world()
    if str(node) != here.settings.waba_id:
        raise unknown(str(node))
    if rule := here.faults.strike("template_error", request.path):
        raise GraphError(rule.code, "")
    return here
