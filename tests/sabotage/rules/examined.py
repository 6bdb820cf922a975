"""Linters, type checkers and security scans that look at nothing, at less, or away."""

from __future__ import annotations

from typing import Any

from tests.sabotage.case import Files, Red, Sabotage, instead, plus
from tests.sabotage.projects import LINTED, SECURED, TYPED, kiln

UNSORTED: Files = {"kiln/oven.py": '"""An oven."""\n\nimport os\n'}
SORTED: Files = {"kiln/oven.py": '"""An oven."""\n\nimport os\n\nNAME = os.name\n'}
WRONG: Files = {"kiln/oven.py": '"""An oven."""\n\n\ndef bake(n: int) -> str:\n    """Bake."""\n    return n\n'}
RIGHT: Files = {"kiln/oven.py": '"""An oven."""\n\n\ndef bake(n: int) -> str:\n    """Bake."""\n    return str(n)\n'}
UNSAFE: Files = {"kiln/oven.py": '"""An oven."""\n\nPASSWORD = "fire and glaze"\n'}
SAFE: Files = {"kiln/oven.py": '"""An oven."""\n\nCOLOUR = "fire and glaze"\n'}
UNREADABLE: Files = {"kiln/oven.py": '"""An oven."""\n\n\ndef bake(:\n'}

_SELECT = 'select = ["E", "F", "I"]\n'
_FILES = 'files = ["kiln"]\n'


def lint(name: str, change: Files, twin: Files, expects: Red, **more: Any) -> Sabotage:
    """A case for the linter."""
    return Sabotage(name=name, project=LINTED, change=change, twin=twin, expects=expects, rule="lint", **more)


def types(name: str, change: Files, twin: Files, expects: Red, **more: Any) -> Sabotage:
    """A case for the type checker."""
    return Sabotage(name=name, project=TYPED, change=change, twin=twin, expects=expects, rule="types", **more)


def security(name: str, change: Files, twin: Files, expects: Red) -> Sabotage:
    """A case for the scan."""
    return Sabotage(name=name, project=SECURED, change=change, twin=twin, expects=expects, rule="security")


def pyproject(old: str, new: str) -> Files:
    """Another setting."""
    return {"pyproject.toml": instead(old, new)}


def after_select(line: str) -> Files:
    """A further setting of ruff's linter."""
    return pyproject(_SELECT, f"{_SELECT}{line}\n")


def ruff(line: str) -> Files:
    """A further setting of ruff."""
    return pyproject("[tool.ruff.lint]\n", f"[tool.ruff]\n{line}\n\n[tool.ruff.lint]\n")


LINT = (
    lint("a finding", UNSORTED, SORTED, Red("lint", "1 finding")),
    lint(
        "a file that is not formatted",
        {"kiln/oven.py": "x =  1\n"},
        {"kiln/oven.py": "x = 1\n"},
        Red("lint", "1 finding"),
    ),
    lint("a file that cannot be parsed", UNREADABLE, SORTED, Red("lint", "could not parse|finding|invalid-syntax", 3)),
    lint(
        "every folder is excluded",
        {**UNSORTED, **ruff('exclude = ["*"]')},
        {**SORTED, **ruff('exclude = ["build"]')},
        Red("lint", "examined no file|nothing was examined|No Python", 3),
    ),
    lint(
        "the setting has an unknown key",
        {**UNSORTED, **ruff("no_such_key = true")},
        {**SORTED, **ruff("line-length = 100")},
        Red("lint", "could not be asked", 3),
    ),
    lint(
        "the setting is no TOML",
        {**UNSORTED, "kiln/ruff.toml": "select = [\n"},
        {**SORTED, "kiln/ruff.toml": "line-length = 100\n"},
        Red("lint", "could not be asked", 3),
    ),
    lint(
        "an unknown rule is ignored",
        {**UNSORTED, **after_select('ignore = ["NOSUCH1"]')},
        {**SORTED, **after_select('ignore = ["E501"]')},
        Red("lint", "could not be asked|finding", 3),
    ),
    lint(
        "the linter is asked to end with 0",
        {**UNSORTED, **pyproject("lint = true", 'lint = { args = "--exit-zero" }')},
        {**SORTED, **pyproject("lint = true", 'lint = { args = "--preview" }')},
        Red("lint", "1 finding"),
        stock=("ruff check --exit-zero .",),
    ),
    lint(
        "the linter is asked to be silent",
        {**UNSORTED, **pyproject("lint = true", 'lint = { args = "--silent" }')},
        {**SORTED, **pyproject("lint = true", 'lint = { args = "--no-cache" }')},
        Red("lint", "1 finding"),
        stock=("ruff check --silent .",),
    ),
    lint(
        "the linter repairs what it finds",
        {**UNSORTED, **pyproject("lint = true", 'lint = { args = "--fix" }')},
        {**SORTED, **pyproject("lint = true", 'lint = { args = "--no-cache" }')},
        Red("lint", "1 finding"),
        stock=("ruff check --fix .",),
    ),
    lint(
        "the linter is told where nothing is",
        {**UNSORTED, **pyproject("lint = true", 'lint = { paths = ["docs"] }'), "docs/index.md": "Docs\n"},
        {**SORTED, **pyproject("lint = true", 'lint = { paths = ["kiln"] }')},
        Red("lint", "examined no file|nothing was examined|No Python", 3),
        stock=("ruff check docs", "ruff format --check docs"),
    ),
    lint(
        "a linter of the project's own that does nothing",
        {
            **UNSORTED,
            **pyproject(
                'test = ["pytest"]', 'test = ["pytest", "ruff"]\n\n[tool.uv.sources]\nruff = { path = "fake" }'
            ),
            "fake/pyproject.toml": '[project]\nname = "ruff"\nversion = "0.17.6"\n'
            '[project.scripts]\nruff = "fake:main"\n[build-system]\nrequires = []\nbuild-backend = "backend"\n'
            'backend-path = ["."]\n',
        },
        SORTED,
        Red("lint", "1 finding"),
    ),
)

