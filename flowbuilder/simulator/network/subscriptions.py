"""Where webhooks go: callbacks by phone number, account or app, each proved by the verification handshake."""

from __future__ import annotations

import http.client
import secrets
import sqlite3
from urllib.parse import urlencode, urlsplit

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.settings import Settings
from flowbuilder.simulator.store import Store

HANDSHAKE_SECONDS = 10


def callback(store: Store, settings: Settings) -> str | None:
    """The address that counts: the phone number's goes before the account's, and that before the app's."""
    urls = {row["node"]: row["url"] for row in store.rows("SELECT node, url FROM subscription WHERE url != ''")}
    return urls.get(settings.number_id) or urls.get(settings.waba_id) or urls.get(settings.app_id)


def is_subscribed(conn: sqlite3.Connection) -> bool:
    return conn.execute("SELECT 1 FROM subscription WHERE url != ''").fetchone() is not None


def subscribe(store: Store, node: str, url: str, token: str) -> None:
    """Keep a callback once it has answered the challenge."""
    if url:
        handshake(url, token)
    with store.write() as conn:
        conn.execute("INSERT OR REPLACE INTO subscription (node, url, token) VALUES (?, ?, ?)", (node, url, token))


def unsubscribe(store: Store, node: str) -> None:
    with store.write() as conn:
        conn.execute("DELETE FROM subscription WHERE node = ?", (node,))


def handshake(url: str, token: str) -> None:
    """Ask the callback to repeat a challenge, as Meta does whenever address or token are set."""
    challenge = str(secrets.randbelow(10**10))
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token})
    try:
        conn, path = connect(url, HANDSHAKE_SECONDS)
        conn.request("GET", f"{path}{'&' if '?' in path else '?'}{query}", headers={"User-Agent": "facebookplatform/1.0"})
        answer = conn.getresponse()
        said, status = answer.read(1024).decode("latin-1"), answer.status
        conn.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise GraphError(2200, f"The callback URL or verify token couldn't be validated: {error}") from error
    if status != 200 or said != challenge:
        raise GraphError(2200, f"The callback URL or verify token couldn't be validated: HTTP status {status}, challenge not repeated.")


def connect(url: str, timeout: float) -> tuple[http.client.HTTPConnection, str]:
    """An unopened connection to the callback's host, and the path to ask it for."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not an http address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=timeout), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
