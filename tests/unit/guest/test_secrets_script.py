"""What the search for secrets reads of a tree; detect-secrets itself is in the slow tests."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType

import pytest

from penstock.guest import penstock_secrets as script


def test_paths_come_once_and_our_own_not_at_all() -> None:
    content = b"a.py\0a.py\0caf\xe9.txt\0.penstock/runs/x\0.secrets.baseline\0"
    assert [path.encode("utf-8", "surrogateescape") for path in script.listed(content)] == [b"a.py", b"caf\xe9.txt"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"x = 1\n", "x = 1\n"),
        ("caf\u00e9".encode(), "caf\u00e9"),
        ("caf\u00e9".encode("latin-1"), "caf\u00e9"),
        ("key".encode("utf-16"), "key"),
        (b"\x7fELF\0\0", None),
        (b"", ""),
    ],
)
def test_text_is_read_in_whatever_encoding_it_is_in(content: bytes, text: str | None) -> None:
    read = script.text_of(content)
    assert read is None if text is None else str(read).lstrip("\ufeff") == text


def test_what_holds_no_file_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x")
    (tmp_path / "link").symlink_to("a.py")
    (tmp_path / "module").mkdir()
    told = [script.why_left(str(tmp_path / name)) for name in ("a.py", "link", "module", "gone")]
    assert told == ["", "a link", "another repository", "not there any more"]


def test_a_filter_that_asks_for_more_than_the_name_is_none_over_files() -> None:
    def of_name(filename: str) -> bool:
        return filename.endswith(".lock")

    def of_line(filename: str, line: str) -> bool:
        return True

    assert script.filtered("uv.lock", [of_line, of_name])
    assert script.filtered("a.py", [of_line, of_name]) == ""


class Secret:
    type = "AWS Access Key"
    line_number = 2
    secret_hash = "digest"

    def __init__(self, value: str) -> None:
        self.secret_value = value


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], list[Secret]]], None]:
    """A stand-in for detect-secrets that finds what a function of the copy's path says."""

    def put(scan_file: Callable[[str], list[Secret]]) -> None:
        scan, settings = ModuleType("detect_secrets.core.scan"), ModuleType("detect_secrets.settings")
        vars(scan).update(scan_file=scan_file, get_filters_with_parameter=lambda _: [])
        vars(settings).update(default_settings=nullcontext)
        for module in (ModuleType("detect_secrets"), ModuleType("detect_secrets.core"), scan, settings):
            monkeypatch.setitem(sys.modules, module.__name__, module)

    return put


def test_no_secret_is_in_the_report_and_two_of_a_file_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Callable[[Callable[[str], list[Secret]]], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x")
    library(lambda _: [Secret("hunter2"), Secret("hunter2"), Secret("hunter3"), Secret("true")])
    report = script.look(["a.py", "gone.py"])
    assert (report["scanned"], report["left"], report["unread"]) == (1, [["gone.py", "not there any more"]], [])
    one, other = report["found"]
    assert (one["path"], one["line"], one["kind"]) == ("a.py", 2, "aws-access-key")
    assert one["mark"] != other["mark"]
    assert len(one["mark"]) == 4
    assert "hunter" not in json.dumps(report)


def test_what_fails_is_named_by_its_kind_and_never_by_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: Callable[[Callable[[str], list[Secret]]], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x")

    def fail(path: str) -> list[Secret]:
        raise ValueError(f"hunter2 in {path}")

    library(fail)
    assert script.look(["a.py"]) == {"scanned": 0, "left": [], "unread": [["a.py", "ValueError"]], "found": []}
