"""Changes that make the rules easier for themselves."""

from __future__ import annotations

from typing import Any

from tests.sabotage.case import PLAIN, WHY, Files, Red, Sabotage, instead, plus
from tests.sabotage.projects import PYTHON, kiln

# All jobs are quick: what is asked is what the change does to them.
# Of the tools, only their settings are looked at.
JOBS = """\
check = { run = "true" }
extra = { run = "true" }
unit = { test = "tests", groups = ["test"], marker = "not slow" }
"""
GATES = """\
[tool.penstock.gates]
tests = { min = 6 }
pull_request = { title = "off", conflicts = "off" }

[tool.coverage.report]
fail_under = 90

[tool.ruff.lint]
select = ["E", "F"]
ignore = ["E501"]

[tool.mypy]
strict = true
"""
GUARDED = kiln("guarded", JOBS, more=GATES, stock=("pytest -q",))
GUARDED = GUARDED._replace(
    files={
        **GUARDED.files,
        "pyproject.toml": GUARDED.files["pyproject.toml"].replace(
            'testpaths = ["tests"]', 'testpaths = ["tests"]\nmarkers = ["slow: takes long", "hot: of the fire"]'
        ),
    }
)


def case(name: str, change: Files, twin: Files | None, says: str, **more: Any) -> Sabotage:
    """A case of a pull request. Without a twin, it is the same change with its reason."""
    return Sabotage(
        name=name,
        project=GUARDED,
        change=change,
        twin=change if twin is None else twin,
        message=PLAIN,
        twin_message=WHY if twin is None else PLAIN,
        expects=Red("policy", says, **more),
        rule="policy",
        proposed=True,
    )


def pyproject(old: str, new: str) -> Files:
    """Another setting."""
    return {"pyproject.toml": instead(old, new)}


_UNIT = 'unit = { test = "tests", groups = ["test"], marker = "not slow" }'
_EXTRA = 'extra = { run = "true" }'

CASES = (
    case(
        "a threshold is lowered", pyproject("min = 6", "min = 5"), {"README.md": "x\n"}, "gates.tests.min: 6 became 5"
    ),
    case(
        "a threshold is lowered, and the twin says why",
        pyproject("min = 6", "min = 4"),
        None,
        "gates.tests.min: 6 became 4",
    ),
    case("a gate is taken out", pyproject("tests = { min = 6 }\n", ""), {"README.md": "x\n"}, "the gate tests is gone"),
    case(
        "a gate only warns",
        pyproject("min = 6 }", 'min = 6, mode = "warn" }'),
        pyproject("min = 6 }", 'min = 6, mode = "error" }'),
        "gates.tests.mode",
    ),
    case("a job is taken out", pyproject(f"{_EXTRA}\n", ""), None, "the job extra is gone"),
    case(
        "a job only warns",
        pyproject(_EXTRA, 'extra = { run = "true", mode = "warn" }'),
        pyproject(_EXTRA, 'extra = { run = "true", mode = "error" }'),
        "jobs.extra.mode",
    ),
    case(
        "a job may fail",
        pyproject(_EXTRA, 'extra = { run = "true", allow_failure = { reason = "r", until = 2999-01-01 } }'),
        None,
        "jobs.extra.allow_failure",
    ),
    case(
        "a job runs only where nothing changes",
        pyproject(_EXTRA, 'extra = { run = "true", when = "no/such/**" }'),
        None,
        "jobs.extra.when",
    ),
    case(
        "fewer tests are asked for by a marker",
        pyproject("not slow", "not slow and not hot"),
        None,
        "jobs.unit.marker",
    ),
    case(
        "fewer tests are asked for by a name",
        pyproject(_UNIT, _UNIT.replace(" }", ', keyword = "test" }')),
        None,
        "jobs.unit.keyword",
    ),
    case(
        "a test is put into quarantine",
        {
            "pyproject.toml": plus(
                '\n[[tool.penstock.quarantine]]\ntest = "tests/test_kiln.py::*"\nowner = "a"\nreason = "r"\n'
                "until = 2999-01-01\n"
            )
        },
        None,
        "quarantine: tests/test_kiln.py",
    ),
    case(
        "all declared jobs are gone, and what is detected stands in",
        {"pyproject.toml": lambda text: text.replace(f"[tool.penstock.jobs]\n{JOBS.strip()}\n", "")},
        {"README.md": "x\n"},
        "the job check is gone",
    ),
    case(
        "the declaration moves to another file, and becomes weaker there",
        {
            "pyproject.toml": lambda text: text[: text.index("[tool.penstock]")],
            "penstock.toml": f'python = ["{PYTHON}"]\n\n[jobs]\ncheck = {{ run = "true" }}\n',
        },
        {"README.md": "x\n"},
        "the gate tests is gone",
    ),
)

