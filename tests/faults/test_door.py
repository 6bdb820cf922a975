"""Bad input at the program's door: always exit code 2 with a place and a remedy, nothing run, never a traceback.

The program is called in process, as its script calls it; a few cases need a process of its own.
"""

from __future__ import annotations

import copy
import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from penstock.cli import main
from penstock.errors import ConfigurationError
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.load.table import Key
from tests.fakes.configurations import RAW_VALUES, homes, with_value
from tests.fakes.toml_text import written
from tests.faults.program import Project

HOMES = list(homes())
PLACE = re.compile(r"penstock\.toml(?::\d+:\d+)?")


class Said(NamedTuple):
    """What came of one call."""

    code: int
    out: str
    err: str


Door = Callable[..., Said]


@pytest.fixture
def knock(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Door:
    """Call the program in a project with this penstock.toml."""

    def call(text: str | bytes | None, *words: str) -> Said:
        if text is not None:
            (tmp_path / "penstock.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        command, *rest = words or ("run",)
        try:
            code = main.run([command, "-C", str(tmp_path), *rest])
        except SystemExit as end:  # argparse's own way to say 2
            code = end.code if isinstance(end.code, int) else 1
        told = capfd.readouterr()
        return Said(code, told.out, told.err)

    return call


def refused(said: Said, root: Path) -> None:
    """The whole promise."""
    assert said.code == 2, said
    assert "Traceback" not in said.out + said.err
    assert "internal error" not in said.err
    assert said.out == ""
    assert "\x1b" not in said.err
    assert not (root / ".penstock" / "runs").exists(), "something was run"


def configuration_refused(said: Said, root: Path, *codes: str) -> None:
    refused(said, root)
    assert PLACE.search(said.err), said.err
    assert re.search(r"\bC\d{3}\b", said.err), said.err
    assert "  = " in said.err or "remedy" in said.err, said.err
    for code in codes:
        assert code in said.err, said.err


def _wrong(document: dict[str, Any]) -> bool:
    try:
        parse(document, Locator("", "penstock.toml"))
    except ConfigurationError:
        return True
    return False


@pytest.mark.parametrize(("key", "document", "path"), [home[1:] for home in HOMES], ids=[home[0] for home in HOMES])
def test_every_key_with_values_of_the_wrong_type(
    key: Key, document: dict[str, Any], path: tuple[str, ...], knock: Door, tmp_path: Path
) -> None:
    seen: set[type] = set()
    for raw in RAW_VALUES:
        with_value(document, path, key.name, raw)
        if type(raw) not in seen and _wrong(document):
            seen.add(type(raw))
            configuration_refused(knock(written(document)), tmp_path)
    assert len(seen) >= 3


RUN = 'run = "true"'
DOCUMENTS = {
    "unknown at the top": ("colour = 1", "C101"),
    "unknown in a job": (f"[jobs.a]\n{RUN}\ncolour = 1", "C101"),
    "unknown in gates": ("[gates]\ncolour = {}", "C101"),
    "unknown in a gate": ("[gates.coverage]\ncolour = 1", "C101"),
    "unknown in a tolerance": (f"[jobs.a]\n{RUN}\nallow_failure = {{ colour = 1 }}", "C101"),
    "unknown in a cache": (f'[jobs.a]\n{RUN}\ncaches = [{{ path = "x", colour = 1 }}]', "C101"),
    "unknown in ci": ("[ci]\ncolour = {}", "C101"),
    "a mask": (f"[jobs.a]\n{RUN}\ncontinue-on-error = true", "C106"),
    "a cycle": (f'[jobs]\na = {{ {RUN}, needs = ["b"] }}\nb = {{ {RUN}, needs = ["a"] }}', "C203"),
    "a need of itself": (f'[jobs]\na = {{ {RUN}, needs = ["a"] }}', "C203"),
    "an unknown need": (f'[jobs]\na = {{ {RUN}, needs = ["c"] }}', "C202"),
    "an empty matrix": (f"[jobs]\na = {{ {RUN}, matrix = {{ os = [] }} }}", "C205"),
    "a matrix that excludes all": (
        f'[jobs]\na = {{ {RUN}, matrix = {{ os = ["x"] }}, exclude = [{{ os = "x" }}] }}',
        "C205",
    ),
    "a leg twice": (f'[jobs]\na = {{ {RUN}, matrix = {{ os = ["x"] }}, include = [{{ os = "x" }}] }}', "C206"),
    "a huge matrix": (
        f"[jobs]\na = {{ {RUN}, matrix = {{ {', '.join(f'a{n} = {list(range(30))}' for n in range(5))} }} }}",
        "C209",
    ),
    "a job twice": (f"[jobs]\na = {{ {RUN} }}\na = {{ {RUN} }}", "C006"),
    "no jobs": ("[jobs]", "C210"),
    "a job of a bad name": (f'[jobs]\n"a b" = {{ {RUN} }}', "C201"),
    "a job without work": ("[jobs]\na = {}", "C107"),
    "jobs that are none": ("jobs = 3", "C102"),
    "torn": ("[jobs", "C006"),
    "an open string": ('a = "', "C006"),
    "a NUL": ("a = 1\0", "C005"),
    "not UTF-8": (b"a = '\xff'", "C004"),
    "a byte order mark": (b"\xef\xbb\xbfa = 1", "C004"),
    "an escape sequence": ("a = '\x1b]0;title\x07'", "C006"),
    "deep arrays": ("a = " + "[" * 100_000, "C007"),
    "deep keys": (".".join("a" * 5000) + " = 1", "C007"),
    "a long number": (f"a = {'9' * 5000}", "C006"),
}


@pytest.mark.parametrize(("text", "code"), DOCUMENTS.values(), ids=list(DOCUMENTS))
def test_documents_that_say_nothing_that_can_be_run(text: str | bytes, code: str, knock: Door, tmp_path: Path) -> None:
    configuration_refused(knock(text), tmp_path, code)


@pytest.mark.parametrize("command", ["run", "plan", "clean", "init"])
def test_every_command_that_reads_the_configuration_refuses_it(command: str, knock: Door, tmp_path: Path) -> None:
    refused(knock("colour = 1", command), tmp_path)


def test_all_problems_are_told_at_once(knock: Door, tmp_path: Path) -> None:
    said = knock(f"colour = 1\n[jobs]\na = {{ {RUN}, needs = ['c'], cpus = 'x' }}\nb = {{}}\n")
    configuration_refused(said, tmp_path, "C101", "C102", "C107", "C202")
    assert len(PLACE.findall(said.err)) >= 4


def test_a_file_of_fifty_mebibytes(knock: Door, tmp_path: Path) -> None:
    with (tmp_path / "penstock.toml").open("wb") as file:
        file.truncate(50 << 20)
    configuration_refused(knock(None), tmp_path, "C003")


def test_a_pipe_a_folder_and_a_broken_link_in_the_files_place(knock: Door, tmp_path: Path) -> None:
    place = tmp_path / "penstock.toml"
    os.mkfifo(place)
    configuration_refused(knock(None), tmp_path, "C002")
    place.unlink()
    place.mkdir()
    configuration_refused(knock(None), tmp_path, "C002")
    place.rmdir()
    place.symlink_to("nowhere")
    configuration_refused(knock(None), tmp_path, "C002")
    place.unlink()
    place.symlink_to(place)
    configuration_refused(knock(None), tmp_path, "C001")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything: not verified here")
def test_a_file_that_cannot_be_read(knock: Door, tmp_path: Path) -> None:
    (tmp_path / "penstock.toml").touch(mode=0)
    configuration_refused(knock(None), tmp_path, "C001")


@pytest.mark.parametrize("place", ["missing", "file", "file/below", "\0", "x" * 5000, "\udcff"])
def test_a_project_that_is_no_folder(
    place: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    code = main.run(["run", "-C", place])
    said = Said(code, *capfd.readouterr())
    refused(said, tmp_path)
    assert "is not a folder" in said.err
    assert "remedy" in said.err


SELECTIONS = ["nope", "goof", "good@3.1", "good,x=y", "*x", "[", "\udcff", "a\nb\x1b[31m", "é" * 500]


@pytest.mark.parametrize("command", ["run", "plan", "explain"])
def test_a_selection_that_does_not_exist(command: str, knock: Door, tmp_path: Path) -> None:
    for name in SELECTIONS:  # in one project: the machine's Pythons are asked for once
        said = knock(f"[jobs]\ngood = {{ {RUN} }}", command, "--offline", name)
        refused(said, tmp_path)
        assert "remedy" in said.err
        assert "\x1b" not in said.err


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--no-such-flag"),
        ("run", "--json"),
        ("run", "--failed"),
        ("no-such-command",),
        ("runn",),
        ("explain",),
        ("explain", "a", "b"),
        ("repro", "no-such-token"),
        ("repro", "0000.x"),
        ("clean", "--keep-runs", "x"),
        ("clean", "--keep-runs", "-1"),
        ("clean", "--max-age", "nan"),
        ("clean", "--max-size", "inf"),
        ("clean", "--max-size", "-1"),
        ("schema", "nonsense"),
        ("completion", "nonsense"),
    ],
    ids=" ".join,
)
def test_command_lines_that_mean_nothing(
    words: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "penstock.toml").write_text(f"[jobs]\ngood = {{ {RUN} }}")
    monkeypatch.chdir(tmp_path)
    try:
        code: object = main.run(words)
    except SystemExit as end:
        code = end.code
    told = capfd.readouterr()
    assert code == 2, told
    assert told.out == ""
    assert told.err.strip()
    assert "internal error" not in told.err
    assert not (tmp_path / ".penstock" / "runs").exists()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["missing-is-a-file/x.json", "folder", "/proc/x.json"])
