"""FlowBuilder: draw WhatsApp conversations, prove them, try them and run them."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from flowbuilder.config import Config

_ROOT = Path(__file__).parent.parent
_CONNECTIONS = 20
"""More than the web server has threads, so that none waits for another's; they are opened only when needed."""


def create_app(config: Config | None = None) -> Flask:
    """Put the house together; the only place that does, and nothing is created at import.

    The folder is the layer, the file name is the area (accounts, outbound, sending, flows, conversations, contacts, inbound,
    outgoing, api)::

        core        thinks      pure values and rules
        whatsapp    speaks      Meta's JSON and HTTP
        outside     reaches     addresses that people gave us
        store       remembers   tables and queries
        services    acts        one verb = one transaction
        web jobs cli  listen    the three doors
        simulator   plays Meta  its own app; imports nothing of ours
    """
    from flowbuilder import web
    from flowbuilder.store import db

    config = config or Config.from_env()
    app = Flask("flowbuilder", root_path=str(_ROOT), static_folder=None, template_folder="templates")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": _CONNECTIONS, "pool_pre_ping": not config.database_url.startswith("sqlite")},
        TESTING=config.testing,
    )
    app.extensions["flowbuilder"] = config
    db.init_app(app)
    web.register(app)
    return app
