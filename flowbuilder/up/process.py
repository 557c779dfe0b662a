"""One child process: forked from the warm supervisor, in a group of its own, and never outliving who started it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15


def fork(name: str, run: Callable[[], object], log: Path) -> int:
    """Start ``run`` in a child whose output goes to ``log``; the child's pid. ``name`` is what ``ps`` and ``top`` show.

    Forking shares what is loaded already: a restart takes no imports, and four processes need the
    memory of little more than one. Call it from the main thread, and only while there is no other.
    """
    gc.collect()
    gc.freeze()
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if not pid:
        _be_child(name, run, parent, log)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    return pid


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends, however that happens."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def send(group: int, number: signal.Signals) -> None:
    """Signal a child and all that it started; whoever is gone already is left in peace."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def is_left(group: int) -> bool:
    """Whether a group still has a living member."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _be_child(name: str, run: Callable[[], object], parent: int, log: Path) -> NoReturn:
    code = 1
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        die_with_parent()
        _prctl(_PR_SET_NAME, f"flow:{name}".encode())
        _reset(log)
        if os.getppid() == parent:
            run()
            code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _prctl(option: int, value: int | bytes) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def _reset(log: Path) -> None:
    """What the supervisor arranged for itself must not reach a child."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)
    os.close(output)
