"""``make bench``: runs every module of this folder that has ``run() -> list[Figure]``, or those named, and prints a table.

python -m tests.bench                 all
python -m tests.bench engine checks   some
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterable

import tests.bench
from tests.bench.figure import Figure

_WIDTHS = (78, 12, 10, 10)


def main(names: Iterable[str]) -> int:
    """1 when a figure is not reached or could not be measured."""
    runs = _runs()
    wanted = list(names) or list(runs)
    if unknown := [name for name in wanted if name not in runs]:
        print(f"There is no figure {', '.join(unknown)}; there are: {', '.join(runs)}.")
        return 2
    print(_row("figure", "measured", "must", "stretch"), "-" * (sum(_WIDTHS) + 3), sep="\n", flush=True)
    return int(not all([_measure(name, runs[name]) for name in wanted]))


def _runs() -> dict[str, Callable[[], list[Figure]]]:
    found = {}
    for module in pkgutil.iter_modules(tests.bench.__path__):
        if not module.name.startswith("_") and (run := getattr(importlib.import_module(f"tests.bench.{module.name}"), "run", None)):
            found[module.name] = run
    return found


def _measure(name: str, run: Callable[[], list[Figure]]) -> bool:
    try:
        figures = run()
    except Exception:
        traceback.print_exc()
        print(_row(f"{name}: could not be measured", "", "", ""), flush=True)
        return False
    for figure in figures:
        print(_described(figure), flush=True)
    return all(figure.is_reached for figure in figures)


def _described(figure: Figure) -> str:
    verdict = "stretch" if figure.is_stretched else "reached" if figure.is_reached else "MISSED"
    sign = "<=" if figure.better == "lower" else ">="
    row = _row(figure.name, f"{figure.ours:,.4g} {figure.unit}", f"{sign} {figure.must:g}", f"{sign} {figure.stretch:g}")
    return f"{row}  {verdict}" + (f"\n    {figure.note}" if figure.note else "")


def _row(*cells: str) -> str:
    first, *others = cells
    return " ".join([first.ljust(_WIDTHS[0]), *(cell.rjust(width) for cell, width in zip(others, _WIDTHS[1:], strict=True))])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
