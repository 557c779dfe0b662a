"""axe-core as a judge of pages: it comes with ``npm ci`` in static/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.fixtures import missing

if TYPE_CHECKING:
    from playwright.sync_api import Page

_SCRIPT = Path(__file__).parents[2] / "static" / "node_modules" / "axe-core" / "axe.min.js"
_FOUND = """async () => (await axe.run()).violations.filter(v => ["serious", "critical"].includes(v.impact)).map(
    v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(" | "))"""


def serious(page: Page) -> list[str]:
    """What is serious or critical on the page, and whether it scrolls sideways."""
    if not _SCRIPT.exists():
        missing("axe-core (npm ci --prefix static)")
    page.evaluate(_SCRIPT.read_text(encoding="utf-8"))
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return page.evaluate(_FOUND) + (["scrolls sideways"] if wide else [])
