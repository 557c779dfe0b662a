"""Start the simulator: ``python -m flowbuilder.simulator --port N --home DIR``."""

from __future__ import annotations

import argparse
import ipaddress
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from flowbuilder.simulator import clockwork, create_app, mailbox
from flowbuilder.simulator.server import make_server
from flowbuilder.simulator.settings import Settings
from flowbuilder.simulator.world import World

_SMTP_PORT = 8025


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. One process: when it is killed, all of it is."""
    parser = argparse.ArgumentParser(prog="flowbuilder simulator", description="Plays Meta's WhatsApp Cloud API, with virtual phones.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("SIMULATOR_PORT") or 8001), help="0 takes a free one")
    chosen = os.environ.get("SIMULATOR_SMTP_PORT")
    parser.add_argument("--smtp-port", type=int, default=int(chosen) if chosen else None, help="for mail; 8025 or a free one unless given")
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("FLOWBUILDER_HOME") or "var"))
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address; others are refused")
    options = parser.parse_args(arguments)
    if not _is_loopback(options.host):
        return _refuse(f"The simulator has no sign-in and serves this machine only: --host must be a loopback address, not {options.host}.")
    try:
        settings = Settings.from_env()
    except ValueError as error:
        return _refuse(str(error))
    app = create_app(options.home.absolute(), settings)
    try:
        server = make_server(options.host, options.port, app)
    except OSError:
        return _refuse(f"Port {options.port} is taken; choose another with --port or SIMULATOR_PORT.")
    try:
        close_mailbox = _open_mailbox(app.extensions["simulator"], options.host, options.smtp_port)
    except OSError:
        return _refuse(f"Port {options.smtp_port} is taken; choose another for mail with --smtp-port or SIMULATOR_SMTP_PORT.")
    stop = clockwork.start(app.extensions["simulator"])
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown).start())
    host = f"[{options.host}]" if ":" in options.host else options.host
    print(f"ready on http://{host}:{server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    close_mailbox()
    stop()
    return 0


def _open_mailbox(world: World, host: str, port: int | None) -> Callable[[], None]:
    if port is not None:
        return mailbox.start(world, host, port)
    try:
        return mailbox.start(world, host, _SMTP_PORT)
    except OSError:
        return mailbox.start(world, host, 0)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
