"""Reading the pages of outbound messages as a browser would."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup

HTMX = {"HX-Request": "true"}


def soup(response: Any) -> BeautifulSoup:
    assert response.status_code < 500, response.text
    return BeautifulSoup(response.text, "html.parser")


def partial(page: BeautifulSoup, target: str) -> BeautifulSoup | None:
    return page.find("hx-partial", attrs={"hx-target": target})  # type: ignore[return-value]


def values(page: BeautifulSoup) -> dict[str, str]:
    """What a browser would send of the form, without the buttons."""
    form, found = page.find("form", id="ob-form"), {}
    for field in form.find_all(["input", "textarea", "select"]):
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            found[field["name"]] = chosen["value"] if chosen else ""
        elif field.get("type") not in ("radio", "checkbox") or field.has_attr("checked"):
            text = field.get_text().removeprefix("\n") if field.name == "textarea" else field.get("value", "")
            found[field["name"]] = text
    return found
