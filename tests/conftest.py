"""What every test may ask for; the parts live in ``tests/fixtures``, one file per thing that is started.

``FLOWBUILDER_TEST_DATABASE=postgresql`` runs every test that touches a database on a private PostgreSQL.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something of the machine, not of the code.
settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")

pytest_plugins = (
    "tests.fixtures.apps",
    "tests.fixtures.database",
    "tests.fixtures.people",
    "tests.fixtures.servers",
    "tests.fixtures.receiver",
    "tests.fixtures.program",
    "tests.fixtures.product",
    "tests.fixtures.browser",
    "tests.fixtures.network",
    "tests.fixtures.mail",
)

_STARTED_BY_FIXTURES = {"app": "database", "product": "process", "launch": "process", "redis_url": "queue", "browser": "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they start, so that ``-m database`` names all that run on both engines."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if mark := _STARTED_BY_FIXTURES.get(fixture):
                item.add_marker(mark)