# The tools' own settings.
SETTINGS = (
    case(
        "the limit in coverage's own settings is lowered",
        pyproject("fail_under = 90", "fail_under = 50"),
        pyproject("fail_under = 90", "fail_under = 95"),
        "fail_under",
    ),
    case(
        "coverage leaves files out",
        pyproject("fail_under = 90", 'fail_under = 90\nomit = ["kiln/glaze.py"]'),
        None,
        "omit",
    ),
    case(
        "a file of its own outranks coverage's settings",
        {".coveragerc": "[report]\nfail_under = 10\n"},
        None,
        "fail_under",
    ),
    case(
        "coverage calls lines not to be covered",
        pyproject("fail_under = 90", 'fail_under = 90\nexclude_also = ["def .*"]'),
        None,
        "exclude_also",
    ),
    case(
        "the linter ignores more rules",
        pyproject('ignore = ["E501"]', 'ignore = ["E501", "F"]'),
        pyproject('ignore = ["E501"]', "ignore = []"),
        "ignore",
    ),
    case(
        "the linter has fewer rules",
        pyproject('select = ["E", "F"]', 'select = ["E"]'),
        pyproject('select = ["E", "F"]', 'select = ["E", "F", "I"]'),
        "select",
    ),
    case(
        "the linter leaves a file out",
        pyproject("[tool.ruff.lint]", '[tool.ruff]\nextend-exclude = ["kiln/glaze.py"]\n\n[tool.ruff.lint]'),
        None,
        "extend-exclude",
    ),
    case(
        "the linter ignores everything in some files",
        {
            "pyproject.toml": lambda text: text.replace(
                'ignore = ["E501"]', 'ignore = ["E501"]\nper-file-ignores = { "kiln/*" = ["ALL"] }'
            )
        },
        None,
        "per-file-ignores",
    ),
    case(
        "a linter's file in a folder outranks the settings",
        {"kiln/ruff.toml": 'lint.ignore = ["ALL"]\n'},
        None,
        "kiln/ruff.toml",
    ),
    case("the type checker is less strict", pyproject("strict = true", "strict = false"), None, "strict"),
    case(
        "the type checker ignores errors",
        pyproject("strict = true", "strict = true\nignore_errors = true"),
        None,
        "ignore_errors",
    ),
    case(
        "the type checker ignores errors in some modules",
        {"pyproject.toml": plus('\n[[tool.mypy.overrides]]\nmodule = "kiln.*"\nignore_errors = true\n')},
        None,
        "ignore_errors",
    ),
    case(
        "the type checker leaves files out",
        pyproject("strict = true", 'strict = true\nexclude = ["glaze"]'),
        None,
        "exclude",
    ),
    case(
        "pytest gets options that select",
        pyproject('testpaths = ["tests"]', 'testpaths = ["tests"]\naddopts = "--deselect=tests/no.py"'),
        pyproject('testpaths = ["tests"]', 'testpaths = ["tests"]\naddopts = "--durations=3"'),
        "addopts",
    ),
)
