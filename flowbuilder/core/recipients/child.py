"""The process in which a file is read: ``python -m flowbuilder.core.recipients.child FILE NAME``, Wanted as JSON on its input.

It limits its own memory and time before it opens anything, so that a file that lies about its size ends this process and no other.
What it found goes out as one line of JSON per chunk.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

from flowbuilder.core.recipients import Chunk, Columns, Unreadable, Wanted, read

MEMORY = 1 << 30
CPU_SECONDS = 120
ROWS_AT_ONCE = 25_000


def main(path: str, name: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wanted = wanted_from_json(json.load(sys.stdin))
    try:
        for columns, chunk in read(Path(path), wanted, name=name, size=ROWS_AT_ONCE):
            _say(chunk_to_json(columns, chunk))
        _say({"done": True})
    except Unreadable as fault:
        _say({"unreadable": fault.code, "text": fault.text, "headers": list(fault.headers)})
    except MemoryError:
        _say({"unreadable": "too_big", "text": "The file needs more memory than is allowed: split it into several.", "headers": []})


def wanted_to_json(wanted: Wanted) -> dict[str, Any]:
    return {
        "variables": list(wanted.variables),
        "texts": [list(text) for text in wanted.texts],
        "mapping": dict(wanted.mapping),
        "allowed": None if wanted.allowed is None else sorted(wanted.allowed),
        "longest": dict(wanted.longest),
    }


def wanted_from_json(data: dict[str, Any]) -> Wanted:
    return Wanted(
        variables=tuple(data["variables"]),
        texts=tuple((text, most) for text, most in data["texts"]),
        mapping=data["mapping"],
        allowed=None if data["allowed"] is None else frozenset(data["allowed"]),
        longest=data["longest"],
    )


def chunk_to_json(columns: Columns, chunk: Chunk) -> dict[str, Any]:
    return {
        "rows": chunk.rows,
        "columns": columns.chosen(),
        "headers": list(columns.headers),
        "good": [(found.row, found.phone, found.parameters) for found in chunk.recipients],
        "faults": [(fault.row, fault.field, fault.code, fault.value, fault.text, fault.cells, fault.place) for fault in chunk.faults],
    }


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
