"""How often one token may call: counted per minute in the queue server, for all web processes together.

Without a queue server nothing is counted: a limit is not worth refusing calls for.
"""

from __future__ import annotations

import logging

import redis

from flowbuilder import clock, queue
from flowbuilder.errors import TooMany

log = logging.getLogger(__name__)

PER_MINUTE = 600
_WINDOW = 60


def count(token_id: str) -> None:
    """Count one call; raises TooMany, with the seconds to wait, beyond what a minute allows."""
    now = int(clock.now().timestamp())
    key = f"flowbuilder:api:{token_id}:{now // _WINDOW}"
    try:
        with queue.connection().pipeline(transaction=False) as pipe:
            calls = pipe.incr(key).expire(key, 2 * _WINDOW).execute()[0]
    except redis.RedisError as error:
        log.warning("The queue server does not answer (%s); calls are not counted.", error)
        return
    if calls > PER_MINUTE:
        wait = _WINDOW - now % _WINDOW
        raise TooMany(f"This token may call {PER_MINUTE} times a minute. Wait {wait} seconds and go on.", retry_after=wait)
