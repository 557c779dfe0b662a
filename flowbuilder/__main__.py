"""``python -m flowbuilder``: the command line without its script."""

from __future__ import annotations

from flowbuilder.cli import main

if __name__ == "__main__":
    main(prog_name="flowbuilder")
