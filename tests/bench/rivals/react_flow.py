"""A flow of ours as a page of React Flow: the same places, texts and ways out, one bundle, the graph in the page."""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfile
from typing import Any

from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS, ports
from tests.bench import rivals

STATIC = Path(__file__).parents[3] / "static"
STYLES = ("css/tokens.css", "css/base.css", "css/canvas.css", "css/steps.css")
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>React Flow</title><link rel="stylesheet" href="canvas.css">{styles}
<style>html, body, #root {{ height: 100%; margin: 0; }} .step {{ position: relative; }}
.port-row {{ position: relative; height: 28px; padding: 0 16px 0 12px; font-size: 0.8125rem; line-height: 28px; text-align: end; }}</style>
<script type="application/json" id="graph">{graph}</script><script src="canvas.js" defer></script></head>
<body><div id="root"></div></body>
</html>"""


@contextmanager
def served(flow: Flow) -> Iterator[str]:
    """The address of the page, while it is served."""
    folder = rivals.install()
    with tempfile.TemporaryDirectory() as home:
        bundle = [str(folder / "node_modules/.bin/esbuild"), str(folder / "canvas.js"), "--bundle", "--minify", "--log-level=error"]
        subprocess.run([*bundle, '--define:process.env.NODE_ENV="production"', f"--outfile={home}/canvas.js"], check=True)
        copyfile(folder / "node_modules/@xyflow/react/dist/style.css", f"{home}/canvas.css")
        for style in STYLES:
            copyfile(STATIC / style, Path(home, Path(style).name.replace("canvas", "ours")))
        links = "".join(f'<link rel="stylesheet" href="{Path(style).name.replace("canvas", "ours")}">' for style in STYLES)
        Path(home, "index.html").write_text(_PAGE.format(styles=links, graph=json.dumps(_graph(flow)).replace("<", "\\u003c")))
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=home))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/index.html"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


def _graph(flow: Flow) -> dict[str, Any]:
    nodes = []
    for id, node in flow.nodes.items():
        x, y = flow.layout[id]
        out = [{"id": port.id, "label": port.label} for port in ports(node)]
        data = {"kind": node.kind, "label": KINDS[node.kind].label, "text": escape(node.data.get("text", "")), "ports": out}
        nodes.append({"id": id, "type": "step", "position": {"x": x, "y": y}, "data": data})
    edges = [
        {"id": f"{edge.source} {edge.port}", "source": edge.source, "sourceHandle": edge.port, "target": edge.target}
        for edge in flow.connections()
    ]
    return {"nodes": nodes, "edges": edges}