def test_a_report_that_cannot_be_written_is_told_and_changes_no_exit_code(where: str, tmp_path: Path) -> None:
    (tmp_path / "penstock.toml").write_text('[jobs]\nbad = { run = "false" }')
    (tmp_path / "missing-is-a-file").touch()
    (tmp_path / "folder").mkdir()
    end = Project(tmp_path).run("run", "--json", where, "--junit", where)
    assert end.code == 1, end.told
    assert end.stderr.count(f"{where} could not be written") == 2
    assert "Traceback" not in end.told


@pytest.mark.slow
def test_bad_input_in_a_process_of_its_own(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (tmp_path / "penstock.toml").write_text("colour = 1")
    for words in (("run",), ("run", "-C", "missing"), ("run", os.fsdecode(b"\xff")), ("--nonsense",)):
        end = project.run(*words)
        assert end.code == 2, end.told
        assert "Traceback" not in end.told
    assert not project.state.exists() or project.runs() == []


@pytest.mark.slow
def test_a_working_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    process = Project(gone).start("run", preexec_fn=gone.rmdir)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 2, stdout + stderr
    assert b"remedy" in stderr


def test_what_is_written_for_these_tests_is_what_is_meant() -> None:
    for _, key, document, path in HOMES:
        for raw in RAW_VALUES:
            meant = with_value(copy.deepcopy(document), path, key.name, raw)
            assert tomllib.loads(written(meant)) == meant
