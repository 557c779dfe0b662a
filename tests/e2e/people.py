"""The people of the main job, each in a browser of their own: what they do by the labels that they read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

BODY = "Hello , your order  is ready. Shall we go through the delivery together?"

_DOT = """el => {
  if (!el.matches(".step .port")) return undefined;
  const { width, height } = el.getBoundingClientRect();
  return { x: width - 1, y: height - 14 * flowCanvas.viewport.k };
}"""
"""Where a thing is taken by the mouse: a port by its dot."""


class Designer:
    """Draws a flow and writes its initial message."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def create_flow(self, name: str) -> str:
        self.page.goto(f"{self.url}/flows")
        self.page.get_by_role("button", name="Create new flow").first.click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_role("button", name="Create flow").click()
        self.page.wait_for_selector("[data-canvas][data-ready]")
        return self.page.url.rsplit("/", 1)[1]

    def write_initial_message(self, name: str) -> None:
        """The message with two customizable words and both options."""
        self.step("You send it").click()
        self.page.get_by_role("button", name="Create initial message").click()
        self.page.get_by_label("Outbound name").fill(name)
        self.page.get_by_role("radio", name=re.compile("^Utility")).check()
        self.page.get_by_label("Enter the message").fill(BODY)
        self.insert_word("order_number", "A-1000", at=BODY.index(" is ready"))
        self.insert_word("first_name", "Ann", at=BODY.index(","))
        self.page.get_by_label("Option for continuing conversation").fill("Continue")
        self.page.get_by_label("Option for finishing conversation").fill("Cancel")

    def add_actions(self) -> None:
        """A header, a footer, a link and a call."""
        self.page.get_by_label(re.compile("^Header text")).fill("Order ready")
        self.page.get_by_label(re.compile("^Footer")).fill("Example shop")
        self.page.get_by_role("button", name="Link", exact=True).click()
        link = self.page.get_by_role("group", name="Link")
        link.get_by_label("Label of the button").fill("Track it")
        link.get_by_label("Address to open").fill("https://shop.example/orders")
        self.page.get_by_role("button", name="Call", exact=True).click()
        call = self.page.get_by_role("group", name="Call")
        call.get_by_label("Label of the button").fill("Call us")
        call.get_by_label("Phone number to call").fill("+49 30 901820")

    def insert_word(self, name: str, example: str, at: int) -> None:
        """Put the caret there and insert a customizable word."""
        self.page.get_by_label("Enter the message").evaluate("(field, at) => field.setSelectionRange(at, at)", at)
        self.page.get_by_role("button", name="Insert customizable word").click()
        dialog = self.page.get_by_role("dialog", name="Insert customizable word")
        dialog.get_by_label("Name of the word").fill(name)
        dialog.get_by_label("Example").fill(example)
        dialog.get_by_role("button", name="Insert", exact=True).click()
        self.page.get_by_label(f"Example for {name}").wait_for()

    def submit_for_review(self) -> None:
        self.page.get_by_text("Ready to be submitted: it keeps every rule that can be checked here.").wait_for()
        self.page.get_by_role("button", name="Submit message for review").click()

    def publish(self) -> None:
        self.page.get_by_role("button", name="Publish").click()
        self.page.get_by_role("button", name="Publish version 1").click()
        self.page.get_by_role("heading", name="Version 1 is published").wait_for()

    def publish_small_flow(self) -> str:
        """A flow of two typed questions and an end, with its message approved, published; its id."""
        flow = self.create_flow("Order feedback")
        self.write_initial_message("Order ready")
        self.submit_for_review()
        self.page.get_by_text("Message approved by Meta").wait_for(timeout=20_000)
        for question, variable in (("What was good?", "good"), ("What was bad?", "bad")):
            self.add("Open question")
            self.say("Question", question)
            self.say("Keep the answer as", variable)
        self.add("Finish")
        self.say("Closing text", "All noted, {{first_name}}.")
        for at in (0, 1):
            self.open_panel(self.page.locator(".step.step-open_question").nth(at))
            self.wire_all("Finish")
        self.publish()
        return flow

    def step(self, label: str) -> Locator:
        return self.page.locator(".step", has=self.page.get_by_text(label, exact=True)).last

    def add(self, label: str) -> None:
        """A step from the palette by click: it is selected, and connected to the step that was."""
        self._new_step(lambda: self._tile(label).click())

    def drop(self, label: str, at: tuple[float, float]) -> None:
        """A step dragged from the palette to a place on the canvas."""
        self._new_step(lambda: self.drag(self._tile(label), at))

    def _tile(self, label: str) -> Locator:
        return self.page.get_by_role("toolbar", name="Steps to add").get_by_role("button", name=label, exact=True)

    def _new_step(self, gesture: Callable[[], None]) -> None:
        before = self._step_ids()
        gesture()
        self.page.wait_for_function(f"() => document.querySelectorAll('.step[data-id]').length === {len(before) + 1}")
        self.saved()
        (new,) = self._step_ids() - before
        self.page.locator(f'[data-step-form="{new}"]').wait_for()

    def _step_ids(self) -> set[str]:
        return set(self.page.locator(".step[data-id]").evaluate_all("steps => steps.map(step => step.dataset.id)"))

    def open_panel(self, step: Locator) -> None:
        """Select a step and wait until the panel speaks of it."""
        self.page.get_by_role("button", name="Fit", exact=True).click()
        step.locator(".step-head").click()
        self.page.locator(f'[data-step-form="{step.get_attribute("data-id")}"]').wait_for()

    def say(self, label: str, text: str) -> None:
        self.page.locator("[data-step-form]").get_by_role("textbox", name=re.compile(f"^{label}")).fill(text)
        self.saved()

    def answers(self, *titles: str) -> None:
        """Fill in the answers of the selected step, adding as many as are missing."""
        fields = self.page.get_by_label("Answer", exact=True)
        while fields.count() < len(titles):
            self.page.get_by_role("button", name="Add answer").click()
        for at, title in enumerate(titles):
            fields.nth(at).fill(title)
        self.saved()

    def drag(self, source: Locator, target: tuple[float, float] | Locator) -> None:
        """Press on one thing, once it lies still, and let go over another or over a place."""
        source.hover(position=source.evaluate(_DOT))
        self.page.mouse.down()
        if not isinstance(target, tuple):
            box = target.bounding_box()
            assert box
            target = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(*target, steps=8)
        self.page.mouse.up()

    def wire_all(self, target: str) -> None:
        """Connect every answer of the selected step that leads nowhere yet, by the selects in its panel; silence ends by itself."""
        panel = self.page.locator("[data-step-form]")
        panel.locator("[data-goes] option").first.wait_for(state="attached")
        for select in panel.locator("[data-goes]:not([data-goes=no_reply])").all():
            if select.input_value():
                continue
            there = select.locator("option:not([value^='new '])", has_text=target).last
            select.select_option(there.get_attribute("value"))
            self.saved()

    def saved(self) -> None:
        self.page.wait_for_selector('[data-saved][data-state="saved"]')


