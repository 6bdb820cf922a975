"""The processors that a run has to spare: what the supervisor writes, and what test sessions may claim of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.guest.penstock_pool import Pool
from penstock.run.spare import Spare


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spare"


class Claimer:
    """Another session, in a process of its own: claims all that it can get."""

    def __init__(self, path: Path) -> None:
        heard, told = os.pipe()
        self._asked, self._ask = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self._ask)  # so that it sees the end
                pool = Pool(str(path))
                while os.read(self._asked, 1):
                    os.write(told, b"." if (claim := pool.claim()) is None else bytes([48 + claim]))
                os._exit(0)
            finally:
                os._exit(1)
        os.close(told)
        os.close(self._asked)
        self._heard = heard

    def claim(self) -> int | None:
        os.write(self._ask, b"?")
        answer = os.read(self._heard, 1)
        return None if answer == b"." else answer[0] - 48

    def end(self, how: Callable[[int], None] | None = None) -> None:
        if self.pid:
            if how is not None:
                how(self.pid)
            os.close(self._ask)
            os.close(self._heard)
            os.waitpid(self.pid, 0)
            self.pid = 0


@pytest.fixture
def other(path: Path) -> Iterator[Claimer]:
    Spare(path, 4).offer(3)
    claimer = Claimer(path)
    yield claimer
    claimer.end()


def claims(pool: Pool) -> list[int]:
    return list(iter(pool.claim, None))


def test_a_session_claims_what_is_to_spare_and_no_more(path: Path) -> None:
    Spare(path, 8).offer(3)
    pool = Pool(str(path))
    assert pool.cpus == 8
    assert claims(pool) == [0, 1, 2]
    pool.release(1)
    assert claims(pool) == [1]
    pool.release(7)  # never claimed
    assert claims(pool) == []


def test_two_sessions_never_claim_the_same(path: Path, other: Claimer) -> None:
    pool = Pool(str(path))
    assert [pool.claim(), other.claim(), pool.claim(), other.claim(), pool.claim()] == [0, 1, 2, None, None]
    pool.release(0)
    assert other.claim() == 0
    assert pool.claim() is None


@pytest.mark.parametrize("how", [None, lambda pid: os.kill(pid, signal.SIGKILL)], ids=["left", "killed"])
def test_a_session_that_ends_gives_back_all_that_it_had(
    path: Path, other: Claimer, how: Callable[[int], None] | None
) -> None:
    pool = Pool(str(path))
    assert (other.claim(), other.claim(), pool.claim()) == (0, 1, 2)
    other.end(how)
    assert claims(pool) == [0, 1]


def test_what_a_job_waits_for_is_wanted_back(path: Path) -> None:
    spare, pool = Spare(path, 4), None
    spare.offer(3)
    pool = Pool(str(path))
    assert claims(pool) == [0, 1, 2]
    assert [pool.is_wanted_back(number) for number in range(3)] == [False, False, False]
    spare.offer(1)
    assert [pool.is_wanted_back(number) for number in range(3)] == [False, True, True]
    pool.release(2)
    assert pool.claim() is None
    spare.offer(0)
    assert pool.is_wanted_back(0)
    spare.offer(4)
    assert claims(pool) == [2, 3]


@given(content=st.binary(max_size=12))
def test_no_file_offers_more_than_a_machine_has(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("pool") / "spare"
    path.write_bytes(content)
    pool = Pool(str(path))
    assert 0 <= pool.cpus <= 4096
    if len(content) < 8:
        assert (pool.cpus, pool.claim()) == (1, None)


@pytest.mark.parametrize("content", [b"", b"\4\0\0\0", b"garbage!", b"\2\0\0\0\3\0\0\0", b"\xff" * 8])
def test_a_short_or_senseless_file_offers_nothing(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    pool = Pool(str(path))
    assert (pool.cpus, pool.claim()) == (1, None)
    assert pool.is_wanted_back(0)


def test_a_file_that_is_cut_while_it_is_used_wants_all_back(path: Path) -> None:
    Spare(path, 4).offer(2)
    pool = Pool(str(path))
    assert claims(pool) == [0, 1]
    path.write_bytes(b"")
    assert pool.is_wanted_back(0)
    assert pool.is_wanted_back(1)


def test_what_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    Spare(tmp_path / "nowhere" / "spare", 4).offer(2)
    assert list(tmp_path.iterdir()) == []


def test_the_same_number_is_written_once(path: Path) -> None:
    spare = Spare(path, 4)
    spare.offer(2)
    path.unlink()
    spare.offer(2)
    assert not path.exists()
    spare.offer(-1)
    assert Pool(str(path)).claim() is None
