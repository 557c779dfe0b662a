"""Undo and redo as pure rules: what can be taken back, in which order, and only one's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.services.flows.stack import Stack, stack_of

Row = tuple[int, str, int | None]


class Worker:
    """Somebody's rows in the history, written as the service writes them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    @property
    def stack(self) -> Stack:
        return stack_of(self.rows)

    def act(self, kind: str, revision: int) -> None:
        waiting = self.stack.undo if kind == "undo" else self.stack.redo
        if kind == "do":
            self.rows.append((revision, "do", None))
        elif waiting:
            self.rows.append((revision, kind, waiting[0]))

    def go_to(self, target: int, revision: int) -> None:
        kind, way = self.stack.way_to(target)
        self.rows += [(revision + at, kind, one) for at, one in enumerate(way)]


KINDS = st.lists(st.sampled_from(["do", "do", "undo", "redo"]), max_size=30)


def worked(kinds: list[str]) -> Worker:
    worker = Worker()
    for revision, kind in enumerate(kinds, start=1):
        worker.act(kind, revision)
    return worker


@given(KINDS)
def test_every_change_can_be_taken_back_or_done_again_or_was_given_up_for_another(kinds: list[str]) -> None:
    stack = worked(kinds).stack

    assert not set(stack.undo) & set(stack.redo)
    assert list(stack.undo) == sorted(stack.undo, reverse=True)
    assert list(stack.redo) == sorted(stack.redo)


@given(KINDS)
def test_undoing_and_redoing_leaves_the_stack_as_it_was(kinds: list[str]) -> None:
    worker = worked(kinds)
    before = worker.stack
    if before.undo:
        worker.act("undo", 100)
        worker.act("redo", 101)

    assert (worker.stack.undo, worker.stack.redo) == (before.undo, before.redo)


@given(KINDS)
def test_a_new_change_gives_up_what_could_be_done_again(kinds: list[str]) -> None:
    worker = worked(kinds)
    worker.act("do", 100)

    assert worker.stack.redo == () and worker.stack.undo[0] == 100


@given(KINDS, st.data())
def test_going_to_a_change_makes_it_the_last_one_that_holds_and_coming_back_restores_all(kinds: list[str], data: st.DataObject) -> None:
    worker = worked(kinds)
    before = worker.stack
    known = [*before.undo, *before.redo]
    if not known:
        return
    target = data.draw(st.sampled_from(known))
    worker.go_to(target, 200)

    assert worker.stack.undo[0] == target
    assert sorted(worker.stack.undo + worker.stack.redo) == sorted(known)
    if before.undo:
        worker.go_to(before.undo[0], 300)
        assert (worker.stack.undo, worker.stack.redo) == (before.undo, before.redo)


@given(KINDS, st.integers(0, 40))
def test_going_to_a_moment_of_somebody_else_takes_back_only_what_came_after_it_and_to_a_change_that_was_given_up_nothing(
    kinds: list[str], moment: int
) -> None:
    worker = worked(kinds)
    before = worker.stack
    if moment in (*before.undo, *before.redo):
        return
    worker.go_to(moment, 200)

    if moment in {revision for revision, kind, _ in worker.rows if kind == "do"}:
        assert worker.stack == before
    else:
        assert all(one < moment for one in worker.stack.undo)
