"""Changes that ask for less where nobody looks: files that hide settings, commands, legs, sources.

All of them by the default `penstock run` on a branch: what the base asks for is asked there as in the pull request.
"""

from __future__ import annotations

from typing import Any

from tests.sabotage.case import PLAIN, WHY, Files, Project, Red, Sabotage, instead
from tests.sabotage.projects import LINTED, MEASURED, PYTHON, TESTED, TYPED, kiln


def case(name: str, project: Project, change: Files, twin: Files | None, says: str, **more: Any) -> Sabotage:
    """A case that the policy has to refuse. Without a twin of its own, it is the same change with its reason."""
    return Sabotage(
        name=name,
        project=project,
        change=change,
        twin=change if twin is None else twin,
        message=PLAIN,
        twin_message=WHY if twin is None else PLAIN,
        expects=more.pop("expects", Red("policy", says, also=more.pop("also", ()))),
        rule="policy",
        **more,
    )


# --- settings that are hidden by another file ------------------------------------------------------------------------

_INI = '[tool.pytest.ini_options]\npythonpath = ["."]\n'
STRICT = TESTED._replace(
    name="strict tests",
    files={
        **TESTED.files,
        "pyproject.toml": TESTED.files["pyproject.toml"].replace(
            _INI, f'{_INI}xfail_strict = true\naddopts = "--strict-markers"\nfilterwarnings = ["error"]\n'
        ),
    },
)


def pyproject(old: str, new: str) -> Files:
    """Another setting."""
    return {"pyproject.toml": instead(old, new)}


_SAME = """\
[pytest]
pythonpath = .
testpaths = tests
xfail_strict = true
addopts = --strict-markers
filterwarnings = error
"""
HIDING = (
    case(
        "an empty pytest.ini hides the settings",
        STRICT,
        {"pytest.ini": "", "conftest.py": "import sys\n\nsys.path.insert(0, '.')\n"},
        {"pytest.ini": _SAME},
        "pytest's xfail_strict is off",
    ),
    case(
        "a pytest.ini beside the tests hides the settings",
        STRICT,
        {"tests/pytest.ini": "[pytest]\npythonpath = ..\n"},
        {"pytest.ini": _SAME},
        r"pytest \(tests/pytest.ini\)'s xfail_strict is off",
    ),
    case(
        "a pytest.toml hides the settings",
        STRICT,
        {"pytest.toml": '[pytest]\npythonpath = ["."]\n'},
        {"pytest.ini": _SAME},
        "addopts: without --strict-markers",
    ),
    case(
        "warnings are no errors any more",
        STRICT,
        pyproject('filterwarnings = ["error"]', 'filterwarnings = ["default"]'),
        pyproject('filterwarnings = ["error"]', 'filterwarnings = ["error", "ignore:kiln:UserWarning"]'),
        "filterwarnings: without error",
    ),
    case(
        "an empty .coveragerc hides the settings",
        MEASURED,
        {".coveragerc": ""},
        {".coveragerc": "[run]\nsource = kiln\n"},
        "coverage's source: kiln became the default",
        also=("coverage.total",),
    ),
    case(
        "a mypy.ini hides the settings",
        TYPED,
        {"mypy.ini": "[mypy]\nfiles = kiln\n"},
        {"mypy.ini": "[mypy]\nfiles = kiln\nstrict = True\n"},
        "mypy's strict is off",
    ),
    case(
        "a ruff.toml in a folder hides the rules",
        LINTED,
        {"kiln/ruff.toml": "line-length = 100\n"},
        {"kiln/ruff.toml": 'extend = "../pyproject.toml"\nline-length = 90\n'},
        r"ruff \(kiln/ruff.toml\)'s select: E, I went",
    ),
    case(
        "the linter's settings are gone",
        LINTED,
        {"pyproject.toml": lambda text: text[: text.index("[tool.ruff")]},
        {
            "pyproject.toml": lambda text: text[: text.index("[tool.ruff")],
            "ruff.toml": '[lint]\nselect = ["E", "F", "I"]\n\n[format]\nquote-style = "double"\n',
        },
        "ruff's settings are gone",
    ),
)

# --- jobs ------------------------------------------------------------------------------------------------------------

_COMMAND = "python -W error -m compileall -q kiln tests"
_CHECK = f'check = {{ run = "{_COMMAND}" }}'
_SUITE = 'unit = { test = ["tests"], groups = ["test"] }'
_DOCS = (
    'docs = { run = "python -m compileall -q kiln", when = ["kiln/**", "docs/**"], inputs = ["kiln/**", "tests/**"] }'
)
_LEGS = (
    'legs = { run = "python -c \'import sys; assert sys.argv\'", matrix = { shelf = ["one", "two"] }, cache = false }'
)
WORKING = kiln(
    "working",
    f"lint = true\n{_CHECK}\n{_SUITE}\n{_DOCS}\n{_LEGS}",
    more='[tool.ruff.lint]\nselect = ["E", "F", "I"]\n',
    stock=("pytest -q",),
)


def job(name: str, old: str, new: str, says: str, twin: str = "", *, of: str = _CHECK, **more: Any) -> Sabotage:
    """One job is declared otherwise. `old`, `new`: parts of its line; `twin`: what stands there in the honest change,
    "" for the same with its reason.
    """
    return case(
        name,
        WORKING,
        pyproject(of, of.replace(old, new)),
        pyproject(of, of.replace(old, twin)) if twin else None,
        says,
        **more,
    )


