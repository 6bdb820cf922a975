"""Which earlier run decides whether this one is a recovery: the last protected one of its branch."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest

from penstock.cli import notifying
from penstock.cli.out import Out
from penstock.cli.surroundings import Surroundings
from penstock.record import parquet
from penstock.record.store import History
from tests.fakes.clock import FakeClock
from tests.fakes.history import DAY_S, NOON_S, add
from tests.fakes.processes import FakeProcesses


def surroundings(state: Path) -> Surroundings:
    return Surroundings(state, state, {}, FakeProcesses(), FakeClock(), Out(quiet=True))


def runs(state: Path, *ends: dict[str, Any]) -> History:
    """One run a day, the oldest first; protected, of main, where nothing else is said."""
    made = History(state / "history")
    for number, fields in enumerate(ends):
        run, wall_s = f"{9 - number}-of-any-name", NOON_S + DAY_S * number
        add(made, run=run, wall_s=wall_s, **({"trust": "protected"} | fields))
    return made


RED, GREEN = {"exit_code": 1}, {"exit_code": 0}


@pytest.mark.parametrize(
    ("ends", "failed"),
    [
        ([], False),
        ([RED], True),
        ([RED, GREEN], False),
        ([GREEN, RED], True),
        ([GREEN, {"exit_code": 3}], True),
        ([RED, GREEN | {"branch": "next"}], True),
        ([RED, GREEN | {"trust": "branch"}], True),
        ([RED, GREEN | {"trust": "local"}], True),
        ([RED, GREEN | {"scope": "partial"}], True),
        ([RED, GREEN | {"command": "test"}], True),
        ([GREEN, {"exit_code": 130, "interrupted": "SIGINT"}], False),
        ([RED, {"exit_code": 143, "interrupted": "SIGTERM"}], True),
        ([GREEN, RED | {"branch": "next"}], False),
        ([RED, GREEN, RED, GREEN], False),
    ],
)
def test_the_last_protected_run_of_the_branch_decides(
    tmp_path: Path,
    ends: list[dict[str, Any]],
    failed: bool,  # noqa: FBT001 - the parameter of a table
) -> None:
    runs(tmp_path, *ends)
    assert notifying.failed_before(surroundings(tmp_path), "main", own=set()) is failed


@pytest.mark.parametrize("last", [RED, GREEN])
def test_rows_that_became_parquet_say_the_same(tmp_path: Path, last: dict[str, Any]) -> None:
    pytest.importorskip("duckdb")
    others = ({"branch": "next"}, {"trust": "branch"}, {"scope": "partial"}, {"command": "test"}, {"exit_code": 130})
    opposite = GREEN if last is RED else RED
    made = runs(tmp_path, opposite, last, *(opposite | other for other in others), opposite)
    parquet.compact(made, "2027-06-01", whole=False)
    assert any(file.form == "parquet" for file in made.read().files)
    own = {f"{9 - 7}-of-any-name"}
    assert notifying.failed_before(surroundings(tmp_path), "main", own=own) is (last is RED)


def test_the_run_itself_is_not_before_it(tmp_path: Path) -> None:
    runs(tmp_path, GREEN, RED)
    assert notifying.failed_before(surroundings(tmp_path), "main", own={"8-of-any-name"}) is False


def test_a_history_that_cannot_be_read_is_told_and_is_no_recovery(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = runs(tmp_path, RED)
    newer = b'{"line":"history","format":99,"lines":0}'
    told = surroundings(tmp_path)._replace(out=Out())
    for content in (b"%08x %b\n" % (zlib.crc32(newer), newer), b"?"):
        made.manifest.write_bytes(content)
        assert notifying.failed_before(told, "main", own=set()) is False
        assert "note  whether this is a recovery" in capsys.readouterr().err
