"""What the list of outbound messages shows: search, filters, order and page, each in the address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines

FILTERS = ("status", "category", "kind", "line_id", "language")
COLUMNS = (
    ("name", "Name"),
    ("status", "Status"),
    ("category", "Category"),
    ("kind", "Type"),
    ("language", "Language"),
    ("line", "Line"),
    ("updated", "Last change"),
)
"""Each column by which the list can go, with its heading."""
ORDERS = (
    ("-updated", "Last change first"),
    ("updated", "Oldest change first"),
    ("name", "Name, A to Z"),
    ("-name", "Name, Z to A"),
    ("status", "Status"),
    ("category", "Category"),
    ("kind", "Type"),
    ("language", "Language"),
    ("line", "Line"),
)


def index_of(arguments: Mapping[str, str]) -> dict[str, Any]:
    given = {name: value.replace("\x00", "")[:200] for name, value in arguments.items()}
    asked = {name: given[name] for name in ("q", *FILTERS, "sort") if given.get(name)}
    filters = {name: asked.get(name, "") for name in FILTERS}
    sort = asked.get("sort", "-updated")
    after = (given["after"], given["after_id"]) if "after" in given and "after_id" in given else None
    order = outbound.Order(sort.lstrip("-"), sort.startswith("-"), after)
    page = outbound.listing(g.workspace_id, order, search=asked.get("q", ""), filters=filters)
    onward = {"after": page.next[0], "after_id": page.next[1]} if page.next else {}
    return {
        "page": page,
        "search": asked.get("q", ""),
        "filters": filters,
        "is_filtered": bool(asked.keys() - {"sort"}),
        "sort": sort,
        "orders": ORDERS,
        "columns": [(heading, *_heading(asked, name, sort)) for name, heading in COLUMNS],
        "first_page": _address(asked) if after else "",
        "next_page": _address({**asked, **onward}) if onward else "",
        "facets": outbound.facets(g.workspace_id),
        "line_names": {line.id: line.name for line in lines.of_workspace(g.workspace_id)},
    }


def _heading(asked: Mapping[str, str], name: str, sort: str) -> tuple[str, str]:
    """Where a press on a column's heading leads, and how the list goes by it now: rising, falling or not."""
    direction = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
    falls_next = sort == name or (name == "updated" and sort != "-updated")
    return _address({**asked, "sort": f"-{name}" if falls_next else name}), direction


def _address(arguments: Mapping[str, str]) -> str:
    return f"{url_for('outbound.index')}?{urlencode(arguments)}"
