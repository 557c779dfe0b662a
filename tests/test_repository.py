"""What is committed speaks of the product alone, and starts anywhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FOREIGN = re.compile(
    r"/wor[k]/|/tm[p]/|/roo[t]/|/hom[e]/\w+/|https?://(registry|files|deb|pypi)\.|index-ur[l]|find-link[s]"
    r"|TOD[O]\b|FIXM[E]\b|NotImplementedErro[r]"
)
_TEXT = {".py", ".html", ".css", ".js", ".mjs", ".json", ".md", ".toml", ".yaml", ".ini", ".mako", ".txt", ".csv", ""}


def _tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_file_names_one_machine_or_unfinished_work() -> None:
    found = []
    for path in _tracked():
        if path.suffix not in _TEXT:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if match := _FOREIGN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match.group()}")
    assert found == []


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "static/package-lock.json").read_text()


def test_nothing_that_is_made_is_committed() -> None:
    made = re.compile(r"(^|/)(static/vendor|node_modules|var|__pycache__|[^/]+\.egg-info)/|\.(db|sqlite3?|log|sock|pyc)$")
    assert [str(path.relative_to(ROOT)) for path in _tracked() if made.search(str(path.relative_to(ROOT)))] == []


def test_the_guard_runs_all_tests() -> None:
    guard = ROOT / ".ci/run"
    assert guard.stat().st_mode & 0o111
    assert "make test" in guard.read_text()
