"""Every adapter against the real program, on projects that are fine, wrong, unparsable, misconfigured and empty."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from penstock.model.events import Outcome
from penstock.model.plan import BIN, GUEST, PYTHON, SELF, UV
from penstock.model.records import Reading
from penstock.model.snapshot import Package
from penstock.ports import ToolContext
from penstock.run import readings
from penstock.tools import TOOLS, versions
from tests import builders
from tests.conftest import ROOT
from tests.fakes import toolbench

pytestmark = pytest.mark.slow

GOOD = (
    '"""A package."""\n\n__all__ = ["add"]\n\n\n'
    'def add(left: int, right: int) -> int:\n    """Add."""\n    return left + right\n'
)
BAD = 'import sys\nimport os\ndef add(left: int, right: int) -> int:\n    """Add."""\n    x = \'a\' + 1\n    return x\n'
PROJECT = '[project]\nname = "demo"\nversion = "1"\n'
UNKNOWN = (
    '[tool.ruff]\nline-lenght = 3\n[tool.black]\nline-lenght = 3\n[tool.isort]\nprofil = "black"\n'
    "[tool.mypy]\nstrikt = true\n[tool.pylint.main]\nmax-linez = 3\n[tool.pyright]\nstrictt = []\n"
    '[tool.ty.rules]\nnonsense = "error"\n'
)
CASES: Mapping[str, Mapping[str, str]] = {
    "good": {"pyproject.toml": PROJECT, "pkg/__init__.py": GOOD},
    "bad": {"pyproject.toml": PROJECT, "pkg/__init__.py": BAD, "pkg/fine.py": GOOD},
    "broken": {"pyproject.toml": PROJECT, "pkg/__init__.py": GOOD, "pkg/broken.py": "def f(:\n"},
    "unknown": {
        "pyproject.toml": PROJECT + UNKNOWN,
        ".flake8": "[flake8]\nmax-line-lenght = 3\n",
        "pkg/__init__.py": GOOD,
    },
    "empty": {"pyproject.toml": PROJECT, "pkg/README.txt": "nothing"},
}
# A folder that each tool passes over by itself, although git lists what is in it. radon knows only hidden ones.
PASSED_OVER = {
    **dict.fromkeys(("ruff", "ruff-format", "black", "isort"), "pkg/dist"),
    **dict.fromkeys(("mypy", "pyright", "ty"), "pkg/node_modules"),
    **dict.fromkeys(("flake8", "bandit"), "pkg/.tox"),
    "pylint": "pkg/CVS",
}
LINTERS = ("ruff", "ruff-format", "black", "isort", "flake8", "pylint")
CHECKERS = ("mypy", "pyright", "ty")
MEASURES = {"bandit": "security", "radon": "complexity"}
PINS = (
    *(versions.BLACK, versions.COVERAGE, versions.FLAKE8, versions.ISORT, versions.MYPY, versions.PYLINT),
    *(versions.PYRIGHT, versions.RUFF, *versions.TWINE.splitlines(), versions.TY, versions.BANDIT, versions.RADON),
)
# What each tool is to say of each case. bandit and radon measure, and their settings are checked before they are called
# (`scan.detect.toolsettings`); pyright does not tell a syntax error from another.
EXPECTED = {"good": "passed", "bad": "failed", "broken": "errored", "unknown": "errored", "empty": "errored"}
EXCEPTIONS = {
    **{(tool, case): "passed" for tool in MEASURES for case in ("bad", "unknown")},
    ("pyright", "broken"): "failed",
}


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts' folder of an environment with every tool at penstock's pin."""
    environment = tmp_path_factory.mktemp("tools") / "environment"
    uv = str(Path(sys.executable).parent / "uv")
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(environment)], check=True)
    subprocess.run([uv, "pip", "install", "-q", "-p", str(environment), *PINS], check=True)
    return environment / "bin"


def places(scripts: Path) -> dict[str, str]:
    guest = str(ROOT / "src/penstock/guest")
    uv = str(Path(sys.executable).parent / "uv")
    return {BIN: str(scripts), PYTHON: str(scripts / "python"), UV: uv, GUEST: guest, SELF: sys.executable}


def made(root: Path, case: str) -> Path:
    for name, text in CASES[case].items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / ".penstock/work").mkdir(parents=True)
    (root / ".penstock/.gitignore").write_text("*\n")
    (root / ".penstock/work/junk.py").write_text("import sys, os\nx = 'a' + 1\n")
    return root


