"""Files to download, made while they go out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from flask import Response, current_app

from flowbuilder.core import export

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv(lines: Iterable[str], name: str) -> Response:
    return _file(chain([export.BOM], lines), name, "csv", "text/csv")


def xlsx(pieces: Iterable[bytes], name: str) -> Response:
    return _file(pieces, name, "xlsx", _XLSX)


def _file(pieces: Iterable[str | bytes], name: str, ending: str, kind: str) -> Response:
    """As an attachment; the name keeps only what every system takes. Pieces are made while they go out."""
    app = current_app._get_current_object()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_")[:80] or "export"

    def whole() -> Iterator[str | bytes]:
        source = iter(pieces)
        while True:
            with app.app_context():
                made = next(source, None)
            if made is None:
                return
            yield made

    headers = {"Content-Disposition": f'attachment; filename="{plain}.{ending}"', "X-Accel-Buffering": "no"}
    return Response(whole(), headers=headers, mimetype=kind)
