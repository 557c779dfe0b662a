"""Log lines: one JSON object each, with phone numbers masked. Whoever logs uses ``logging`` as usual.

What a log line may carry: ``request_id``, ids of rows, durations, outcomes, error codes. Never the body of
a message, a token or a whole phone number.
"""

from __future__ import annotations

import logging
import re
import shutil
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

_PHONE = re.compile(r"(?<![\w.+-])\+?\d{7,13}(\d{2})(?![\w.])")
_PHONE_FIELDS = frozenset({"phone", "to", "wa_id", "from", "recipient_id", "display_number"})
_LARGEST = 20 * 1024 * 1024


def configure(part: str) -> None:
    """Send everything that is logged in this process to stdout, as lines of JSON that name the ``part``."""
    import structlog

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        structlog.processors.format_exc_info,
        _naming(part),
        mask,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(ensure_ascii=False)],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for chatty in ("rq", "werkzeug", "urllib3", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave of each phone number its last two digits."""
    for name, value in event.items():
        if not isinstance(value, str) or name in ("ts", "logger", "level"):
            continue
        if name in _PHONE_FIELDS:
            event[name] = f"…{value[-2:]}" if value else value
        else:
            event[name] = _PHONE.sub(r"…\1", value)
    return event


def keep_small(folder: Path) -> None:
    """Move what has grown too large to ``<name>.1``; writers append, so they go on in the emptied file."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > _LARGEST:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            with log.open("r+b") as file:
                file.truncate()


def _naming(part: str) -> Any:
    def name(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["part"] = part
        return event

    return name
