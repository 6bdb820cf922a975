"""What tables mean, and what does not fit together."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from penstock.errors import ConfigurationError
from penstock.load.file import read
from penstock.load.links import cycles
from penstock.model.circleci import CircleCI
from penstock.model.hosts import GitHub
from penstock.model.pipeline import CheckSpec, JobKind, JobSpec, Measured, Mode, Pipeline, Tolerance


def load(root: Path, text: str) -> Pipeline:
    (root / "penstock.toml").write_text(textwrap.dedent(text), encoding="utf-8")
    return read(root)


def job(root: Path, text: str) -> JobSpec:
    jobs = load(root, text).jobs
    assert jobs is not None
    return jobs[-1]


def told(root: Path, text: str) -> list[tuple[str, str]]:
    """Code and place of every problem."""
    with pytest.raises(ConfigurationError) as caught:
        load(root, text)
    return [(problem.code, str(problem.place).partition(":")[2]) for problem in caught.value.problems]


def test_a_whole_pipeline(tmp_path: Path) -> None:
    pipeline = load(
        tmp_path,
        """
        python = ["3.11", "3.12"]
        stages = { fast = "5m", full = "1h30m" }
        environment = { PYTHONHASHSEED = 0 }
        [jobs]
        lint = true
        types = { tool = "mypy", mode = "warn" }
        build = false
        format = { tool = "black" }
        unit = { test = "tests/unit", python = "*", extras = ["test"], timeout = "5m" }
        docs = { run = "mkdocs build --strict -d 'a b'", inputs = ["docs/**"], outputs = ["site/**"], stage = "full" }
        script = { run = "a | b", shell = true, needs = ["unit", "lint"] }
        old = { run = ["x", "&&"], allow_failure = { reason = "later", until = 2027-03-01 } }
        [gates]
        coverage = { total = "80%", file = 60.5, branch = true, mode = "warn" }
        tests = { min = 7 }
        [ci.github]
        runner = "ubuntu-26.04"
        timeout = "20m"
        [ci.circleci]
        layer_cache = true
        """,
    )
    assert pipeline.python == ("3.11", "3.12")
    assert [(stage.name, stage.budget_s) for stage in pipeline.stages] == [("fast", 300), ("full", 5400)]
    assert pipeline.environment == (("PYTHONHASHSEED", "0"),)
    by_name = {job.name: job for job in pipeline.jobs or ()}
    assert list(by_name) == ["lint", "types", "format", "unit", "docs", "script", "old"]
    assert (by_name["types"].kind, by_name["types"].mode) == (JobKind.TYPES, Mode.WARN)
    assert by_name["format"].kind is JobKind.LINT
    unit = by_name["unit"]
    assert (unit.paths, unit.python, unit.timeout_s) == (("tests/unit",), ("*",), 300)
    assert (unit.extras, unit.groups) == (("test",), None)
    assert by_name["docs"].run == ("mkdocs", "build", "--strict", "-d", "a b")
    assert (by_name["script"].run, by_name["script"].shell) == (("a | b",), True)
    assert by_name["old"].run == ("x", "&&")
    assert by_name["old"].tolerance == Tolerance(reason="later", until="2027-03-01")
    coverage, tests = pipeline.gates
    assert coverage.limits == (("total", 80.0), ("file", 60.5))
    assert (coverage.options, coverage.mode) == ((("branch", "true"),), Mode.WARN)
    assert tests.limits == (("min", 7.0),)
    assert pipeline.github == GitHub(runner="ubuntu-26.04", timeout_s=1200.0)
    assert pipeline.circleci == CircleCI(layer_cache=True)


def test_a_floor_of_its_own_accord_is_an_option(tmp_path: Path) -> None:
    (gate,) = load(tmp_path, 'gates.tests.min = "auto"').gates
    assert isinstance(gate, CheckSpec)
    assert (gate.limits, gate.options) == ((), (("min", "auto"),))


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    assert told(
        tmp_path,
        """\
        python = 3.10
        nonsense = 1
        [jobs]
        lint = "yes"
        a = { run = "a", needs = ["b"], cpus = "2" }
        b = { run = "b", needs = ["a", "c"] }
        [gates]
        tests = { min = -1 }
        performance = { severity = "medium" }
        """,
    ) == [
        ("C102", "1:10"),
        ("C101", "2:1"),
        ("C102", "4:8"),
        ("C203", "5:26"),
        ("C102", "5:40"),
        ("C202", "6:32"),
        ("C103", "8:17"),
        ("C104", "9:1"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jobs = {}", [("C210", "1:1")]),
        ("jobs = { lint = false }", [("C210", "1:1")]),
        ("jobs = { x = {} }", [("C107", "1:10")]),
        ("jobs = { x = true }", [("C102", "1:14")]),
        ("jobs = { x = { test = true, run = 'x' } }", [("C108", "1:29")]),
        ("jobs = { x = { bench = 'b', needs = ['x'] } }", [("C104", "1:16"), ("C203", "1:37")]),
        ("jobs = { x = { run = 'x', marker = 'slow' } }", [("C109", "1:27")]),
        ("jobs = { lint = { tool = 'mypy' } }", [("C212", "1:26")]),
        ("jobs = { a = { run = 'x', mode = 'ratchet' } }", [("C109", "1:34")]),
        ("jobs = { x = { test = true, shards = 'few' } }", [("C102", "1:38")]),
        ("jobs = { x = { test = true, shards = 0 } }", [("C103", "1:38")]),
        ("jobs = { x = { test = true, shards = 2, target = '3m' } }", [("C212", "1:50")]),
        ("jobs = { x = { test = true, target = '3m' } }", [("C212", "1:38")]),
        ("jobs = { x = { test = true, runner = 'unittest', shards = 'auto' } }", [("C212", "1:59")]),
        ("jobs = { x = { run = 'x', shards = 2 } }", [("C109", "1:27")]),
        ("jobs = { x = { test = true, services = ['radis'] } }", [("C221", "1:41")]),
        ("jobs = { x = { run = 'x', continue-on-error = true } }", [("C106", "1:27")]),
        ("jobs = { x = { run = 'x', allow_failure = { reason = 'r' } } }", [("C105", "1:43")]),
        ("jobs = { x = { run = 'x', allow_failure = { reason = 'r', until = 'soon' } } }", [("C103", "1:67")]),
        (
            "jobs = { x = { run = 'x', allow_failure = { reason = 'r', until = 2027-03-01T00:00:00 } } }",
            [("C102", "1:67")],
        ),
        ("jobs = { x = { run = 'x', allow_failure = true } }", [("C102", "1:43")]),
        ("jobs = { 'a@b' = { run = 'x' } }", [("C201", "1:10")]),
        ("jobs = { x = { run = 'x', stage = 'fast' } }", [("C204", "1:35")]),
        ("stages = ['x']\njobs = { x = { run = 'x' } }", [("C215", "2:10")]),
        ("stages = { fast = 0 }", [("C103", "1:19")]),
        ("jobs = { x = { run = 'x', needs = ['x'] } }", [("C203", "1:35")]),
        ("jobs = { x = { run = 'x', needs = ['lint'] }, lint = false }", [("C202", "1:36")]),
        ("jobs = { x = { run = 'x', requirements = ['pytest', '-r dev.txt', '=='] } }", [("C211", "1:67")]),
        ("jobs = { x = { test = true, runner = 'unittest', marker = 'slow' } }", [("C212", "1:50")]),
        ('jobs = { x = { run = "x \'y" } }', [("C213", "1:22")]),
        ("jobs = { x = { run = 'x && y' } }", [("C213", "1:22")]),
        ("jobs = { x = { run = 'x > y' } }", [("C213", "1:22")]),
        ("jobs = { x = { run = 'a; b' } }", [("C213", "1:22")]),
        ("jobs = { x = { run = ['x'], shell = true } }", [("C213", "1:22")]),
        ("jobs = { x = { run = \"''\" } }", [("C213", "1:22")]),
        ("jobs = { x = { run = 'x || true', shell = true } }", [("C214", "1:22")]),
        ("jobs = { x = { run = ['bash', '-c', 'set +e; x'] } }", [("C214", "1:22")]),
        ("jobs = { x = { run = 'x', python = ['3.12', '3.12'] } }", [("C110", "1:45")]),
        ("jobs = { x = { run = 'x', inputs = ['/etc/passwd'] } }", [("C103", "1:37")]),
        ("jobs = { x = { run = 'x', inputs = ['a/../../b'] } }", [("C103", "1:37")]),
        ("jobs = { x = { run = 'x', environment = { A = true } } }", [("C102", "1:47"), ("C102", "1:47")]),
        ("tool = { penstock = {} }", [("C101", "1:1")]),
        ("lint = true", [("C101", "1:1")]),
    ],
)
def test_what_does_not_make_sense(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert told(tmp_path, text) == expected


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("pip install 'a>=1' b>=2", ("pip", "install", "a>=1", "b>=2")),
        ("echo 'a && b'", ("echo", "a && b")),
        ('echo "|" \\;', ("echo", "|", ";")),
        ("x --define=a|b", ("x", "--define=a|b")),
    ],
)
def test_operators_that_are_arguments_are_left_alone(tmp_path: Path, command: str, arguments: tuple[str, ...]) -> None:
    assert job(tmp_path, f"jobs.x.run = '''{command}'''").run == arguments


MATRIX = "[jobs.x]\nrun = 'x'\nmatrix = { os = ['a', 'b'], db = [1, '2'] }\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("exclude = [{ os = 'c' }]", "C207"),
        ("exclude = [{ oss = 'a' }]", "C208"),
        ("exclude = [{ os = 'a' }, { os = 'b' }]", "C205"),
        ("include = [{ os = 'a' }]", "C208"),
        ("include = [{ os = 'a', db = 1 }]", "C206"),
        ("include = [{ os = 'c', db = 1 }, { db = '1', os = 'c' }]", "C110"),
        ("python = ['3.12']\ninclude = [{ os = 'c', db = 1 }]", "C208"),
        ("python = ['3.12']\nexclude = [{ python = '3.11' }]", "C207"),
        ("python = '*'\nexclude = [{ python = 3.11 }]", "C102"),
    ],
)
def test_a_matrix_that_makes_no_sense(tmp_path: Path, text: str, code: str) -> None:
    assert [found for found, _ in told(tmp_path, MATRIX + text)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "exclude = [{ os = 'a', db = 2 }]\ninclude = [{ os = 'a', db = 2 }]",
        "python = '*'\nexclude = [{ python = '3.9' }]",
        "python = ['>=3.10']\nexclude = [{ python = '3.9' }]",
        "include = [{ os = 'c', db = 3 }, { os = 'c', db = 3, python = '3.13' }]",
    ],
)
def test_a_matrix_that_makes_sense(tmp_path: Path, text: str) -> None:
    assert job(tmp_path, MATRIX + text).matrix == (("os", ("a", "b")), ("db", ("1", "2")))


@pytest.mark.parametrize(
    "axes", ["{}", "{ os = [] }", "{ os = ['a', 'a'] }", "{ n = [1, '1'] }", "{ python = ['3.12'] }"]
)
def test_axes_that_make_no_leg_or_two_of_one(tmp_path: Path, axes: str) -> None:
    ((code, _),) = told(tmp_path, f"[jobs.x]\nrun = 'x'\nmatrix = {axes}\n")
    assert code in {"C205", "C110", "C103"}


def test_too_many_legs_are_refused_without_counting_them(tmp_path: Path) -> None:
    axes = ", ".join(f"a{number} = [1, 2, 3, 4, 5, 6, 7, 8, 9]" for number in range(50))
    assert [code for code, _ in told(tmp_path, f"[jobs.x]\nrun = 'x'\nmatrix = {{ {axes} }}\n")] == ["C209"]


def test_cycles_are_named_once_each() -> None:
    assert cycles({"a": ("b",), "b": ("c",), "c": ("a",), "d": ("a",), "e": ("e",)}) == [
        ("a", "b", "c", "a"),
        ("e", "e"),
    ]
    assert cycles({"a": ("b", "c"), "b": ("d",), "c": ("d",), "d": ()}) == []
    chain = {f"j{n}": (f"j{n + 1}",) for n in range(5000)} | {"j5000": ()}
    assert cycles(chain) == []


def test_coverage_of_another_program_is_an_output_with_a_flag(tmp_path: Path) -> None:
    rust = job(tmp_path, 'jobs.r = { run = "x", outputs = ["a"], coverage = { file = "out/r.lcov", flag = "rust" } }')
    assert rust.measured == (Measured(file="out/r.lcov", flag="rust"),)
    assert rust.outputs == ("a", "out/r.lcov")
    (gate,) = load(tmp_path, 'gates.coverage = { total = 80, flags = { rust = 70.5, python = "90%" } }').gates
    assert gate.limits == (("total", 80.0), ("flags.python", 90.0), ("flags.rust", 70.5))


@pytest.mark.parametrize(
    "text",
    [
        'jobs.r = { run = "x", coverage = { file = "/etc/passwd", flag = "rust" } }',
        'jobs.r = { run = "x", coverage = { file = "a/../../b", flag = "rust" } }',
        'jobs.r = { run = "x", coverage = { file = "../b", flag = "rust" } }',
        'jobs.r = { run = "x", coverage = { file = "*.lcov", flag = "rust" } }',
        'jobs.r = { run = "x", coverage = { file = "a", flag = "total" } }',
        'jobs.r = { run = "x", coverage = { file = "a" } }',
        'jobs.r = { test = true, coverage = { file = "a", flag = "b" } }',
        "gates.coverage.flags = { Rust = 3 }",
        "gates.coverage.flags = { diff = 3 }",
        "gates.coverage.flags = { rust = 101 }",
        "gates.coverage.flags = 3",
    ],
)
def test_a_flag_that_makes_no_sense(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, text)
