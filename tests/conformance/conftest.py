"""pywa, a client that is not ours, pointed at the simulator; and its receiver, subscribed to the simulator's webhooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask, request
from pywa import WhatsApp, handlers
from pywa.types.base_update import BaseUpdate

from flowbuilder.simulator.server import Server
from tests.simulator.running import APP, NUMBER, SETTINGS, WABA, Running, running


class Rerouted(httpx.HTTPTransport):
    """pywa sets Meta's address on its session; requests leave for the simulator all the same."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._target = httpx.URL(url)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._target.host, port=self._target.port)
        request.headers["Host"] = self._target.netloc.decode()
        return super().handle_request(request)


@dataclass(frozen=True)
class Receiver:
    """What pywa's own webhook receiver understood, and what it was sent."""

    updates: list[BaseUpdate]
    raw: list[dict[str, Any]]

    def fields(self) -> set[str]:
        return {change["field"] for body in self.raw for entry in body["entry"] for change in entry["changes"]}

    def of(self, kind: type) -> list[Any]:
        return [update for update in self.updates if isinstance(update, kind)]


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Running]:
    """One change a post and contacts on every status: pywa 4.5 reads the first change only, and needs a contact on each."""
    with running(tmp_path / "home") as one:
        one.control("knobs", webhook_batch=1, contacts_on_failed=True)
        yield one


def _client(sim: Running, **more: Any) -> WhatsApp:
    session = httpx.Client(transport=Rerouted(sim.url), trust_env=False, timeout=10)
    return WhatsApp(phone_id=NUMBER, token=SETTINGS.access_token, waba_id=WABA, app_id=int(APP), session=session, **more)


@pytest.fixture
def wa(sim: Running) -> WhatsApp:
    return _client(sim)


@pytest.fixture
def receiver(sim: Running) -> Iterator[Receiver]:
    """pywa's receiver on a Flask app of its own, with its signature check on; every kind of update has a handler."""
    app, updates, raw = Flask("business"), [], []
    wa = _client(sim, server=app, verify_token="verify-me", app_secret=SETTINGS.app_secret, validate_updates=True, webhook_endpoint="/hook")
    app.before_request(lambda: raw.append(json.loads(request.get_data())) if request.method == "POST" else None)
    kinds = (
        *(handlers.MessageHandler, handlers.CallbackButtonHandler, handlers.CallbackSelectionHandler, handlers.MessageStatusHandler),
        *(handlers.TemplateStatusUpdateHandler, handlers.TemplateCategoryUpdateHandler, handlers.TemplateQualityUpdateHandler),
        *(handlers.TemplateComponentsUpdateHandler, handlers.UserMarketingPreferencesHandler),
    )
    wa.add_handlers(*(kind(lambda _, update: updates.append(update)) for kind in kinds))
    server = Server("127.0.0.1", 0, app, lambda: False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    sent = {"override_callback_uri": f"http://127.0.0.1:{server.server_port}/hook", "verify_token": "verify-me"}
    assert sim.graph("POST", f"{WABA}/subscribed_apps", json=sent).json() == {"success": True}
    yield Receiver(updates, raw)
    server.shutdown()
    server.server_close()