def recorded(
    tool: str, case: str, root: Path, scripts: Path, *, beside: tuple[str, ...] = (), excludes: tuple[str, ...] = ()
) -> list[toolbench.Recording]:
    kind = "types" if tool in CHECKERS else MEASURES.get(tool, "lint")
    context = ToolContext(
        project=builders.project(packages=(Package(name="pkg", path="pkg"),)),
        spec=builders.job_spec(kind, kind),
        use=builders.tool_use(tool, excludes=excludes),
        python="3.12",
        files=(*(name for name in CASES[case] if name.endswith(".py")), *beside),
    )
    root = made(root / "project", case)
    for name in beside:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(GOOD)
    return toolbench.run(TOOLS[tool], context, root=root, reports=root.parent / "reports", places=places(scripts))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tool", [*LINTERS, *CHECKERS, *MEASURES])
def test_a_tool_and_its_adapter_agree(
    tool: str, case: str, tmp_path: Path, scripts: Path, request: pytest.FixtureRequest
) -> None:
    recordings = recorded(tool, case, tmp_path, scripts)
    if request.config.getoption("--update-golden"):
        target = ROOT / f"tests/golden/tools/{tool}/{case}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(msgspec.json.format(msgspec.json.encode(recordings)) + b"\n")
    whole: Reading = readings.combine(recording.read(TOOLS) for recording in recordings)
    assert whole.outcome == Outcome(EXCEPTIONS.get((tool, case), EXPECTED[case])), whole
    if whole.outcome is Outcome.PASSED:
        assert whole.measures["files"] == whole.measures["expected"] >= 1
    if case == "bad" and tool not in MEASURES:
        assert {found.path for found in whole.findings} == {"pkg/__init__.py"}
        assert whole.measures["findings"] >= 1
    left = {path.name for path in (tmp_path / "project").iterdir()}
    assert left == {".penstock", *(name.partition("/")[0] for name in CASES[case])}, "a tool wrote into the tree"


@pytest.mark.parametrize("tool", PASSED_OVER)
def test_a_file_that_git_lists_and_a_tool_passes_over_is_not_clean(tool: str, tmp_path: Path, scripts: Path) -> None:
    beside = (f"{PASSED_OVER[tool]}/more.py",)
    sabotage = [each.read(TOOLS) for each in recorded(tool, "good", tmp_path / "a", scripts, beside=beside)]
    whole = readings.combine(sabotage)
    assert whole.outcome is Outcome.ERRORED, whole
    assert "examined 1 of the 2 Python files that git lists" in whole.reason
    twin = recorded(tool, "good", tmp_path / "b", scripts, beside=beside, excludes=("more",))
    whole = readings.combine(each.read(TOOLS) for each in twin)
    assert whole.outcome is Outcome.PASSED, whole
    assert "1 left out by its configuration" in whole.reason


def test_a_stub_takes_the_place_of_its_module_for_mypy(tmp_path: Path, scripts: Path) -> None:
    recordings = recorded("mypy", "good", tmp_path, scripts, beside=("pkg/two/more.py", "pkg/two/more.pyi"))
    whole = readings.combine(each.read(TOOLS) for each in recordings)
    assert (whole.outcome, whole.measures["files"], whole.measures["listed"]) == (Outcome.PASSED, 2, 2), whole


def test_the_build_makes_and_checks_both_distributions(tmp_path: Path, scripts: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").write_text(GOOD)
    backend = '[build-system]\nrequires = ["flit_core>=3"]\nbuild-backend = "flit_core.buildapi"\n'
    metadata = '[project]\nname = "pkg"\nversion = "1"\ndescription = "x"\nreadme = "README.rst"\n'
    (tmp_path / "pyproject.toml").write_text(backend + metadata)
    (tmp_path / "README.rst").write_text("pkg\n===\n")
    context = ToolContext(project=builders.project(), spec=builders.job_spec("package", "build"))

    def build(name: str) -> Reading:
        bench = toolbench.run(
            TOOLS["build"], context, root=tmp_path, reports=tmp_path.parent / name, places=places(scripts)
        )
        return readings.combine(recording.read(TOOLS) for recording in bench)

    whole = build("good-reports")
    assert whole.outcome is Outcome.PASSED, whole
    assert (whole.measures["sdists"], whole.measures["wheels"]) == (1, 1)
    (tmp_path / "README.rst").write_text("pkg\n==\n\n.. nonsense::\n")
    whole = build("bad-reports")
    assert whole.outcome is Outcome.FAILED
    assert "metadata" in whole.reason
