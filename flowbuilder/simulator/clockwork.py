"""What happens without being asked.

Three threads do it. The *beat* moves messages (sent, delivered, read) and decides reviews when they are due; the *postman*
carries what there is to tell, and the *courier* the results of validations. All find their work in the database, so a
restart goes on where the last one stopped.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable

from flowbuilder.simulator.network import postman, statuses
from flowbuilder.simulator.provider import courier
from flowbuilder.simulator.reviewer import decisions
from flowbuilder.simulator.world import World


def start(world: World) -> Callable[[], None]:
    """Start the threads; the answer stops them and waits for what they are doing."""
    threads = [
        threading.Thread(target=_run, args=(world, _beat), name="beat", daemon=True),
        threading.Thread(target=_run, args=(world, postman.carry), name="postman", daemon=True),
        threading.Thread(target=_run, args=(world, courier.carry), name="courier", daemon=True),
    ]
    for thread in threads:
        thread.start()

    def stop() -> None:
        world.stopping.set()
        world.more_due.set()
        world.more_news.set()
        world.more_results.set()
        for thread in threads:
            thread.join(timeout=12)

    return stop


def _beat(world: World) -> None:
    """Do what is due, then sleep until the next thing is, or something new comes."""
    while not world.stopping.is_set():
        world.more_due.clear()
        moved = statuses.move_due(world) + decisions.decide_due(world)
        if not moved:
            world.more_due.wait(timeout=statuses.pause(world))


def _run(world: World, work: Callable[[World], None]) -> None:
    """Keep a thread's work going whatever happens to one round of it."""
    while not world.stopping.is_set():
        try:
            work(world)
        except Exception:
            if world.stopping.is_set():
                return
            traceback.print_exc(file=sys.stderr)
            world.stopping.wait(0.5)
