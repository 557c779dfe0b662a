"""A world in which chance rules, by seed: what time it is, what Meta answers, when webhooks come, when the process dies."""

from __future__ import annotations

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import OperationalError

from flowbuilder.services import transaction
from flowbuilder.services.sending import settle
from flowbuilder.store import db
from flowbuilder.whatsapp import answers, webhooks
from flowbuilder.whatsapp.client import Accepted
from flowbuilder.whatsapp.errors import MaybeSent, NotSent
from flowbuilder.whatsapp.webhooks import StatusUpdate
from tests import worlds
from tests.stub import refuse

_BEGINS = datetime(2027, 3, 28, tzinfo=UTC)
_REFUSED = (130429, 131056, 131026, 190, 131016)


class Died(BaseException):
    """kill -9: nothing of this process does anything any more."""


class World:
    """Time, Meta and the process, as one seed has them."""

    def __init__(self, seed: int, line_id: str) -> None:
        self.line_id = line_id
        self.chosen = random.Random(seed)
        self.at = 0.0
        self.is_calm = self.is_dead = self.is_token_bad = False
        self.life = 0
        self.accepted: Counter[int] = Counter()
        self.untold: list[StatusUpdate] = []

    def now(self) -> datetime:
        return _BEGINS + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += max(seconds, 0.05)

    def owner(self) -> str:
        return f"life@{self.life}"

    def is_gone(self, owner: str) -> bool:
        """Every other life is seen to be over at once; the others' leases have to end."""
        return owner != self.owner() and int(owner.rpartition("@")[2]) % 2 == 0

    def happens(self, chance: float) -> bool:
        return not self.is_calm and self.chosen.random() < chance

    def die(self) -> None:
        self.is_dead = True
        raise Died

    def revive(self) -> None:
        db.session.remove()
        self.is_dead, self.life = False, self.life + 1

    def commit(self, act: Callable[[Any], None], connection: Any) -> None:
        """A commit may be the last thing that a process does, or does not; it may also fail, or seem to."""
        if self.is_dead or self.happens(0.01):
            self.die()
        if self.happens(0.01):
            raise sqlite3.OperationalError("database is locked")
        act(connection)
        if self.happens(0.01):
            self.die()
        if self.happens(0.005):
            raise sqlite3.OperationalError("the answer to the commit was lost")

    def send(self, payload: dict[str, Any]) -> Accepted:
        """Meta. It takes some time, and does what chance says."""
        self.at += self.chosen.uniform(0.05, 1.0)
        callback = int(payload["biz_opaque_callback_data"])
        if self.happens(0.01):
            self.die()
        if self.happens(0.02):
            self.is_token_bad = True
        if self.happens(0.12) or self.is_token_bad:
            self._refuse()
        wamid = self._take(callback)
        if self.happens(0.02):
            self.die()
        if self.happens(0.08):
            raise MaybeSent
        if self.happens(0.03):
            self.is_token_bad = False
            answers.read(500, json.dumps(refuse(131000, 500)[1]).encode())
        return Accepted(wamid, None, "")

    def _refuse(self) -> None:
        if not self.is_token_bad and self.chosen.random() < 0.5:
            raise self.chosen.choice([MaybeSent, NotSent])
        code = 190 if self.is_token_bad else self.chosen.choice(_REFUSED)
        status, document = refuse(code)
        answers.read(status, json.dumps(document).encode())

    def _take(self, callback: int) -> str:
        self.accepted[callback] += 1
        wamid = f"wamid.{callback}.{self.accepted[callback]}"
        ends = "failed" if self.happens(0.02) else "delivered"
        self.untold += [_status(wamid, step, callback, self.now()) for step in ("sent", ends)]
        if self.happens(0.2):
            self.tell()
        return wamid

    def tell(self) -> None:
        """Some webhooks come, in any order, some of them twice."""
        self.chosen.shuffle(self.untold)
        count = len(self.untold) if self.is_calm else self.chosen.randint(0, len(self.untold))
        told, self.untold = self.untold[:count], self.untold[count:]
        self.untold += [each for each in told if self.happens(0.1)]
        try:
            with transaction() as session:
                settle.settle(session, [settle.Told(self.line_id, each) for each in told])
        except (OperationalError, Died) as error:
            self.untold += told
            if isinstance(error, Died):
                raise


def _status(wamid: str, status: str, callback: int, at: datetime) -> StatusUpdate:
    failed = {"errors": [{"code": 131026, "title": "Message undeliverable"}]} if status == "failed" else {}
    (item,) = webhooks.parse(worlds.status(wamid, status, callback=callback, timestamp=str(int(at.timestamp())), **failed))
    assert isinstance(item, StatusUpdate)
    return item
