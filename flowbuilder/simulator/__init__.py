"""WhatsApp on your desk: a separate app that plays Meta's Cloud API over HTTP and shows virtual phones.

It is a second, independent reading of the contract: it shares no code with the rest of the product, so that a
misreading shows. All state lives in ``HOME/simulator.db``; a restart or a kill goes on where it was.

    graph_api  what clients call            sending    checks, limits and acceptance of messages
    reviewer   judges templates             network    webhooks out, and the statuses of messages
    phones     people and what they do      faults     what goes wrong, by seed
    ledger     what was really accepted     mailbox    mails that are sent to people
    provider   a provider of validations    web        the pages, and the control API for tests
"""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from flowbuilder.simulator.settings import Settings

_ROOT = Path(__file__).parent.parent.parent


def create_app(home: Path, settings: Settings) -> Flask:
    """The simulator as a WSGI app; its clockwork starts with :func:`flowbuilder.simulator.clockwork.start`."""
    from flowbuilder.simulator import graph_api, provider, web
    from flowbuilder.simulator.world import open_world

    app = Flask("simulator", root_path=str(_ROOT), static_folder="static", template_folder="templates")
    app.config.update(MAX_CONTENT_LENGTH=110 * 1024 * 1024, TRUSTED_HOSTS=["127.0.0.1", "localhost", "[::1]"])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["simulator"] = open_world(home, settings)
    graph_api.register(app)
    provider.register(app)
    web.register(app)
    return app