class Tester:
    """Sends to one phone or to a file of them, through either of the two doors."""

    __test__ = False

    def __init__(self, page: Page, door: str) -> None:
        self.page, self.door = page, door

    def send_one(self, country: str, phone: str, **words: str) -> None:
        self.page.goto(self.door)
        self.fill_one(country, phone, **words)

    def fill_one(self, country: str, phone: str, **words: str) -> None:
        self.page.get_by_label("Country").select_option(country)
        self.page.get_by_label("Phone number").fill(phone)
        for name, value in words.items():
            self.page.get_by_label(name).fill(value)
        self.page.get_by_label("This person agreed to get messages from us").check()
        self.page.get_by_role("button", name="Send message").click()

    def upload(self, file: Path, flow: str = "") -> None:
        """Bring a file in and wait until it has been read; ``flow`` is the one to start, where the page asks for it."""
        self.page.goto(self.door)
        self.page.get_by_role("link", name=re.compile("^Batch")).click()
        if flow:
            self.page.get_by_label("Or paste its flow ID").fill(flow)
        self.page.locator('input[type="file"]').set_input_files(file)
        self.page.get_by_role("button", name="Upload file").click()
        self.page.get_by_role("button", name="Start sending").wait_for(timeout=30_000)

    def start(self) -> None:
        self.page.get_by_label("These people agreed to get messages from us").check()
        self.page.get_by_role("button", name="Start sending").click()
        self.page.get_by_role("progressbar", name="Progress").wait_for()

    def awaits(self, count: str, number: str, within: float = 60) -> None:
        """Wait, without a reload, until the funnel shows this number."""
        self.page.locator(f'[data-count="{count}"] dd', has_text=re.compile(f"^{number}")).wait_for(timeout=within * 1000)


class VirtualPhone:
    """A customer's phone on the simulator's page."""

    def __init__(self, page: Page, simulator_url: str, number: str) -> None:
        self.page = page
        page.goto(simulator_url)
        page.get_by_label("Open a phone").fill(number)
        page.get_by_role("button", name="Open", exact=True).click()
        self.messages = page.get_by_role("list", name="Messages")

    def reads(self, text: str) -> None:
        self.messages.get_by_text(text).last.wait_for()

    def tap(self, label: str) -> None:
        self.messages.get_by_role("button", name=label).last.click()

    def pick(self, opener: str, row: str) -> None:
        """Open the list of the last message and choose a row of it."""
        self.messages.locator("summary", has_text=opener).last.click()
        self.messages.get_by_role("button", name=row).last.click()

    def types(self, text: str) -> None:
        self.page.get_by_label("Message", exact=True).fill(text)
        self.page.get_by_role("button", name="Send", exact=True).click()

    def attach(self, kind: str, name: str, data: bytes, mime: str, *, caption: str = "") -> None:
        """Send a file as this kind of message."""
        self.page.get_by_label("Attach", exact=True).click()
        self.page.get_by_label("Send as").select_option(kind)
        self.page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": mime, "buffer": data})
        self.page.get_by_label("Caption").fill(caption)
        with self.page.expect_response("**/attach"):
            self.page.get_by_role("button", name="Send the file").click()
