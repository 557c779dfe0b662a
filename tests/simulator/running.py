"""A simulator in this process, reached over HTTP, with a business that listens; for tests of the simulator alone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from flowbuilder.simulator import clockwork, create_app
from flowbuilder.simulator.server import make_server
from flowbuilder.simulator.settings import Settings
from flowbuilder.simulator.world import World

WABA, NUMBER, APP = "2000000000000001", "3000000000000001", "1000000000000001"
SETTINGS = Settings(app_secret="app-secret", access_token="access-token", review_seconds=0.05)
QUICK = {"sent_after": 0.0, "delivered_after": 0.01, "read_after": 0.01}


def until(holds: Callable[[], Any], within: float = 8) -> Any:
    """Wait until something holds and return it; fail when it never does."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if value := holds():
            return value
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


@dataclass
class Business:
    """A callback that keeps what it is told; ``answers`` are the statuses of the next posts, then 200."""

    token: str = "verify-me"
    answers: list[int] = field(default_factory=list)
    posts: list[tuple[bytes, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def changes(self, field_name: str = "messages") -> list[dict[str, Any]]:
        documents = [json.loads(body) for body, _ in self.posts]
        every = [change for document in documents for entry in document["entry"] for change in entry["changes"]]
        return [change["value"] for change in every if change["field"] == field_name]

    def statuses(self, wamid: str | None = None) -> list[str]:
        found = [one for value in self.changes() for one in value.get("statuses", ())]
        return [one["status"] for one in found if wamid in (None, one["id"])]

    def messages(self) -> list[dict[str, Any]]:
        return [one for value in self.changes() for one in value.get("messages", ())]


@contextmanager
def listening(business: Business) -> Iterator[Business]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            right = query["hub.verify_token"] == [business.token] and query["hub.mode"] == ["subscribe"]
            self._answer(200 if right else 403, query["hub.challenge"][0].encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = business.answers.pop(0) if business.answers else 200
            if status == 200:
                business.posts.append((body, self.headers["X-Hub-Signature-256"]))
            self._answer(status, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", business.port), Handler)
    business.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield business
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Running:
    """One simulator, and short words for what tests do with it."""

    url: str
    world: World
    session: requests.Session

    def graph(self, method: str, path: str, **sent: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}/v25.0/{path}", timeout=10, **sent)

    def control(self, path: str, **sent: Any) -> Any:
        answer = self.session.request("POST" if sent else "GET", f"{self.url}/_sim/{path}", json=sent or None, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, to: str = "+16505551234", **members: Any) -> requests.Response:
        document = {"messaging_product": "whatsapp", "to": to, **(members or {"text": {"body": "Hello"}})}
        return self.graph("POST", f"{NUMBER}/messages", json=document)

    def sent(self, to: str = "+16505551234", **members: Any) -> str:
        answer = self.send(to, **members)
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"][0]["id"]

    def refusal(self, answer: requests.Response) -> tuple[int, int | None]:
        error = answer.json()["error"]
        return error["code"], error.get("error_subcode")

    def write(self, number: str, text: str = "Hi") -> None:
        """A person writes, which opens the service window."""
        self.control(f"phones/{number.strip('+')}/say", text=text)

    def sample(self, data: bytes, mime: str) -> str:
        """The handle of an uploaded sample."""
        asked = {"file_name": "sample", "file_length": len(data), "file_type": mime}
        upload = self.graph("POST", f"{APP}/uploads", params=asked).json()["id"]
        return self.graph("POST", upload, data=data, headers={"file_offset": "0"}).json()["h"]

    def submit(self, name: str = "order_ready", **changes: Any) -> requests.Response:
        return self.graph("POST", f"{WABA}/message_templates", json=template(name, **changes))

    def approved(self, name: str = "order_ready", **changes: Any) -> int:
        answer = self.submit(name, **changes)
        assert answer.status_code == 200, answer.text
        template_id = int(answer.json()["id"])
        until(lambda: self.status(template_id) == "APPROVED")
        return template_id

    def status(self, template_id: int) -> str:
        return self.graph("GET", f"{template_id}", params={"fields": "status"}).json()["status"]

    def subscribe(self, business: Business) -> None:
        sent = {"override_callback_uri": business.url, "verify_token": business.token}
        answer = self.graph("POST", f"{WABA}/subscribed_apps", json=sent)
        assert answer.json() == {"success": True}


def template(name: str = "order_ready", **changes: Any) -> dict[str, Any]:
    """A template that every rule allows, with some members changed."""
    body = {"type": "BODY", "text": "Dear {{1}}, your order {{2}} is ready for pickup.", "example": {"body_text": [["Ann", "42"]]}}
    buttons = {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Continue"}, {"type": "QUICK_REPLY", "text": "Cancel"}]}
    return {"name": name, "language": "en_US", "category": "UTILITY", "components": [body, buttons]} | changes


def text(value: str, *, kind: str = "BODY", examples: int = 0) -> dict[str, Any]:
    """A component with words in it."""
    key = "body_text" if kind == "BODY" else "header_text"
    words = ["x"] * examples
    return {"type": kind, "text": value} | ({"example": {key: [words] if kind == "BODY" else words}} if examples else {})


def filled(name: str = "order_ready", *values: str, **members: Any) -> dict[str, Any]:
    """The members of a template send with positional values."""
    parameters = [{"type": "text", "text": value} for value in values or ("Ann", "42")]
    inner = {"name": name, "language": {"code": "en_US"}, "components": [{"type": "body", "parameters": parameters}]}
    return {"type": "template", "template": inner} | members


@contextmanager
def running(home: Path, port: int = 0) -> Iterator[Running]:
    """Start one in ``home``; at the end it is stopped as by a signal."""
    app = create_app(home, SETTINGS)
    server = make_server("127.0.0.1", port, app)
    world: World = app.extensions["simulator"]
    stop = clockwork.start(world)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {SETTINGS.access_token}"
    one = Running(f"http://127.0.0.1:{server.server_port}", world, session)
    one.control("knobs", **QUICK)
    yield one
    session.close()
    server.shutdown()
    server.server_close()
    stop()
    world.store.close()
