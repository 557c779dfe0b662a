"""The form of an outbound message, by what stands on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Form:
    """The form of **Create new message**, by what stands on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.text = page.get_by_label("Enter the message")
        self.preview = page.get_by_role("complementary", name="Preview")
        self.verdict = page.locator("#review").get_by_role("status")

    def open(self) -> Form:
        self.page.goto(f"{self.url}/outbound")
        self.page.get_by_role("link", name="Create new message").first.click()
        self.page.get_by_label("Outbound name").wait_for()
        return self

    def choose(self, label: str) -> None:
        self.page.get_by_role("radio", name=re.compile(f"^{label}")).check()

    def write(self, name: str, text: str, **words: str) -> None:
        self.page.get_by_label("Outbound name").fill(name)
        self.text.fill(text)
        for word, example in words.items():
            self.page.get_by_label(f"Example for {word}").fill(example)
        self.saved()

    def saved(self) -> None:
        """Wait until the server has all that was typed."""
        self.page.wait_for_selector('#ob-saved[data-state="saved"]')

    def fault(self, field: str) -> str:
        return f'[data-field="{field}"] > .field-error'

    def says(self, field: str, words: str) -> None:
        expect(self.page.locator(self.fault(field))).to_contain_text(words)

    def submit(self) -> None:
        self.page.get_by_text("Ready to be submitted: it keeps every rule that can be checked here.").wait_for()
        self.page.get_by_role("button", name="Send to revision").click()
        self.verdict.wait_for()
