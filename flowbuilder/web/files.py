"""Files to download, made while they go out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flask import Response, current_app

from flowbuilder.core import export


def csv(lines: Iterable[str], name: str) -> Response:
    """As an attachment; the name keeps only what every system takes. Lines are made while they go out."""
    app = current_app._get_current_object()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_")[:80] or "export"

    def whole() -> Iterator[str]:
        yield export.BOM
        source = iter(lines)
        while True:
            with app.app_context():
                made = next(source, None)
            if made is None:
                return
            yield made

    headers = {"Content-Disposition": f'attachment; filename="{plain}.csv"', "X-Accel-Buffering": "no"}
    return Response(whole(), headers=headers, mimetype="text/csv")
