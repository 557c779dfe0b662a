"""Two processes that send over one line share its rate."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PER_SECOND = 50
_TAKER = """
import sys, time
from flask import Flask
from flowbuilder.services.sending import rate

app = Flask("taker")
app.extensions["flowbuilder"] = type("Settings", (), {"redis_url": sys.argv[1]})
with app.app_context():
    end = time.time() + 3
    while time.time() < end:
        granted, wait = rate.take("lin_shared", int(sys.argv[2]), 5, bulk=sys.argv[3] == "bulk")
        for _ in range(granted):
            print(repr(time.time()))
        time.sleep(min(wait, 0.2))
"""


@pytest.mark.parametrize("second", ["bulk", "replies"])
def test_two_processes_together_never_send_faster_than_their_line_allows(redis_url: str, second: str) -> None:
    takers = [
        subprocess.Popen([sys.executable, "-c", _TAKER, redis_url, str(_PER_SECOND), lane], stdout=subprocess.PIPE, text=True)
        for lane in ("bulk", second)
    ]
    outputs = [taker.communicate(timeout=30)[0].split() for taker in takers]
    assert all(outputs), "one of them never had its turn"
    times = sorted(float(moment) for output in outputs for moment in output)
    fullest = max(sum(1 for moment in times[start:] if moment < first + 0.99) for start, first in enumerate(times))
    assert fullest <= _PER_SECOND
    assert len(times) >= 2 * _PER_SECOND, "the line could have taken far more"
