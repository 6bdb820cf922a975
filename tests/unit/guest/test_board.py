"""What processes share: the queue under contention and kills, and each field as its one writer left it."""

from __future__ import annotations

import itertools
import os
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.guest.penstock_board import BEGUN, DONE, NOBODY, OVER, UNTOUCHED, Board, Offer, Slot, Span


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "board"
    file.touch()
    return str(file)


def forked(work: Callable[[], None]) -> int:
    """The pid of a child that does `work`, and nothing of pytest's."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return pid


def taking(path: str, units: int, pipe: int, *, shortest: bool = False) -> None:
    """Take all that there is, and write down each unit at once, four bytes long."""
    board = Board(path, [1] * units, 4)
    while (unit := board.take(shortest=shortest)) != NOBODY:
        os.write(pipe, unit.to_bytes(4, "little"))


def read(pipe: int) -> list[int]:
    content = b""
    while part := os.read(pipe, 1 << 16):
        content += part
    os.close(pipe)
    return [int.from_bytes(content[at : at + 4], "little") for at in range(0, len(content), 4)]


def together(path: str, units: int, ends: tuple[bool, ...], kill: int = 0) -> list[list[int]]:
    """What each of several processes took. `kill`: so many of them are killed soon after their start."""
    Board(path, [1] * units, 4)
    pipes = [os.pipe() for _ in ends]
    pids = [
        forked(lambda end=end, pipe=pipe: taking(path, units, pipe[1], shortest=end))  # type: ignore[misc]
        for end, pipe in zip(ends, pipes, strict=True)
    ]
    for _, written in pipes:
        os.close(written)
    for number in range(kill):
        select.select([pipes[number][0]], [], [], 10)
        os.kill(pids[number], signal.SIGKILL)
    took = [read(pipe) for pipe, _ in pipes]
    for pid in pids:
        os.waitpid(pid, 0)
    return took


@pytest.mark.parametrize("count", [2, 3, 4])
def test_every_unit_is_taken_once_under_contention(path: str, count: int) -> None:
    took = together(path, 2000, (False,) * count)
    assert sorted(itertools.chain(*took)) == list(range(2000))
    assert all(each == sorted(each) for each in took)


def test_both_ends_meet_in_the_middle(path: str) -> None:
    front, back = together(path, 2000, (False, True))
    assert front == sorted(front)
    assert back == sorted(back, reverse=True)
    assert [*front, *reversed(back)] == list(range(2000))


def test_who_is_killed_while_taking_costs_its_last_unit_and_blocks_nobody(path: str) -> None:
    for _ in range(8):
        Path(path).write_bytes(b"")
        took = sorted(itertools.chain(*together(path, 600, (False, True, False, False), kill=2)))
        assert len(took) == len(set(took))
        assert len(took) >= 600 - 2


def test_who_is_killed_with_the_lock_in_hand_gives_it_back(path: str) -> None:
    board = Board(path, [1] * 5, 1)
    ready, told = os.pipe()

    def hold() -> None:
        own = Board(path, [1] * 5, 1)
        lock = own._lockf

        def stop(descriptor: int, what: int) -> None:
            lock(descriptor, what)
            os.write(told, b"x")
            time.sleep(60)

        own._lockf = stop  # type: ignore[assignment]
        own.take()

    pid = forked(hold)
    assert os.read(ready, 1) == b"x"
    waiter = forked(lambda: os._exit(20 + board.take()))
    time.sleep(0.05)
    assert os.waitpid(waiter, os.WNOHANG) == (0, 0), "nobody may take while another one does"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(os.waitpid(waiter, 0)[1]) == 20
    assert board.take() == 1
    os.close(ready)
    os.close(told)


numbers = st.integers(-2, 2**31 - 1)
counts = st.integers(0, 2**31 - 1)
seconds = st.floats(0, 1e9)
slots = st.builds(Slot, *[numbers] * 4, *[counts] * 3, *[seconds] * 4)


@given(st.lists(slots, min_size=1, max_size=4), st.sets(st.integers(0, 3)))
def test_slots_are_read_as_they_were_written_beside_each_other(
    tmp_path_factory: pytest.TempPathFactory, written: list[Slot], retired: set[int]
) -> None:
    file = tmp_path_factory.mktemp("board") / "board"
    file.touch()
    board, other = (Board(str(file), [1, 1, 1], 4) for _ in range(2))
    for number in retired:
        board.retire(number)
    for number, slot in enumerate(written):
        board.settle(number, slot)
    assert [other.slot(number) for number in range(len(written))] == written
    assert {number for number in range(4) if other.is_retired(number)} == retired
    assert [other.take() for _ in range(4)] == [0, 1, 2, NOBODY]
    assert other.states() == bytes(3)


def test_a_worker_that_has_not_begun_is_nowhere(path: str) -> None:
    board = Board(path, [1], 3)
    for number in range(3):
        slot = board.slot(number)
        assert (slot.current, slot.span, slot.following, slot.begun) == (NOBODY, NOBODY, NOBODY, 0)
        assert not board.is_retired(number)
    assert OVER != NOBODY


def test_what_became_of_tests_and_the_end_of_all_are_seen_by_everybody(path: str) -> None:
    board, other = Board(path, [3, 1], 2), Board(path, [3, 1], 2)
    assert (other.stopped, other.left) == (False, 2)
    other.mark(1, BEGUN)
    other.mark(3, DONE)
    other.take()
    board.stop()
    assert tuple(board.states()[:4]) == (UNTOUCHED, BEGUN, UNTOUCHED, DONE)
    assert (other.stopped, board.left) == (True, 1)


def test_a_queue_without_units_gives_none(path: str) -> None:
    board = Board(path, [], 1)
    assert board.take() == board.take(shortest=True) == NOBODY


def test_the_queue_survives_what_tests_do_to_descriptors_and_files(path: str) -> None:
    board = Board(path, [1] * 9, 1)
    os.close(board._descriptor)
    assert board.take() == 0
    os.dup2(os.open(os.devnull, os.O_RDONLY), board._descriptor)  # now it is something else's
    taken = board._descriptor
    assert board.take() == 1
    assert os.fstat(taken).st_rdev == Path(os.devnull).stat().st_rdev, "what is not ours is not closed"
    Path(path).unlink()
    assert board.take() == 2


def test_others_find_the_file_even_where_its_folder_was_emptied(path: str) -> None:
    board = Board(path, [1] * 9, 1)
    Path(path).unlink()
    other = Board(board.lasting_path, [1] * 9, 1)
    assert [board.take(), other.take(), board.take()] == [0, 1, 2]
    os.close(other._descriptor)
    assert other.take() == 3


def test_a_queue_that_cannot_be_locked_any_more_gives_nothing(path: str) -> None:
    board = Board(path, [1] * 9, 1)
    os.close(board._descriptor)
    Path(path).unlink()
    with pytest.raises(FileNotFoundError):
        board.take()
    Path(path).write_bytes(b"x" * 4096)
    with pytest.raises(FileNotFoundError):
        board.take()


# --- what one worker takes from another ------------------------------------------------------------------------------


def at(span: int, position: int, following: int = NOBODY) -> Slot:
    """A worker that runs its test at a position."""
    return Slot(0, span, position, following, 1, 0, 1)


def half(offers: list[Offer]) -> tuple[int, int] | None:
    """The later half of the largest offer."""
    largest = max(offers, key=lambda offer: offer.span.end - offer.first, default=None)
    if largest is None or largest.first >= largest.span.end:
        return None
    return largest.number, (largest.first + largest.span.end) // 2


def test_a_part_that_is_taken_over_ends_the_span_that_it_was_of(path: str) -> None:
    board = Board(path, [10, 4], 2)
    board.expect(2)
    board.settle(0, at(board.take(), 3))
    board.settle(1, at(board.take(), 2))
    new = board.take_over(half)
    assert (board.span(0), board.span(new)) == (Span(0, 0, 7), Span(0, 7, 10))
    newer = board.take_over(half)
    assert (board.span(0), board.span(newer)) == (Span(0, 0, 6), Span(0, 6, 7))
    assert board.span(1) == Span(1, 0, 4)


def test_the_running_test_and_the_next_one_stay(path: str) -> None:
    board = Board(path, [4, 3], 2)
    board.expect(1)
    board.settle(0, at(board.take(), 1, following=board.take()))
    assert board.has_offers
    seen: list[Offer] = []
    assert board.take_over(seen.extend) == NOBODY
    assert [(offer.number, offer.first) for offer in seen] == [(0, 3), (1, 2)]
    board.settle(0, at(0, 2, following=NOBODY))
    assert not board.has_offers


def test_nothing_is_offered_of_the_dead_and_of_those_that_have_not_begun(path: str) -> None:
    board = Board(path, [10, 10], 3)
    assert not board.has_offers
    board.expect(3)
    board.settle(1, at(board.take(), 0, following=board.take()))
    board.vacate(1)
    assert not board.has_offers
    assert (board.slot(1).current, board.slot(1).begun) == (0, 1)


def working(path: str, sizes: list[int], worker: int, pipe: int) -> None:
    """Do as a worker does, without tests: begin each under the lock when the queue is empty, and the first of a span in
    any case; and write it down.
    """
    board = Board(path, sizes, 4)
    begins = list(itertools.accumulate([0, *sizes]))
    span = board.take()
    while span != NOBODY:
        unit, place, end = board.span(span)
        ahead, begin = NOBODY, place
        while place < end:
            if board.left and place > begin:
                board.settle(worker, at(span, place, ahead))
                end = board.span(span).end
            else:
                with board.locked():
                    board.settle(worker, at(span, place, ahead))
                    end = board.span(span).end
            if place + 1 >= end and ahead == NOBODY:
                ahead = board.take()
                ahead = board.take_over(half) if ahead == NOBODY else ahead
                board.settle(worker, at(span, place, ahead))
            os.write(pipe, (begins[unit] + place).to_bytes(4, "little"))
            place += 1
            board.settle(worker, at(span, place, ahead)._replace(current=NOBODY))
        span = ahead


@pytest.mark.parametrize("sizes", [[4000], [1000, 10, 900, 1, 1], [1] * 50, [2] * 900])
def test_every_test_is_run_once_while_workers_take_from_each_other(path: str, sizes: list[int]) -> None:
    Board(path, sizes, 4).expect(4)
    pipes = [os.pipe() for _ in range(4)]
    pids = [
        forked(lambda number=number, pipe=pipe: working(path, sizes, number, pipe[1]))  # type: ignore[misc]
        for number, pipe in enumerate(pipes)
    ]
    for _, written in pipes:
        os.close(written)
    took = [read(pipe) for pipe, _ in pipes]
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 4
    assert sorted(itertools.chain(*took)) == list(range(sum(sizes)))


def test_a_refilled_queue_gives_these_spans_and_no_others(path: str) -> None:
    board = Board(path, [3, 2, 4], 4)
    while board.take() != NOBODY:
        pass
    spans = [Span(0, 1, 3), Span(2, 0, 1), Span(2, 3, 4)]
    board.refill(spans)
    assert board.left == 3
    assert [board.span(board.take()) for _ in spans] == spans
    assert board.take() == NOBODY
    holder = Slot(0, 1, 0, NOBODY, 1, 0, 0)
    board.refill([Span(0, 0, 3), Span(1, 0, 2)])
    assert [board.take(), board.take()] == [0, 1]
    board.expect(1)
    board.settle(0, holder._replace(span=0))
    assert board.span(board.take_over(lambda offers: (offers[0].number, 2))) == Span(0, 2, 3)
    assert board.span(1) == Span(1, 0, 2)
