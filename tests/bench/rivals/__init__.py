"""What figures are compared with: React Flow draws the same graph, Node-RED holds the same conversation. Brought by npm."""

from __future__ import annotations

import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent


def install() -> Path:
    """The folder, with what npm brings in place."""
    if not (FOLDER / "node_modules/.package-lock.json").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=FOLDER, check=True)
    return FOLDER