JOBS = (
    job("a command becomes one that asks nothing", of=_CHECK, old=_COMMAND, new="true", says="`true` asks nothing"),
    job(
        "a command becomes an empty program",
        _COMMAND,
        "python -c pass",
        "asks nothing",
        "python -W error -m compileall -q tests kiln",
    ),
    job("a command only tells its version", _COMMAND, "python --version", "asks nothing"),
    job("a command looks at less", " kiln tests", " kiln", "jobs.check.run: without `tests`", " tests kiln"),
    job("a command looks deeper down", " kiln tests", " kiln/glaze.py tests", "kiln became kiln/glaze.py"),
    job("a command is less strict", "-W error ", "", "without `-W error`", "-W error -B "),
    job("a command gets an option that leaves out", "-q kiln", "-q -x tests kiln", "`-x` came in"),
    job(
        "fewer tests are named",
        '["tests"]',
        '["tests/test_glaze.py"]',
        "jobs.unit.test: without tests",
        '["tests/"]',
        of=_SUITE,
        also=("tests.uncollected", "tests"),
    ),
    job(
        "the tests get an option that leaves out",
        " }",
        ', args = "--deselect=tests/test_kiln.py::test_no"  }',
        "jobs.unit.args: `--deselect",
        ', args = "--durations=3" }',
        of=_SUITE,
    ),
    job(
        "a variable that switches tests off",
        " }",
        ', environment = { SKIP_SLOW = "1" } }',
        "environment: SKIP_SLOW",
        ', environment = { DEGREES = "1" } }',
        of=_SUITE,
    ),
    job(
        "a job runs for fewer changes",
        'when = ["kiln/**", "docs/**"]',
        'when = ["docs/**"]',
        "jobs.docs.when",
        of=_DOCS,
    ),
    job(
        "a job is for the night alone",
        'when = ["kiln/**", "docs/**"]',
        'on = "nightly"',
        "jobs.docs.on: it runs for nightly, and not for change any more",
        'on = ["change", "nightly", "release"]',
        of=_DOCS,
    ),
    job(
        "a job is for another branch",
        'when = ["kiln/**", "docs/**"]',
        'branches = "release/*"',
        "jobs.docs.branches: it runs only on release/*",
        of=_DOCS,
    ),
    job(
        "a kept result stands for more changes",
        'inputs = ["kiln/**", "tests/**"]',
        'inputs = ["kiln/**"]',
        "jobs.docs.inputs",
        of=_DOCS,
    ),
    job(
        "a leg is gone",
        '["one", "two"]',
        '["one"]',
        "jobs.legs.matrix.shelf: without two",
        '["one", "two", "six"]',
        of=_LEGS,
    ),
    job(
        "a kept result may stand for a run",
        ", cache = false",
        "",
        "jobs.legs.cache",
        ', cache = false, timeout = "1m"',
        of=_LEGS,
    ),
    job(
        "the linter looks at one folder",
        "lint = true",
        'lint = { paths = ["kiln"] }',
        "jobs.lint.paths: only kiln",
        of="lint = true",
    ),
)

# --- what things come from -------------------------------------------------------------------------------------------

_PINNED = '\n[[package]]\nname = "{name}"\nversion = "1.0"\nsource = {{ {source} }}\n'
LOCKED = kiln("locked", 'check = { run = "python -m compileall -q kiln" }', stock=("python -m compileall -q kiln",))
LOCKED = LOCKED._replace(
    files={
        **LOCKED.files,
        "kiln/uv.lock": "version = 1\n" + _PINNED.format(name="glaze", source='registry = "https://pypi.org/simple"'),
        "requirements-lint.txt": "flake8\nflake8-bugbear\nglaze\n",
    }
)
SUPPLY = (
    case(
        "a lock takes a package from elsewhere",
        LOCKED,
        {"kiln/uv.lock": instead("https://pypi.org/simple", "https://pypi.example.org/simple")},
        {"kiln/uv.lock": instead("1.0", "1.1")},
        "kiln/uv.lock: packages come from the registry https://pypi.example.org/simple",
    ),
    case(
        "a plug-in that checks is required no more",
        LOCKED,
        {"requirements-lint.txt": instead("flake8-bugbear\n", "")},
        {"requirements-lint.txt": instead("glaze\n", "")},
        "flake8-bugbear, which checks, is required no more",
    ),
)


# --- a project that declares nothing ---------------------------------------------------------------------------------


def undeclared(project: Project) -> Project:
    """The same without a table of penstock's: what is detected runs."""
    text = project.files["pyproject.toml"]
    start, end = text.index("[tool.penstock]"), text.index("[tool.penstock.jobs]")
    after = text.index("\n[tool.", end) if "\n[tool." in text[end:] else len(text)
    left = f"{text[:start]}{text[after:].lstrip()}".replace('">=3.11"', f'"=={PYTHON}.*"')
    files = {**project.files, "pyproject.toml": left}
    return project._replace(name=f"undeclared {project.name}", files=files)


FOUND = undeclared(LINTED)
DETECTED = (
    case(
        "all tests are deleted, and what is left is green",
        FOUND,
        {"tests/test_kiln.py": None, "tests/test_glaze.py": None},
        {"tests/test_glaze.py": None, "kiln/glaze.py": None},
        "6 tests went",
        also=("tests",),
    ),
    case(
        "the linter is not detected any more",
        FOUND,
        {"pyproject.toml": lambda text: text[: text.index("[tool.ruff")], "kiln/oven.py": "import os\n"},
        {"pyproject.toml": instead("[tool.ruff.lint]", "[tool.ruff]\nline-length = 99\n\n[tool.ruff.lint]")},
        "ruff's settings are gone",
        also=("lint",),
    ),
)

CASES = (*HIDING, *JOBS, *SUPPLY, *DETECTED)
