"""When the messages of a batch were accepted, delivered, read and failed: of all, or of every so-many-th of a big batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, literal, select, union_all

from flowbuilder.store import db
from flowbuilder.store.batches import OUT
from flowbuilder.store.sending import Message

_M = Message.__table__.c
_LOOKED_AT = 6_000
_MOMENTS = (_M.accepted_at, _M.delivered_at, _M.read_at, _M.failed_at)


def moments(batch_id: str) -> tuple[int, list[Sequence[datetime | None]]]:
    """Every ``step``-th row by id, and ``step``. Batches go out in the order of ids, so that these stand for all others."""
    lowest, highest = _ends(batch_id)
    if lowest is None or highest is None:
        return 1, []
    step = max(1, math.ceil((highest - lowest + 1) / _LOOKED_AT))
    numbers = select(literal(lowest).label("id")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.id + step).where(numbers.c.id + step <= highest))
    wanted = select(*_MOMENTS).select_from(numbers.join(Message.__table__, numbers.c.id == _M.id)).where(_M.batch_id == batch_id)
    return step, [tuple(row) for row in db.session.execute(wanted)]


def _ends(batch_id: str) -> tuple[int | None, int | None]:
    """The lowest and the highest id, by a look at the ends of each status's range of the index."""
    ends = union_all(
        *(
            select(func.min(_M.id).label("low"), func.max(_M.id).label("high")).where(_M.batch_id == batch_id, _M.status == status)
            for status in OUT
        )
    ).subquery()
    low, high = db.session.execute(select(func.min(ends.c.low), func.max(ends.c.high))).one()
    return low, high
