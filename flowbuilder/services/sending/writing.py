"""Short writing transactions of a long job, on a connection of its own; begun anew where the database was busy or away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from flowbuilder.store import db

log = logging.getLogger(__name__)
Result = TypeVar("Result")

DatabaseAway = (OperationalError, InterfaceError)
"""Locked, restarted, deadlocked or out of reach: what a later try may find gone."""
WAITS = (0.05, 0.2, 0.5, 1.0, 2.0)


class Writer:
    """One thread's. What it runs must do no harm when it is run twice: a commit whose answer got lost is repeated."""

    def __init__(self) -> None:
        self._connection: Connection | None = None

    def run(self, act: Callable[[Connection], Result]) -> Result:
        """``act`` in one transaction, committed. Tried again on a new connection after each of the waits."""
        for wait in WAITS:
            try:
                return self._once(act)
            except DatabaseAway as error:
                log.warning("The database is busy or away; trying again in %s seconds (%s).", wait, error.orig)
                time.sleep(wait)
        return self._once(act)

    def _once(self, act: Callable[[Connection], Result]) -> Result:
        try:
            if self._connection is None:
                self._connection = db.engine.connect().execution_options(writing=True)
            with self._connection.begin():
                return act(self._connection)
        except DatabaseAway:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.close()
        except DatabaseAway as error:
            log.info("The connection was gone already (%s).", error.orig)
