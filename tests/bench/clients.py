"""The same messages through our pump and through pywa's client, in as many threads, side by side."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue

import httpx
from pywa import WhatsApp
from pywa.types.templates import BodyText, QuickReplyButton, TemplateLanguage

from flowbuilder.whatsapp.payloads import CONTINUE, FINISH
from tests import worlds
from tests.bench._world import World, load, world
from tests.bench.figure import Figure
from tests.bench.sending import through_the_pump
from tests.conformance.conftest import Rerouted

COUNT, THREADS, DELAY = 5000, 128, 80


def run() -> list[Figure]:
    with world(delay_ms=DELAY) as here:
        ours = through_the_pump(here, COUNT, THREADS)
        theirs = max(_theirs(here) for _ in range(2))
    note = f"{ours:,.0f}/s against {theirs:,.0f}/s; {load()}"
    name = f"{COUNT:,} messages, {THREADS} threads, {DELAY} ms: our rate / pywa's client"
    return [Figure(name, ours / theirs, "", 1.5, 3, "higher", note=note)]


def _theirs(here: World) -> float:
    """One client for all threads, as its guide shows it, with the connections that its client keeps by itself.

    A run in which it loses a connection of its own counts for nothing: the time-out would look like slowness.
    """
    broken = threading.Event()
    session = httpx.Client(transport=Rerouted(here.meta), trust_env=False, timeout=30)
    client = WhatsApp(phone_id=worlds.NUMBER_ID, token="access-token", session=session)
    wire_name = worlds.template(here.line).wire_name
    todo: SimpleQueue[int] = SimpleQueue()
    for number in range(COUNT):
        todo.put(number)

    def work() -> None:
        while True:
            try:
                number = todo.get_nowait()
            except Empty:
                return
            params = [
                BodyText.params(first_name=f"P{number}"),
                QuickReplyButton.params(callback_data=CONTINUE, index=0),
                QuickReplyButton.params(callback_data=FINISH, index=1),
            ]
            try:
                sent = client.send_template(f"+4915{number:09}", wire_name, TemplateLanguage.ENGLISH_US, params, tracker=str(number))
            except httpx.TransportError:
                broken.set()
                return
            assert sent.id

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0.0 if broken.is_set() else COUNT / (time.perf_counter() - started)
