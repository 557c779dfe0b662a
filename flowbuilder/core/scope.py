"""What an API token may be allowed to do; each operation of the API asks for exactly one of these."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    OUTBOUNDS_READ = "outbounds:read"
    OUTBOUNDS_WRITE = "outbounds:write"
    LINES_READ = "lines:read"


WORDS: dict[Scope, str] = {
    Scope.OUTBOUNDS_READ: "Look at outbound messages",
    Scope.OUTBOUNDS_WRITE: "Write, submit, copy and delete outbound messages",
    Scope.LINES_READ: "Look at lines, without their secrets",
}
