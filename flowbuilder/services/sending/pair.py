"""How often a line may write to one person: once in six seconds, and up to 45 messages of that may be borrowed from later.

Kept for conversations and single messages, in the queue server, so that all processes agree; a batch writes to everybody
once. Without the queue server nothing is held back: Meta keeps the limit itself, and what it refuses waits (``fate``).
"""

from __future__ import annotations

import logging

import redis

from flowbuilder import queue

log = logging.getLogger(__name__)

EVERY_SECONDS = 6
BURST = 45

_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local every, burst = tonumber(ARGV[1]) * 1000000, tonumber(ARGV[2])
local paid_until = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + every
local wait = paid_until - now - every * burst
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', paid_until), 'PX', math.ceil((paid_until - now) / 1000))
return 0
"""


def take(line_id: str, person: str) -> float:
    """0 when a message to ``person`` may leave now, which counts it; else the seconds until one may."""
    if not person:
        return 0.0
    try:
        return int(queue.connection().register_script(_TAKE)(keys=[_key(line_id, person)], args=[EVERY_SECONDS, BURST])) / 1e6
    except redis.RedisError as error:
        log.warning("The queue server does not answer (%s); the limit per person is left to Meta.", error)
        return 0.0


def _key(line_id: str, person: str) -> str:
    return f"flowbuilder:pair:{line_id}:{person.lstrip('+')}"
