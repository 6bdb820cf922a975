"""The file itself: absent, in two places, too large, damaged, unreadable: each is one clear problem."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from penstock.errors import ConfigurationError, ExitCode, Problem
from penstock.load.file import read
from penstock.model.pipeline import JobKind, Pipeline


def problem_of(root: Path) -> Problem:
    with pytest.raises(ConfigurationError) as caught:
        read(root)
    assert caught.value.exit_code is ExitCode.USAGE
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert problem.remedy
    return problem


def write(root: Path, text: str, name: str = "pyproject.toml") -> Path:
    (root / name).write_text(text, encoding="utf-8", newline="")
    return root


def test_a_project_without_any_declaration_declares_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == Pipeline()
    assert read(write(tmp_path, "[project]\nname = 'x'\n[tool.other]\na = 1\n")) == Pipeline()
    assert read(write(tmp_path, "tool = 3\n")) == Pipeline()


def test_an_empty_declaration_is_a_declaration(tmp_path: Path) -> None:
    pipeline = read(write(tmp_path, "[tool.penstock]\n"))
    assert pipeline.source == "pyproject.toml"
    assert pipeline.jobs is None


def test_both_files_say_the_same_and_get_the_same_digest(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = read(write(tmp_path / "a", "\n\n[tool.penstock.jobs]\nlint = true\nunit = { test = 'tests' }\n"))
    two = read(write(tmp_path / "b", "[jobs.lint]\n[jobs.unit]\ntest = ['tests']\n", "penstock.toml"))
    assert one.digest == two.digest
    assert (one.source, two.source) == ("pyproject.toml", "penstock.toml")
    assert one.jobs is not None
    assert [(job.name, job.kind) for job in one.jobs] == [("lint", JobKind.LINT), ("unit", JobKind.TEST)]
    assert str(one.jobs[0].place) == "pyproject.toml:4:1"


def test_both_files_together_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "python = ['3.12']", "penstock.toml")
    assert problem_of(write(tmp_path, "[tool.penstock]\n")).code == "C008"
    assert read(write(tmp_path, "[tool.else]\n")).python == ("3.12",)


@pytest.mark.parametrize("name", ["pyproject.toml", "penstock.toml"])
def test_a_folder_a_pipe_or_a_dead_link_in_its_place(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    assert problem_of(tmp_path).code == "C002"
    (tmp_path / name).rmdir()
    os.mkfifo(tmp_path / name)
    assert problem_of(tmp_path).code == "C002"
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to("nowhere")
    assert problem_of(tmp_path).code == "C002"
    (tmp_path / name).unlink()
    (tmp_path / name).symlink_to(name)
    assert problem_of(tmp_path).code == "C001"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    write(tmp_path, "").joinpath("pyproject.toml").chmod(0)
    assert problem_of(tmp_path).code == "C001"


def test_fifty_mebibytes_are_refused_at_once(tmp_path: Path) -> None:
    with (tmp_path / "pyproject.toml").open("wb") as stream:
        stream.truncate(50 << 20)
    before = time.process_time()
    problem = problem_of(tmp_path)
    assert time.process_time() - before < 0.1
    assert problem.code == "C003"
    assert "50.0 MiB" in problem.message


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"a = 1\nb = '\xff'\n", "C004", "pyproject.toml:2:6"),
        ("a = 'é'\r\nb = 'é".encode() + b"\xc3\n", "C004", "pyproject.toml:2:7"),
        (b"\xef\xbb\xbfa = 1\n", "C004", "pyproject.toml:1:1"),
        (b"a = 1\nb\0 = 2\n", "C005", "pyproject.toml:2:2"),
        (b"a = 1\nb = \n", "C006", "pyproject.toml:2:5"),
        (b"a = 1\r\na = 2\r\n", "C006", "pyproject.toml:2:6"),
        (b"a = '''\n\n", "C006", "pyproject.toml:3:1"),
        (b"[a\n", "C006", "pyproject.toml:1:3"),
        (b"\n\na = " + b"1" * 5000 + b"\n", "C006", "pyproject.toml:3:5"),
        (b"a = 2027-02-31\n", "C006", "pyproject.toml:1:5"),
        (b"a = " + b"[" * 100_000, "C007", "pyproject.toml"),
        (b"a = " + b"{a=" * 100_000, "C007", "pyproject.toml"),
        (b".".join([b"a"] * 100_000) + b" = 1\n", "C007", "pyproject.toml"),
        (b"[" + b" . ".join([b"'a'"] * 100_000) + b"]\n", "C007", "pyproject.toml"),
    ],
    ids=range(14),
)
def test_damaged_files_are_told_with_their_place(tmp_path: Path, content: bytes, code: str, place: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    problem = problem_of(tmp_path)
    assert (problem.code, str(problem.place)) == (code, place)


def test_deep_tables_within_the_declaration_are_told(tmp_path: Path) -> None:
    deep = ".".join(["a"] * 900)
    assert problem_of(write(tmp_path, f"[tool.penstock]\n{deep} = 1\n")).code == "C101"
    arrays = "[" * 200 + "]" * 200
    assert problem_of(write(tmp_path, f"[tool.penstock]\npython = {arrays}\n")).code == "C102"
    assert problem_of(write(tmp_path, f"[tool.penstock.ci.circleci]\n{deep} = 1\n")).code == "C101"


def test_penstock_that_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(write(tmp_path, "[tool]\npenstock = true\n"))
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.place), problem.excerpt) == ("C102", "pyproject.toml:2:12", "penstock = true")


@pytest.mark.parametrize(
    "text",
    [
        "[tool.penstock]\n" + "".join(f"key{number} = 1\n" for number in range(3_000)),
        "[tool.penstock]\npython = [" + "1," * 20_000 + "]\n",
        "[tool.penstock.jobs]\n" + "".join(f"j{n} = {{ run = 'x', needs = ['j{n + 1}'] }}\n" for n in range(1_000)),
        "[tool.penstock.jobs.a]\nrun = 'x'\nmatrix = {"
        + ",".join(f"a{axis} = [{','.join(map(str, range(100)))}]" for axis in range(200))
        + "}\n",
        "[tool.penstock]\npython = '" + "a" * 1_000_000 + "'\n",
    ],
    ids=["unknown-keys", "wrong-elements", "long-chain", "vast-matrix", "long-string"],
)
def test_a_large_file_of_anything_ends_in_time(tmp_path: Path, text: str) -> None:
    before = time.process_time()
    with pytest.raises(ConfigurationError) as caught:
        read(write(tmp_path, text))
    assert time.process_time() - before < 2
    assert len(caught.value.problems) <= 1001
    assert all(len(problem.message) < 500 for problem in caught.value.problems)
