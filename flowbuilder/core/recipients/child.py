"""The process in which a file is read: ``python -m flowbuilder.core.recipients.child FILE NAME``, Wanted as JSON on its input.

It limits its own memory and time before it opens anything, so that a file that lies about its size ends this process and no other.
What it found goes out as one line of JSON per chunk, followed by its good rows as they are stored: lines of row, phone and
content, tabs between them, so many bytes in all. Whoever reads a million of them takes them as they are.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from flowbuilder.core.recipients import Chunk, Columns, Recipient, Unreadable, Wanted, read

MEMORY = 1 << 30
CPU_SECONDS = 120
ROWS_AT_ONCE = 10_000


def main(path: str, name: str) -> None:
    confine()
    wanted = wanted_from_json(json.load(sys.stdin))
    line = liner(wanted.variables)
    gc.disable()  # nothing here refers to itself, and looking for that takes a quarter of the time
    try:
        for columns, chunk in read(Path(path), wanted, name=name, size=ROWS_AT_ONCE):
            rows = "".join(map(line, chunk.recipients)).encode()
            say({**chunk_to_json(columns, chunk), "bytes": len(rows)})
            sys.stdout.buffer.write(rows)
        say({"done": True})
    except Unreadable as fault:
        say({"unreadable": fault.code, "text": fault.text, "headers": list(fault.headers)})
    except MemoryError:
        say({"unreadable": "too_big", "text": "The file needs more memory than is allowed: split it into several.", "headers": []})


def confine() -> None:
    """Limit this process for good, before it opens anything."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore[union-attr]


def wanted_to_json(wanted: Wanted) -> dict[str, Any]:
    return {
        "variables": list(wanted.variables),
        "texts": [list(text) for text in wanted.texts],
        "mapping": dict(wanted.mapping),
        "allowed": None if wanted.allowed is None else sorted(wanted.allowed),
        "longest": dict(wanted.longest),
        "country": wanted.country,
        "links": list(wanted.links),
        "optional": list(wanted.optional),
        "constants": dict(wanted.constants),
    }


def wanted_from_json(data: dict[str, Any]) -> Wanted:
    return Wanted(
        variables=tuple(data["variables"]),
        texts=tuple((text, most) for text, most in data["texts"]),
        mapping=data["mapping"],
        allowed=None if data["allowed"] is None else frozenset(data["allowed"]),
        longest=data["longest"],
        country=data["country"],
        links=tuple(data["links"]),
        optional=tuple(data["optional"]),
        constants=data["constants"],
    )


def chunk_to_json(columns: Columns, chunk: Chunk) -> dict[str, Any]:
    return {
        "rows": chunk.rows,
        "columns": columns.chosen(),
        "headers": list(columns.headers),
        "faults": [(fault.row, fault.field, fault.code, fault.value, fault.text, fault.cells, fault.place) for fault in chunk.faults],
    }


def liner(variables: Sequence[str]) -> Callable[[Recipient], str]:
    """Writes a recipient as one line; its content as JSON, which has neither tabs nor line breaks of its own."""
    fields = ",".join(json.dumps(name, ensure_ascii=False).replace("%", "%%") + ":%s" for name in variables)
    form = f'%s\t%s\t{{"parameters":{{{fields}}}}}\n'

    def line(found: Recipient) -> str:
        return form % (found.row, found.phone, *map(encode_basestring, found.parameters.values()))

    return line


def say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
