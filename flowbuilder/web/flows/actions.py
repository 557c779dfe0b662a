"""Everything that can be done on the canvas, once: its name, its words and its keys.

The list under `?`, the tooltips, the command palette and the keyboard itself are all made from this table; what each action does is in
``static/js/canvas/actions.js`` under the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from flowbuilder.store.accounts import Role

CANVAS, OUTLINE, BOTH = "canvas", "outline", "both"


@dataclass(frozen=True, slots=True)
class Action:
    """``keys`` are written as ``Mod+Shift+Z``; Mod is Ctrl, or Command on a Mac. ``when`` says what must be selected for the keys to
    mean this, on the canvas: step, nothing; ``canvas`` for keys that elsewhere on the page mean something else; ``selected`` for a
    step that is selected wherever the focus is. ``page`` is where it can be done.
    """

    name: str
    label: str
    keys: tuple[str, ...]
    group: str
    when: str = ""
    role: Role = Role.VIEWER
    page: str = CANVAS

    @property
    def shown(self) -> str:
        """The first key as it stands on a keyboard."""
        return _shown(self.keys[0])

    @property
    def all_shown(self) -> list[str]:
        return [_shown(key) for key in self.keys]


def _shown(key: str) -> str:
    parts = ["+"] if key == "+" else key.split("+")
    return " ".join(_CAPS.get(part, part) for part in parts)


_CAPS = {
    "Mod": "Ctrl", "ArrowLeft": "←", "ArrowRight": "→", "ArrowUp": "↑", "ArrowDown": "↓", "Escape": "Esc",
}  # fmt: skip

DESIGNER = Role.DESIGNER
STEPS, ARRANGE, CONNECTIONS, EDITING, FLOW, VIEW = "Steps", "Arrange", "Connections", "Editing", "Flow", "View"

ACTIONS = (
    Action("add", "Add a step", ("N",), STEPS, role=DESIGNER, page=BOTH),
    Action("search", "Find a step", ("Mod+F", "/"), STEPS),
    Action("next", "Select the next step", (".",), STEPS),
    Action("previous", "Select the previous step", (",",), STEPS),
    Action("step-left", "Select the left step; Shift adds it", ("Mod+ArrowLeft", "Mod+Shift+ArrowLeft"), STEPS),
    Action("step-right", "Select the right step", ("Mod+ArrowRight", "Mod+Shift+ArrowRight"), STEPS),
    Action("step-up", "Select the upper step", ("Mod+ArrowUp", "Mod+Shift+ArrowUp"), STEPS),
    Action("step-down", "Select the lower step", ("Mod+ArrowDown", "Mod+Shift+ArrowDown"), STEPS),
    Action("edit", "Go to the panel of the step", ("E",), STEPS, when="selected", page=BOTH),
    Action("comment", "Comment on the step", ("K",), STEPS, when="selected", role=Role.TESTER, page=BOTH),
    Action("reply", "Answer the step's comment", ("Shift+K",), STEPS, when="selected", role=Role.TESTER, page=BOTH),
    Action("resolve", "Resolve the step's comment", ("Alt+K",), STEPS, when="selected", role=Role.TESTER, page=BOTH),
    Action("select-all", "Select all", ("Mod+A",), STEPS),
    Action("select-none", "Select nothing", ("Escape",), STEPS, when="canvas"),
    Action("left", "Move left; with Shift, further", ("ArrowLeft", "Shift+ArrowLeft"), ARRANGE, role=DESIGNER, when="step"),
    Action("right", "Move right", ("ArrowRight", "Shift+ArrowRight"), ARRANGE, role=DESIGNER, when="step"),
    Action("up", "Move up", ("ArrowUp", "Shift+ArrowUp"), ARRANGE, role=DESIGNER, when="step"),
    Action("down", "Move down", ("ArrowDown", "Shift+ArrowDown"), ARRANGE, role=DESIGNER, when="step"),
    Action("note-wider", "Make the note wider", ("Alt+Shift+ArrowRight",), ARRANGE, role=DESIGNER, when="step"),
    Action("note-narrower", "Make the note narrower", ("Alt+Shift+ArrowLeft",), ARRANGE, role=DESIGNER, when="step"),
    Action("note-taller", "Make the note taller", ("Alt+Shift+ArrowDown",), ARRANGE, role=DESIGNER, when="step"),
    Action("note-shorter", "Make the note shorter", ("Alt+Shift+ArrowUp",), ARRANGE, role=DESIGNER, when="step"),
    Action("align-left", "Align left edges", ("Alt+A",), ARRANGE, role=DESIGNER),
    Action("align-centre", "Align centres", ("Alt+H",), ARRANGE, role=DESIGNER),
    Action("align-right", "Align right edges", ("Alt+D",), ARRANGE, role=DESIGNER),
    Action("align-top", "Align top edges", ("Alt+W",), ARRANGE, role=DESIGNER),
    Action("align-middle", "Align middles", ("Alt+V",), ARRANGE, role=DESIGNER),
    Action("align-bottom", "Align bottom edges", ("Alt+S",), ARRANGE, role=DESIGNER),
    Action("distribute-across", "Same gaps from left to right", ("Alt+Shift+H",), ARRANGE, role=DESIGNER),
    Action("distribute-down", "Same gaps from top to bottom", ("Alt+Shift+V",), ARRANGE, role=DESIGNER),
    Action("tidy", "Tidy up the whole flow", ("T",), ARRANGE, role=DESIGNER),
    Action("tidy-selection", "Tidy up what is selected", ("Shift+T",), ARRANGE, role=DESIGNER),
    Action("connect", "Connect the step, or lead the connection elsewhere", ("L",), CONNECTIONS, role=DESIGNER),
    Action("next-connection", "Pick the next connection", ("]",), CONNECTIONS, role=DESIGNER),
    Action("previous-connection", "Pick the previous connection", ("[",), CONNECTIONS, role=DESIGNER),
    Action("undo", "Undo", ("Mod+Z",), EDITING, role=DESIGNER, page=BOTH),
    Action("redo", "Redo", ("Mod+Shift+Z", "Mod+Y"), EDITING, role=DESIGNER, page=BOTH),
    Action("copy", "Copy", ("Mod+C",), EDITING, page=BOTH),
    Action("cut", "Cut", ("Mod+X",), EDITING, role=DESIGNER, page=BOTH),
    Action("paste", "Paste, also from another flow", ("Mod+V",), EDITING, role=DESIGNER, page=BOTH),
    Action("duplicate", "Duplicate", ("Mod+D",), EDITING, role=DESIGNER, page=BOTH),
    Action("delete", "Delete the steps or the connection", ("Delete", "Backspace"), EDITING, role=DESIGNER, when="canvas", page=BOTH),
    Action("commands", "Do anything by its name", ("Mod+K",), FLOW),
    Action("checks", "Checks", ("C",), FLOW, page=BOTH),
    Action("next-problem", "Go to the next problem", ("F8",), FLOW, page=BOTH),
    Action("previous-problem", "Go to the problem before", ("Shift+F8",), FLOW, page=BOTH),
    Action("history", "History", ("H",), FLOW, page=BOTH),
    Action("outline", "Outline: the flow as a list", ("O",), FLOW),
    Action("canvas", "Canvas: the flow as it is drawn", ("O",), FLOW, page=OUTLINE),
    Action("versions", "Versions: compare, restore", ("V",), FLOW, page=BOTH),
    Action("rename", "Rename the flow", ("F2",), FLOW, role=DESIGNER, page=BOTH),
    Action("export", "Export the flow as a file", ("X",), FLOW, page=BOTH),
    Action("flows", "My flows", ("G",), FLOW, page=BOTH),
    Action("settings", "Flow settings", ("S",), FLOW, page=BOTH),
    Action("try", "Test conversation", ("R",), FLOW, role=Role.TESTER, page=BOTH),
    Action("publish", "Publish", ("P",), FLOW, role=DESIGNER, page=BOTH),
    Action("help", "Keys", ("?",), FLOW, page=BOTH),
    Action("fit", "Fit the whole flow", ("F", "1"), VIEW),
    Action("fit-selection", "Fit what is selected", ("2",), VIEW),
    Action("zoom-in", "Zoom in", ("+", "="), VIEW),
    Action("zoom-out", "Zoom out", ("-",), VIEW),
    Action("zoom-one", "100%", ("0",), VIEW),
    Action("pan-left", "Look further left", ("ArrowLeft", "Shift+ArrowLeft"), VIEW, when="nothing"),
    Action("pan-right", "Look further right", ("ArrowRight", "Shift+ArrowRight"), VIEW, when="nothing"),
    Action("pan-up", "Look further up", ("ArrowUp", "Shift+ArrowUp"), VIEW, when="nothing"),
    Action("pan-down", "Look further down", ("ArrowDown", "Shift+ArrowDown"), VIEW, when="nothing"),
    Action("minimap", "Small map", ("M",), VIEW),
)

BY_NAME = {action.name: action for action in ACTIONS}


def in_groups(page: str) -> list[tuple[str, list[Action]]]:
    here = [one for one in ACTIONS if one.page in (page, BOTH)]
    return [(group, list(found)) for group, found in groupby(here, key=lambda one: one.group)]
