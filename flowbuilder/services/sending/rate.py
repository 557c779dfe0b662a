"""How fast a line may send, agreed between all processes: at most its messages per second in any second.

Two rules in one script of the queue server, by its own clock: what was granted in the last 1.004 s is counted, so that no
window holds too many; and grants of bulk sending come evenly, hardly faster than the line allows, since a burst would come back
as a gap in each following second. Answers to people only obey the count, of which bulk leaves them a little: they go first, but
while a batch waits they leave it a fifth. A line that Meta throttles finds the rate that Meta takes: the first refusal halves
it, after that it is cut by the share that was refused, and a little when it had grown for a while until then. It grows by 2 % a
second while refusals are fresh, and faster when none has come for ten seconds.
"""

from __future__ import annotations

import logging
import threading

import redis

from flowbuilder import clock, queue

log = logging.getLogger(__name__)

UNLIMITED = 1000
"""No number of Meta's is faster, so a line without a limit of ours is taken to send so many a second."""
_WINDOW = 1.004
_HASTE = 1.04
_ALONE = 0.4
"""The share of the rate that one process takes while the queue server is away; replies and bulk together stay below it."""

_GROWN = """
local function grown(factor, seconds)
  return math.min(1, factor * math.exp(0.02 * math.min(seconds, 10) + 0.1 * math.max(seconds - 10, 0)))
end
"""

_TAKE = (
    _GROWN
    + """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local rate, want, window, haste, bulk = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local state = redis.call('HMGET', KEYS[1], 'next', 'total', 'factor', 'factor_at', 'in_bulk', 'bulk_asked', 'bulk_granted')
local factor = tonumber(state[3] or '1')
if factor < 1 then factor = grown(factor, (now - tonumber(state[4])) / 1000000) end
rate = math.max(0.2, rate * factor)
local total, in_bulk = tonumber(state[2] or '0'), tonumber(state[5] or '0')
local oldest
while true do
  local entry = redis.call('LINDEX', KEYS[2], 0)
  if not entry then total, in_bulk = 0, 0 break end
  local at, count, kind = entry:match('(%d+):(%d+)(b?)')
  if tonumber(at) > now - window then oldest = tonumber(at) break end
  redis.call('LPOP', KEYS[2])
  total = total - tonumber(count)
  if kind == 'b' then in_bulk = in_bulk - tonumber(count) end
end
local cap = math.max(1, math.floor(rate))
local spare = cap >= 20 and 2 or 0
local room = cap - spare - total
if bulk then
  redis.call('HSET', KEYS[1], 'bulk_asked', string.format('%.0f', now))
else
  local kept = 0
  if now - tonumber(state[6] or '0') < 1000000 then
    kept = math.floor(cap / 5) + spare
    if now - tonumber(state[7] or '0') > 5000000 then kept = math.max(1, kept) end
  end
  room = cap - (total - in_bulk) - math.max(in_bulk, kept)
end
local granted = math.min(want, room)
local wait = (oldest or now) + window - now
local interval = 1000000 / (rate * haste)
local catch_up = math.max(150000, 10 * interval)
local next = tonumber(state[1] or '0')
if next < now - 1000000 then next = now end
next = math.max(next, now - catch_up)
if bulk and granted > 0 then
  granted = math.min(granted, math.floor((now - next) / interval) + 1)
  wait = next - now
end
if granted <= 0 then
  redis.call('HSET', KEYS[1], 'total', total, 'in_bulk', in_bulk)
  redis.call('EXPIRE', KEYS[1], 60)
  return {0, math.ceil(math.max(wait, 1000))}
end
if bulk then
  in_bulk = in_bulk + granted
  redis.call('HSET', KEYS[1], 'bulk_granted', string.format('%.0f', now))
end
redis.call('RPUSH', KEYS[2], string.format('%d:%d%s', now, granted, bulk and 'b' or ''))
redis.call('HSET', KEYS[1], 'next', string.format('%.0f', next + granted * interval), 'total', total + granted, 'in_bulk', in_bulk)
redis.call('EXPIRE', KEYS[1], 60)
redis.call('EXPIRE', KEYS[2], 60)
return {granted, 0}
"""
)

_SLOW = (
    _GROWN
    + """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local rate, refused = tonumber(ARGV[1]), tonumber(ARGV[2])
local state = redis.call('HMGET', KEYS[1], 'factor', 'factor_at', 'refused')
local at = tonumber(state[2] or '0')
local seconds = (now - at) / 1000000
if at > 0 and seconds < 0.25 then return end
local factor = tonumber(state[1] or '1')
local share = 0.5
if at > 0 then
  factor = grown(factor, seconds)
  refused = refused + tonumber(state[3] or '0')
  if seconds < 0.75 then redis.call('HSET', KEYS[1], 'refused', refused) return end
  local least = seconds < 3 and 0.06 or 0.12
  share = math.min(0.35, math.max(least, refused / math.max(1, rate * factor * (seconds - 0.25))))
end
redis.call('HSET', KEYS[1], 'factor', math.max(0.02, factor * (1 - share)), 'factor_at', string.format('%.0f', now), 'refused', 0)
redis.call('EXPIRE', KEYS[1], 60)
"""
)
"""What is refused within 250 ms was under way when the rate was cut: it says nothing of the new one."""

_alone_until: dict[str, float] = {}
_alone_lock = threading.Lock()


def take(line_id: str, per_second: int, want: int, *, bulk: bool) -> tuple[int, float]:
    """``(granted, wait)``: how many of ``want`` messages may leave at once; when none, seconds until it is worth asking again.

    ``per_second`` 0 means no limit. What is granted must leave now; nothing can be given back.
    """
    if per_second <= 0:
        return want, 0.0
    try:
        server = queue.connection()
        arguments = [per_second, want, int(_WINDOW * 1e6), _HASTE, "1" if bulk else "0"]
        granted, wait = server.register_script(_TAKE)(keys=_keys(line_id), args=arguments)
        return int(granted), int(wait) / 1e6
    except redis.RedisError:
        return _take_alone(line_id, per_second, want)


def slow_down(line_id: str, per_second: int, refused: int = 1) -> None:
    """Meta refused so many messages because they came too fast."""
    try:
        queue.connection().register_script(_SLOW)(keys=_keys(line_id)[:1], args=[per_second or UNLIMITED, refused])
    except redis.RedisError as error:
        log.warning("The queue server does not answer (%s); the line %s is not slowed down.", error, line_id)


def _keys(line_id: str) -> list[str]:
    return [f"flowbuilder:rate:{line_id}", f"flowbuilder:rate:{line_id}:log"]


def _take_alone(line_id: str, per_second: int, want: int) -> tuple[int, float]:
    interval = 1 / (per_second * _ALONE)
    with _alone_lock:
        now = clock.monotonic()
        until = max(_alone_until.get(line_id, 0.0), now - interval)
        granted = min(want, int((now - until) / interval) + (1 if until <= now else 0))
        if granted <= 0:
            return 0, until - now
        _alone_until[line_id] = until + granted * interval
        return granted, 0.0
