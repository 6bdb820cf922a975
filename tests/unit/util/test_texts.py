"""Text that may not be there."""

from __future__ import annotations

from pathlib import Path

from penstock.util import texts


def test_what_is_not_utf_8_is_replaced_and_what_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a\xffb\n")
    assert texts.read(tmp_path / "a") == "a�b\n"
    assert texts.read(tmp_path / "absent") is None
    assert texts.read(tmp_path) is None
