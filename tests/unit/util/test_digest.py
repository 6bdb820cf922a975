from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from penstock.util import digest


@pytest.mark.parametrize("size", [0, 1, (512 << 10) - 1, 512 << 10, (512 << 10) + 1, 3 << 20])
def test_contents_and_files_of_any_size_have_their_sha256(tmp_path: Path, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    content = content[:size]
    (tmp_path / "file").write_bytes(content)
    expected = hashlib.sha256(content).hexdigest()
    assert digest.of_bytes(content) == digest.of_file(tmp_path / "file") == expected


def test_parts_do_not_run_into_one_another() -> None:
    assert len({digest.of_parts(parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",), ("ab", "c", ""))}) == 4