TYPES = (
    types("an error", WRONG, RIGHT, Red("types", "1 finding")),
    types("a file that cannot be parsed", UNREADABLE, RIGHT, Red("types", "could not parse|finding|syntax", 3)),
    types(
        "the setting has an unknown key",
        {**WRONG, **pyproject(_FILES, f"{_FILES}no_such_key = true\n")},
        {**RIGHT, **pyproject(_FILES, f"{_FILES}pretty = true\n")},
        Red("types", "no_such_key|finding", 1),
    ),
    types(
        "no file is left",
        {**WRONG, **pyproject(_FILES, f'{_FILES}exclude = ["kiln"]\n')},
        {**RIGHT, **pyproject(_FILES, f'{_FILES}exclude = ["build"]\n')},
        Red("types", "could not check|examined no file|no file", 3),
    ),
    types(
        "a file that is not there is named",
        {**WRONG, **pyproject(_FILES, 'files = ["oven"]\n')},
        {**RIGHT, **pyproject(_FILES, 'files = ["kiln/"]\n')},
        Red("types", "could not check|examined no file|no file", 3),
    ),
    types(
        "the summary is switched off",
        {**WRONG, **pyproject(_FILES, f"{_FILES}error_summary = false\n")},
        {**RIGHT, **pyproject(_FILES, f"{_FILES}pretty = false\n")},
        Red("types", "1 finding"),
    ),
    types(
        "only the version is asked for",
        {**WRONG, **pyproject("types = true", 'types = { args = "--version" }')},
        {**RIGHT, **pyproject("types = true", 'types = { args = "--strict" }')},
        Red("types", "did not say how many files", 3),
        stock=("mypy --version",),
    ),
    types(
        "only the help is asked for",
        {**WRONG, **pyproject("types = true", 'types = { args = "--help" }')},
        {**RIGHT, **pyproject("types = true", 'types = { args = "--warn-unreachable" }')},
        Red("types", "did not say how many files", 3),
        stock=("mypy --help",),
    ),
)

_IGNORED = 'security = {{ severity = "low", ignore = [{{ id = "{}", reason = "r", until = {} }}] }}\n'
_GATE = 'security = { severity = "low" }\n'
SECURITY = (
    security("a finding", UNSAFE, SAFE, Red("security", "1 low")),
    security("a file that cannot be parsed", UNREADABLE, SAFE, Red("security", "could not parse|syntax", 3)),
    security(
        "the project's own settings ignore the rule",
        {**UNSAFE, "pyproject.toml": plus('\n[tool.ruff.lint]\nignore = ["S"]\n')},
        {**SAFE, "pyproject.toml": plus('\n[tool.ruff.lint]\nignore = ["E501"]\n')},
        Red("security", "1 low"),
    ),
    security(
        "the permission has run out",
        {**UNSAFE, **pyproject(_GATE, _IGNORED.format("S105", "2020-01-01"))},
        {**UNSAFE, **pyproject(_GATE, _IGNORED.format("S105", "2999-01-01"))},
        Red("security", "ended on 2020-01-01"),
    ),
    security(
        "the permission is for another rule",
        {**UNSAFE, **pyproject(_GATE, _IGNORED.format("S106", "2999-01-01"))},
        {**UNSAFE, **pyproject(_GATE, _IGNORED.format("B105", "2999-01-01"))},
        Red("security", "1 low"),
    ),
    security(
        "every folder is excluded",
        {**UNSAFE, "pyproject.toml": plus('\n[tool.ruff]\nexclude = ["*"]\n')},
        {**SAFE, "pyproject.toml": plus('\n[tool.ruff]\nexclude = ["build"]\n')},
        Red("security", "no file|nothing was examined|No Python", 3),
    ),
)

TANGLED = (
    "def tangled(a: int) -> int:\n"
    + "".join(f"    if a == {n}:\n        return {n}\n" for n in range(12))
    + "    return a\n"
)
COMPLEX = kiln(
    "complex",
    "complexity = true",
    more='[tool.penstock.gates]\ncomplexity = { max = "B" }\n',
    stock=("ruff check --select C901 --config lint.mccabe.max-complexity=10 .",),
)
COMPLEXITY = (
    Sabotage(
        name="a tangled function",
        project=COMPLEX,
        rule="complexity",
        change={"kiln/oven.py": TANGLED},
        twin={"kiln/oven.py": "\n".join((*TANGLED.splitlines()[:7], "    return a", ""))},
        expects=Red("complexity", r"1 of \d+ functions worse than grade B"),
    ),
    Sabotage(
        name="the project's own settings allow it",
        project=COMPLEX,
        rule="complexity",
        change={
            "kiln/oven.py": TANGLED,
            "pyproject.toml": plus(
                '\n[tool.ruff.lint]\nignore = ["C901"]\n\n[tool.ruff.lint.mccabe]\nmax-complexity = 99\n'
            ),
        },
        twin={
            "pyproject.toml": plus(
                '\n[tool.ruff.lint]\nignore = ["E501"]\n\n[tool.ruff.lint.mccabe]\nmax-complexity = 9\n'
            )
        },
        expects=Red("complexity", r"1 of \d+ functions worse than grade B"),
    ),
)

CASES = (*LINT, *TYPES, *SECURITY, *COMPLEXITY)
