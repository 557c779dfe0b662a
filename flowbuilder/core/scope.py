"""What an API token may be allowed to do; each operation of the API asks for exactly one of these."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    OUTBOUNDS_READ = "outbounds:read"
    OUTBOUNDS_WRITE = "outbounds:write"
    MESSAGES_READ = "messages:read"
    MESSAGES_SEND = "messages:send"
    BATCHES_READ = "batches:read"
    BATCHES_SEND = "batches:send"
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    LINES_READ = "lines:read"
    FILES_READ = "files:read"
    FILES_WRITE = "files:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


WORDS: dict[Scope, str] = {
    Scope.OUTBOUNDS_READ: "Look at outbound messages",
    Scope.OUTBOUNDS_WRITE: "Write, submit, copy and delete outbound messages",
    Scope.MESSAGES_READ: "Follow single messages",
    Scope.MESSAGES_SEND: "Send single messages",
    Scope.BATCHES_READ: "Look at batches and their recipients",
    Scope.BATCHES_SEND: "Upload, start, pause, resume and cancel batches",
    Scope.CONTACTS_READ: "Look at contacts and their consent",
    Scope.CONTACTS_WRITE: "Add contacts, note their consent, and erase them",
    Scope.LINES_READ: "Look at lines, without their secrets",
    Scope.FILES_READ: "Look at pictures, videos and documents of messages",
    Scope.FILES_WRITE: "Upload and delete pictures, videos and documents of messages",
    Scope.WEBHOOKS_READ: "Look at outgoing webhooks and what they were told",
    Scope.WEBHOOKS_WRITE: "Add, change and delete outgoing webhooks, and tell events again",
}
