"""Reports are foreign input: whatever they hold, reading gives a value, and damage never makes a pass of a refusal."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from penstock.model.events import Outcome
from penstock.model.records import Reading
from penstock.tools import TOOLS
from tests.fakes.toolbench import Recording

FOLDER = Path(__file__).parents[1] / "golden/tools"
RECORDINGS = [
    recording
    for path in sorted(FOLDER.glob("*/*.json"))
    for recording in msgspec.json.decode(path.read_bytes(), type=list[Recording])
]
READABLE = sorted(TOOLS)


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with pieces cut out, doubled, replaced by bytes or by numbers that are too large."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 60)))
        piece = st.sampled_from(
            [b"", b"\0", b"\xff\xfe", b"9" * 400, b"-1", b"1e999", b"NaN", b"[" * 2000, b"{", b"\n"]
        )
        content = content[:start] + draw(st.one_of(piece, st.binary(max_size=20))) + content[end:]
    return content


def sane(reading: Reading) -> None:
    assert all(math.isfinite(number) and number >= 0 for number in reading.measures.values())
    assert all(0 <= found.line < 2**31 and 0 <= found.column < 2**31 for found in reading.findings)
    assert len(reading.findings) <= 2000
    assert msgspec.json.decode(msgspec.json.encode(reading), type=Reading) == reading
    if reading.outcome is Outcome.PASSED and "files" in reading.measures:
        assert reading.measures["files"] >= 1


@given(data=st.data(), recording=st.sampled_from(RECORDINGS))
def test_a_mutated_report_is_read_without_an_exception(data: st.DataObject, recording: Recording) -> None:
    reports = {name: data.draw(mutations(content)) for name, content in recording.content().items()}
    head = data.draw(mutations(recording.output.encode()))
    code = data.draw(st.sampled_from([recording.exit_code, 0, 1, 2, 123, -9, None]))
    ended = recording.ended(head=head, exit_code=code)
    reading = TOOLS[recording.tool].read(ended, reports, recording.job())
    sane(reading)
    if code not in (0, 1):
        assert reading.outcome is not Outcome.PASSED


@given(tool=st.sampled_from(READABLE), data=st.data(), code=st.integers(-20, 300))
def test_any_bytes_are_read_without_an_exception(tool: str, data: st.DataObject, code: int) -> None:
    names = st.sampled_from(
        ["ruff.json", "ruff-files.txt", "coverage.json", "pyright.json", "mypy.txt", "twine.txt", "dist/a.whl"]
    )
    reports = data.draw(st.dictionaries(names, st.binary(max_size=200)))
    recording = Recording(tool=tool, exit_code=code, output="", reports={})
    ended = recording.ended(head=data.draw(st.binary(max_size=200)), tail=data.draw(st.binary(max_size=50)))
    sane(TOOLS[tool].read(ended, reports, recording.job()))
