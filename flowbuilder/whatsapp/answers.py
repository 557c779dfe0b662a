"""What an answer of Meta, or the lack of one, proves: taken, refused, never arrived, or not known.

Pure with regard to the network, so that every way of calling Meta decides alike.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import Any

import requests
from urllib3.exceptions import ConnectTimeoutError, LocationValueError, NewConnectionError

from flowbuilder.whatsapp import codes
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, NotSent, WireError

_NEVER_LEFT = (
    requests.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidJSONError,
    ConnectTimeoutError,
    NewConnectionError,
    LocationValueError,
    ssl.SSLCertVerificationError,
)


def lost(error: BaseException) -> WireError:
    """The error for a call that brought no answer: NotSent where that is proved, else MaybeSent."""
    words = f"{type(error).__name__}: {error}"[:500]
    if any(isinstance(cause, _NEVER_LEFT) or _was_shaking_hands(cause) for cause in _causes(error)):
        return NotSent(details=words)
    return MaybeSent(details=words)


def read(status: int, body: bytes, retry_after: str | None = None) -> dict[str, Any]:
    """The JSON object of a good answer; Meta's refusal as CloudError; anything else as MaybeSent."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise _refusal(answer["error"], status, retry_after)
    if 200 <= status < 300 and isinstance(answer, dict):
        return answer
    raise MaybeSent(details=f"HTTP {status}: {body[:200]!r}")


def require(answer: dict[str, Any], key: str) -> dict[str, Any]:
    """``answer``, if it has ``key``; without it nobody can tell what became of the call."""
    if not answer.get(key):
        raise MaybeSent(details=f"No {key} in {json.dumps(answer)[:200]}")
    return answer


def rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    data = answer.get("data")
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def page(answer: dict[str, Any]) -> tuple[list[dict[str, Any]], str, int | None]:
    """The rows of a list's page, the cursor of the next page if there is one, and the number of all."""
    paging = answer.get("paging") if isinstance(answer.get("paging"), dict) else {}
    cursors = paging.get("cursors") if isinstance(paging.get("cursors"), dict) else {}
    after = cursors.get("after") if paging.get("next") else None
    summary = answer.get("summary") if isinstance(answer.get("summary"), dict) else {}
    return rows(answer), after if isinstance(after, str) else "", _number(summary.get("total_count"))


def accepted(answer: dict[str, Any]) -> tuple[str, str | None, str]:
    """``wamid, wa_id, message_status`` of a message that was taken over."""
    message = _first(answer.get("messages"))
    wamid = message.get("id")
    if not isinstance(wamid, str) or not wamid:
        raise MaybeSent(details=f"No message id in {json.dumps(answer)[:200]}")
    wa_id = _first(answer.get("contacts")).get("wa_id")
    return wamid, wa_id if isinstance(wa_id, str) else None, str(message.get("message_status") or "accepted")


def _refusal(error: dict[str, Any], status: int, retry_after: str | None) -> CloudError:
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    if code is None:
        raise MaybeSent(details=f"HTTP {status} with an error that has no code: {json.dumps(error)[:200]}")
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else data
    wait = (retry_after or "").strip()
    return CloudError(
        code,
        subcode,
        codes.meaning(code).sentence,
        str(details or error.get("message") or "")[:1000],
        codes.verdict(code, status, error.get("is_transient") is True),
        title=str(error.get("error_user_title") or "")[:300],
        message=str(error.get("error_user_msg") or "")[:1000],
        retry_after=float(wait) if wait.isdecimal() and len(wait) < 7 else None,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it, however requests and urllib3 have wrapped it."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        current = waiting.pop()
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]


def _was_shaking_hands(error: BaseException) -> bool:
    """Whether this was raised before TLS stood, so that no byte of the request had left."""
    trace = error.__traceback__
    while trace:
        if trace.tb_frame.f_code.co_name == "do_handshake":
            return True
        trace = trace.tb_next
    return False


def _first(value: Any) -> dict[str, Any]:
    return value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else {}


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
