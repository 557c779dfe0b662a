"""Who gets a batch, row by row: filtered by status, reason and number, all of it in the address; and its rate over time."""

from __future__ import annotations

from flask import Response, g, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from flowbuilder.core import pace
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import reasons
from flowbuilder.store import batches, recipients
from flowbuilder.store import pace as moments
from flowbuilder.store.accounts import Role
from flowbuilder.store.recipients import NO_CODE, Filter
from flowbuilder.store.sending import Batch
from flowbuilder.web.policy import allow
from flowbuilder.web.render import is_htmx, render
from flowbuilder.web.sending import bp, running

_ROWS = 50
_LEAST_DIGITS = 3
_FURTHEST = list(batches.GROUPS).index("read") + 1
_GROUPS = [*list(batches.GROUPS)[:_FURTHEST], "answered", *list(batches.GROUPS)[_FURTHEST:]]


@bp.get("/batches/<batch_id>/recipients", endpoint="recipients")
@allow(Role.VIEWER)
def table(batch_id: str) -> Response | str:
    batch = service.find(g.workspace_id, batch_id)
    if not is_htmx():
        return running.page_of(batch)
    brings_tiles = batch.rows < running.MANY  # counting a million takes a second: there the next poll brings both
    shown = running.moment(batch) if brings_tiles else {"batch": batch, **rows(batch)}
    answer = make_response(render("sending/batch.html", "recipients_moment" if brings_tiles else "recipients", **shown))
    if request.method == "GET":
        answer.headers["HX-Push-Url"] = shown["address"](after=shown["asked"]["after"])
    return answer


@bp.get("/batches/<batch_id>/pace")
@allow(Role.VIEWER)
def chart(batch_id: str) -> ResponseReturnValue:
    """Numbers for the chart: messages a second, bucket by bucket."""
    step, found = moments.moments(service.find(g.workspace_id, batch_id).id)
    drawn = pace.pace(found, step=step)
    if drawn is None:
        return jsonify({"rates": None})
    return jsonify({"names": pace.NAMES, "start": drawn.start, "bucket": drawn.bucket, "rates": drawn.rates, "step": step})


def rows(batch: Batch) -> dict[str, object]:
    """What the table shows for this address."""
    wanted, problem = asked(), _phone_problem()
    after = request.values.get("after", "")
    found = recipients.page(batch.id, wanted, after=after, limit=_ROWS + 1)
    wish = {"group": wanted.group, "code": _shown(wanted.code), "phone": _phone(), "after": after}

    def address(page: str = "recipients", **changes: object) -> str:
        told = wish | {"after": ""} | changes
        return url_for(f"sending.{page}", batch_id=batch.id, **{name: value for name, value in told.items() if value})

    return {
        "rows": found[:_ROWS], "talks": batches.conversations_of([row.id for row in found]),
        "next_after": recipients.mark(found[_ROWS - 1], wanted) if len(found) > _ROWS else "",
        "asked": wish, "wanted": wanted, "after": after,
        "groups": _GROUPS, "reason": reasons.of, "address": address, "phone_problem": problem,
        "fail_reasons": _reasons(batch),
    }  # fmt: skip


def asked() -> Filter:
    """The filters in the address."""
    group, code = request.values.get("group", ""), request.values.get("code", "")
    group = group if group in _GROUPS else ""
    known = NO_CODE if code == "none" else int(code) if code.isdecimal() and len(code) < 10 else None
    return Filter(group, known if group == "failed" else None, "" if _phone_problem() else _phone())


def _phone() -> str:
    return "".join(sign for sign in request.values.get("phone", "")[:40] if sign.isdecimal() or sign == "+")


def _phone_problem() -> str:
    return f"Type at least {_LEAST_DIGITS} digits." if 0 < len(_phone().strip("+")) < _LEAST_DIGITS or _phone() == "+" else ""


def _shown(code: int | None) -> str:
    return "" if code is None else "none" if code == NO_CODE else str(code)


def _reasons(batch: Batch) -> list[tuple[str, str]]:
    """Why messages failed, for a choice: most frequent first."""
    found = []
    for code, count in recipients.fail_reasons(batch.id):
        known = reasons.of(code)
        found.append((_shown(NO_CODE if code is None else code), f"{known.text if known else 'No answer, or no code of Meta'} ({count:,})"))
    return found
