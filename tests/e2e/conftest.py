"""Browsers in which somebody is signed in, and flows to open in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def enter(served: str, sign_in: Callable[..., FlaskClient]) -> Callable[..., str]:
    """Call it with a page and a role: that browser is signed in from then on. The address of the app is the answer."""

    def in_browser(page: Page, role: str = "designer") -> str:
        cookie = sign_in(role).get_cookie("flowbuilder")
        page.context.add_cookies([{"name": "flowbuilder", "value": cookie.value, "url": served}])
        return served

    return in_browser
