"""What the worker's parent leaves to its lanes."""

from __future__ import annotations

import pytest
from flask import Flask

from flowbuilder import jobs, queue
from flowbuilder.services import outbound
from flowbuilder.services.sending import sweep


def test_the_sweep_leaves_asking_meta_to_a_job(redis_url: str, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(outbound, "is_overdue", lambda: True)
    monkeypatch.setattr(outbound, "refresh_overdue", lambda: asked.append(1))
    sweep._last.clear()
    sweep.sweep()
    assert asked == []
    assert queue.connection().llen("rq:queue:bulk") == 1
    jobs.refresh_reviews()
    assert asked == [1]
