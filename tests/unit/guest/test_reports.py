"""Reports of real sessions there and back; frames in a file that is cut, closed or taken away."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.guest.penstock_reports import Inbox, Outbox
from tests.fakes.guest_runs import BYTECODE, GUEST, write

TESTS = """
import logging, unittest, warnings
import pytest

class OddWarning(UserWarning):
    def __init__(self, one, two):
        super().__init__(f"{one} and {two}")

def test_passes(): pass
def test_fails(): assert [1, 2] == [1, 3]
def test_raises(): raise RuntimeError("an \\udcff odd € word")
def test_skips(): pytest.skip("not here")
@pytest.mark.skip(reason="never")
def test_is_skipped(): pass
@pytest.mark.xfail(reason="known")
def test_xfails(): assert 0
@pytest.mark.xfail(reason="once")
def test_xpasses(): pass
@pytest.mark.xfail(strict=True, reason="strictly")
def test_xpasses_strictly(): pass
@pytest.fixture
def broken(): raise OSError("set-up")
@pytest.fixture
def breaks():
    yield
    raise OSError("teardown")
def test_errors(broken): pass
def test_errors_after(breaks): pass
@pytest.mark.slow
@pytest.mark.parametrize("value", ["a", "é/ü", "x y"])
def test_each(value): pass
def test_writes(capsys):
    logging.getLogger("mill").warning("wet")
    print("not captured by the test"); capsys.readouterr(); print("out")
def test_notes(record_property, record_testsuite_property):
    record_property("key", 1)
    record_property("other", ["a", {"b": 2.5}])
def test_notes_an_object(record_property):
    record_property("type", object)
def test_warns():
    warnings.warn("old", DeprecationWarning)
    warnings.warn(OddWarning(1, 2))
    warnings.warn(ResourceWarning("left"))
def test_parts(subtests):
    print("of all")
    for number in range(3):
        with subtests.test("part", number=number): assert number != 1
class TestCase(unittest.TestCase):
    def test_unit(self):
        for number in range(3):
            with self.subTest("piece", number=number): self.assertNotEqual(number, 1)
    @unittest.expectedFailure
    def test_expected(self): self.fail("so it is")
    def test_left_out(self): self.skipTest("later")
"""
CONFTEST = """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if item.name == "test_passes":
        report.added = {"by": "a hook"}
"""


@pytest.fixture(scope="module", params=["--tb=auto", "--tb=native"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any]]]:
    root = write(tmp_path_factory.mktemp("reports"), {"test_it.py": TESTS, "conftest.py": CONFTEST, "pytest.ini": INI})
    path = root / "reports.json"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.unit.guest.reporting", request.param],
        cwd=root,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPYCACHEPREFIX": BYTECODE,
            "PYTHONPATH": os.pathsep.join([str(Path.cwd()), GUEST]),
            "REPORTS": str(path),
        },
        capture_output=True,
        check=False,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert "INTERNALERROR" not in said, said
    assert path.exists(), said
    return [(what, differing) for what, differing in json.loads(path.read_text(encoding="utf-8"))]


INI = "[pytest]\nmarkers =\n    slow: takes long\n"


def test_every_report_and_warning_comes_back_as_it_was(seen: list[tuple[str, dict[str, Any]]]) -> None:
    assert {what: differing for what, differing in seen if differing} == {}


def test_all_kinds_were_there(seen: list[tuple[str, dict[str, Any]]]) -> None:
    kinds = {tuple(what.split()[1:4]) for what, _ in seen if what.startswith("new ")}
    assert {("call", "TestReport", outcome) for outcome in ("passed", "failed", "skipped")} <= kinds
    assert {("setup", "TestReport", "failed"), ("teardown", "TestReport", "failed")} <= kinds
    assert any(name.startswith(("Subtest", "SubTest")) for _, name, _ in kinds)
    told = {what for what, _ in seen if what.startswith("kind ")}
    assert "kind DeprecationWarning DeprecationWarning DeprecationWarning" in told
    assert "kind OddWarning UserWarning UserWarning" in told, "what cannot be made anew is told as its simplest kind"


frames = st.lists(
    st.tuples(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9) | st.binary(max_size=9),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
    ),
    min_size=1,
    max_size=5,
)


def test_a_file_cut_anywhere_gives_whole_frames_only(tmp_path: Path) -> None:
    sent: list[tuple[Any, ...]] = [
        ("report", 3, "call", 0.5),
        ("pickled?", {1, 2}, Path("p")),
        ("x" * 300,),
        ("over", "", {}),
    ]
    outbox = Outbox(str(tmp_path / "out"))
    for kind, *parts in sent:
        outbox.hold(kind, *parts)
    outbox.send()
    content = (tmp_path / "out").read_bytes()
    for at in range(len(content) + 1):
        cut = tmp_path / "cut"
        cut.write_bytes(content[:at])
        inbox = Inbox(str(cut))
        early = inbox.read()
        assert early == sent[: len(early)]
        assert inbox.read() == []
        with cut.open("ab") as stream:
            stream.write(content[at:])
        assert early + inbox.read() == sent
        inbox.close()


@given(frames, st.data())
def test_frames_come_once_and_in_order_however_they_arrive(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    path = str(tmp_path_factory.mktemp("frames") / "out")
    outbox, inbox, came = Outbox(path), Inbox(path), []
    for kind, part in sent:
        outbox.hold(kind, part)
        if data.draw(st.booleans()):
            outbox.send()
        if data.draw(st.booleans()):
            came += inbox.read()
    outbox.send()
    came += inbox.read()
    assert came == sent
    inbox.close()


def test_nothing_is_written_before_it_is_sent(tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path / "out"))
    outbox.send()
    outbox.hold("report", 1)
    assert (tmp_path / "out").read_bytes() == b""


def test_a_closed_descriptor_is_opened_again(tmp_path: Path) -> None:
    outbox, inbox = Outbox(str(tmp_path / "out")), Inbox(str(tmp_path / "out"))
    os.close(outbox._descriptor)
    outbox.hold("report", 1)
    outbox.send()
    assert inbox.read() == [("report", 1)]
    inbox.close()


def test_a_descriptor_that_is_anothers_now_is_left_alone(tmp_path: Path) -> None:
    outbox, inbox = Outbox(str(tmp_path / "out")), Inbox(str(tmp_path / "out"))
    with (tmp_path / "theirs").open("wb") as theirs:
        os.dup2(theirs.fileno(), outbox._descriptor)
    taken = outbox._descriptor
    outbox.hold("report", 1)
    outbox.send()
    outbox.hold("report", 2)
    outbox.send()
    os.write(taken, b"still theirs")
    assert inbox.read() == [("report", 1), ("report", 2)]
    assert (tmp_path / "theirs").read_bytes() == b"still theirs"
    inbox.close()
    os.close(taken)


def test_objects_that_cannot_leave_their_process_are_told_in_words(tmp_path: Path) -> None:
    class Deaf:
        def __str__(self) -> str:
            raise RuntimeError

    outbox, inbox = Outbox(str(tmp_path / "out")), Inbox(str(tmp_path / "out"))
    outbox.hold("report", 1, {"a": (min, [lambda: 1]), Path("k"): Deaf()})
    outbox.hold("report", 2, (Path("p"), 1.5))
    outbox.send()
    first, second = inbox.read()
    assert first[:2] == ("report", 1)
    assert first[2]["a"][0] == "<built-in function min>"
    assert "lambda" in first[2]["a"][1][0]
    assert first[2]["k"] == "<Deaf>"
    assert second == ("report", 2, (Path("p"), 1.5))
    inbox.close()
