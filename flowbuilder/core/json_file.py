"""A file's content as JSON, wherever it comes from, or what is wrong with it in one sentence. What it means is asked by ``schema``."""

from __future__ import annotations

import json
from typing import Any

from flowbuilder.core.finding import Finding

BYTES_MAX = 8_000_000


def read(raw: bytes | str) -> tuple[Any, tuple[Finding, ...]]:
    """The document in a file's content, and what is wrong with the file when it cannot be read."""
    if len(raw) > BYTES_MAX:
        return None, (Finding("too_large", f"The file is larger than {BYTES_MAX // 1_000_000} MB; no flow is. Choose another file."),)
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        if not text.strip():
            return None, (Finding("not_json", "The file is empty. Choose a flow that was exported as JSON."),)
        return json.loads(text, object_pairs_hook=_object), ()
    except UnicodeDecodeError:
        return None, (Finding("not_json", "The file is not text in UTF-8. Choose a flow that was exported as JSON."),)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        text = f"The file is not JSON: something is wrong in {where}. Choose a flow that was exported as JSON."
        return None, (Finding("not_json", text, row=error.lineno),)
    except _Doubled as error:
        return None, (Finding("doubled_key", f"The file says “{error}” twice in one place, and only one can be meant. Remove the other."),)
    except (RecursionError, ValueError):
        return None, (Finding("not_json", "The file holds numbers or nesting that no flow has. Choose a flow that was exported as JSON."),)


class _Doubled(ValueError):
    """A key stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Doubled(next(key for key in keys if keys.count(key) > 1)[:40].encode(errors="replace").decode())
    return found
