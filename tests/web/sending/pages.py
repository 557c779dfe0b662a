"""How tests fill in and read the pages of sending."""

from __future__ import annotations

import io
from pathlib import Path

from bs4 import BeautifulSoup

FILES = Path(__file__).parents[2] / "data" / "recipients"
HTMX = {"HX-Request": "true"}
CONTENT = {
    "name": "Order ready", "category": "UTILITY", "language": "en_US", "kind": "TEXT", "conversation": "NOTIFICATION",
    "body": "Hi {{first_name}}, your order {{order_number}} is ready.", "continue_option": "Continue", "finish_option": "Cancel",
    "variables": [{"name": "first_name", "example": "Ann"}, {"name": "order_number", "example": "A-17"}],
}  # fmt: skip


def page(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def words(node) -> str:
    return " ".join(node.get_text(" ").split())


def form(page: BeautifulSoup) -> dict[str, str]:
    form = page.select_one("#single form")
    return {field["name"]: field.get("value", "") for field in form.select("input[name]") if field.get("type") != "checkbox"}


def wish(page: BeautifulSoup, **changes: str) -> dict[str, str]:
    known = {"country": "DE", "phone": "01512 3456789", "value_first_name": "Ann", "value_order_number": "A-1", "opt_in": "1"}
    return {**form(page), **known, **changes}


def upload(client, address: str, name: str, content: bytes | None = None, **fields: str):
    content = (FILES / name).read_bytes() if content is None else content
    return client.post(address, data={**fields, "file": (io.BytesIO(content), name)}, content_type="multipart/form-data")
