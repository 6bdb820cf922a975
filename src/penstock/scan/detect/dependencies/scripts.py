"""Commands that are no environment of their own: task tables, Makefile and justfile targets, scripts/test, CI jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from penstock.errors import Place
from penstock.scan.detect.declared import POSARGS, Declared, Needs, installed, script_lines, words
from penstock.scan.detect.requirement import canonical, name_of, strings
from penstock.scan.detect.tree import Tree

_SCRIPTS = (
    "scripts/test",
    "scripts/test.sh",
    "script/test",
    "bin/test",
    "run_tests.sh",
    "runtests.sh",
    "test.sh",
    "ci.sh",
)

_CI_NAMES = re.compile(
    r"test|^(?:ci|main|build|python\W?\w*|checks?|tox|nox|pytest|pull[-_]?requests?|verify|continuous\W.*)$"
)
_CI_OTHER = re.compile(
    r"downstream|upstream|release|deploy|publish|pypi|docs?|fuzz|codspeed|bench|nightly|lint|typ|wheels"
)


def read(tree: Tree) -> list[Declared]:
    """All of them, the nearest to a person's own command first."""
    return [
        *_tasks(tree),
        *_pixi(tree),
        *_make(tree),
        *_just(tree),
        *_shell(tree),
        *_cibuildwheel(tree),
        *workflows(tree),
    ]


def _tasks(tree: Tree) -> Iterator[Declared]:
    """`[tool.pdm.scripts]`, `[tool.poe.tasks]`, `[tool.taskipy.tasks]`, `[tool.rye.scripts]`."""
    for tool, key in (("pdm", "scripts"), ("poe", "tasks"), ("taskipy", "tasks"), ("rye", "scripts"), ("thx", "jobs")):
        for name, value in tree.table("pyproject.toml", "tool", tool, key).items():
            lines = _task_lines(value)
            if lines:
                place = tree.place("pyproject.toml", f"[tool.{tool}.{key}", name)
                commands = tuple(argv for line in lines for argv in script_lines(line))
                yield Declared(source="task", name=name, place=place, commands=commands, isolated=False)


def _task_lines(value: Any) -> list[str]:
    if isinstance(value, dict):
        found = next((value[key] for key in ("cmd", "shell", "chain", "all", "run", "script") if key in value), "")
        return _task_lines(found)
    if isinstance(value, list):
        return [line for item in value for line in _task_lines(item)]
    return [value] if isinstance(value, str) else []


def _pixi(tree: Tree) -> Iterator[Declared]:
    """Pixi's environment `default`: its features are extras of the same name, its tasks the commands."""
    pixi = tree.table("pyproject.toml", "tool", "pixi")
    features = pixi.get("feature")
    features = features if isinstance(features, dict) else {}
    default = tree.table("pyproject.toml", "tool", "pixi", "environments").get("default", [])
    chosen = strings(default.get("features") if isinstance(default, dict) else default) or list(features)
    declared = tree.table("pyproject.toml", "project", "optional-dependencies")
    environments = [
        strings(each.get("features") if isinstance(each, dict) else each)
        for each in (pixi.get("environments") or {}).values()
    ]
    for name in features:
        together = chosen if name in chosen else next((each for each in environments if name in each), [name])
        extras = tuple(canonical(feature) for feature in together if feature in declared)
        for task, value in tree.table("pyproject.toml", "tool", "pixi", "feature", name, "tasks").items():
            commands = tuple(argv for line in _task_lines(value) for argv in script_lines(line))
            place = tree.place("pyproject.toml", f"[tool.pixi.feature.{name}.tasks]", task)
            yield Declared(
                source="pixi",
                name=task,
                place=place,
                needs=Needs(extras=extras, project=True),
                commands=commands,
                default=name in chosen,
            )


def _make(tree: Tree) -> Iterator[Declared]:
    """Makefile targets; a target named test comes first. `$(VARIABLES)` of the file are replaced."""
    path = next((name for name in ("Makefile", "makefile", "GNUmakefile") if name in tree), None)
    if path is None:
        return
    text = re.sub(r"\\\n\s*", " ", tree.text(path))
    variables = {"MAKE": "make"} | dict(re.findall(r"^(?:export\s+)?(\w+)\s*[:?]?=[ \t]*(.*)$", text, re.MULTILINE))
    targets = re.compile(r"^([\w][\w .-]*):(?!=)([^\n]*)\n((?:(?:\t.*|[ \t]*)\n)*)", re.MULTILINE).finditer(text + "\n")
    for found in sorted(targets, key=lambda target: target[1].split()[0] not in {"test", "tests", "check"}):
        commands = tuple(argv for line in found[3].splitlines() for argv in _recipe(line, variables))
        needed = [word for word in re.sub(r"#.*$|;.*$", "", found[2]).split() if re.match(r"[\w.-]+$", word)]
        commands = (*(("make", target) for target in needed), *commands)
        if commands:
            yield Declared(
                source="make",
                name=found[1].split()[0],
                place=tree.place(path, f"{found[1]}:"),
                commands=commands,
                needs=_installs(commands),
                isolated=False,
            )


def _recipe(line: str, variables: Mapping[str, str]) -> list[tuple[str, ...]]:
    for _ in range(4):
        line = re.sub(r"\$[({](\w+)[)}]", lambda found: variables.get(found[1], ""), line)
    return script_lines(re.sub(r"\s#.*$", "", line).strip().lstrip("@-+"))


def _just(tree: Tree) -> Iterator[Declared]:
    path = next((name for name in ("justfile", "Justfile", ".justfile") if name in tree), None)
    if path is None:
        return
    recipes = re.compile(
        r"^@?([a-zA-Z][\w-]*)((?:[ \t][^\n:]*)?):(?!=)[^\n]*\n((?:[ \t]+.*\n|[ \t]*\n)*)", re.MULTILINE
    )
    text = tree.text(path) + "\n"
    for recipe in recipes.finditer(text):
        name, parameters, body = recipe.groups()
        default = re.search(r"[*+](?:args|ARGS)\s*=\s*(['\"])(.*?)\1", parameters)
        plain = re.sub(r"\{\{\s*(?:args|ARGS)[^{}]*\}\}", default[2].replace("\\", "") if default else POSARGS, body)
        plain = re.sub(r"\{\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\}", "", plain)
        commands = tuple(argv for line in plain.splitlines() for argv in script_lines(line.strip().lstrip("@-")))
        if commands:
            place = Place(path=path, line=text.count("\n", 0, recipe.start()) + 1)
            yield Declared(
                source="task", name=name, place=place, commands=commands, needs=_installs(commands), isolated=False
            )


def _shell(tree: Tree) -> Iterator[Declared]:
    for path in _SCRIPTS:
        if path in tree:
            commands = tuple(_plain(argv) for argv in script_lines(tree.text(path)))
            yield Declared(source="script", name=path, place=Place(path=path), commands=commands, isolated=False)


def _plain(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Without the shell's own words: `$@`, `exec`, the prefix of `${PREFIX}pytest`."""
    kept = [word for word in argv if word not in {"$@", "$*", "exec", "time"}]
    first = re.sub(r"^\$\{?\w+\}?", "", kept[0]) if kept else ""
    return (*([first] if first else []), *kept[1:])


def _cibuildwheel(tree: Tree) -> Iterator[Declared]:
    """What wheels are tested with: `test-command`, `test-requires`, `test-extras`, `test-groups`."""
    table = tree.table("pyproject.toml", "tool", "cibuildwheel")
    lines = (
        [table["test-command"]] if isinstance(table.get("test-command"), str) else strings(table.get("test-command"))
    )
    if not lines:
        return
    requires = table.get("test-requires")
    needs = installed(
        [word for line in ([requires] if isinstance(requires, str) else strings(requires)) for word in words(line)]
    )
    extras = tuple(map(canonical, strings(table.get("test-extras"))))
    commands = tuple(argv for line in lines for argv in script_lines(re.sub(r"\{(?:project|package)\}/?", "./", line)))
    yield Declared(
        source="cibuildwheel",
        name="test-command",
        place=tree.place("pyproject.toml", "[tool.cibuildwheel]", "test-command"),
        needs=needs.plus(Needs(extras=extras, groups=tuple(strings(table.get("test-groups"))), project=True)),
        commands=commands,
        default=False,
    )


def _installs(commands: tuple[tuple[str, ...], ...]) -> Needs:
    """What `pip install`, `uv pip install`, `uv sync` and `uv run` in `commands` put into the environment."""
    needs = Needs()
    for argv in commands:
        if "install" in argv[:5] and any(word.rpartition("/")[2].startswith("pip") for word in argv[:4]):
            needs = needs.plus(installed(argv[argv.index("install") + 1 :]))
        elif argv[0] == "uv" and len(argv) > 1 and argv[1] in {"run", "sync"}:
            needs = needs.plus(installed([word for word in argv[2:] if word.startswith("-") or _follows(argv, word)]))
    return replace(needs, requirements=tuple(line for line in needs.requirements if name_of(line) not in _WORKSHOP))


_WORKSHOP = frozenset(
    {
        *("pip", "setuptools", "wheel", "tox", "tox-uv", "tox-gh", "tox-gh-actions", "nox", "uv", "build", "twine"),
        *("hatch", "poetry", "pdm", "pipenv", "virtualenv", "codecov", "coveralls", "pre-commit", "prek", "flit"),
        "cibuildwheel",
    }
)
"""What CI installs to do its own work, not for the tests."""


def _follows(argv: tuple[str, ...], word: str) -> bool:
    """Whether the word is the value of an option of uv."""
    position = argv.index(word)
    return argv[position - 1] in {"--group", "--extra", "--only-group", "--with-requirements"}


def workflows(tree: Tree) -> Iterator[Declared]:
    """GitHub workflows by line scanning: the `run:` texts of each file are one declaration."""
    for path in sorted(path for path in tree.files if re.match(r"\.github/workflows/[^/]+\.ya?ml$", path)):
        commands = [(line, argv) for line, text in runs(tree.text(path)) for argv in script_lines(text)]
        argvs = tuple(argv for _, argv in commands)
        if argvs:
            name = path.rpartition("/")[2].rsplit(".", 1)[0]
            yield Declared(
                source="ci",
                name=name,
                place=Place(path=path, line=commands[0][0]),
                commands=argvs,
                lines=tuple(line for line, _ in commands),
                needs=_installs(argvs),
                default=bool(_CI_NAMES.search(name.lower())) and not _CI_OTHER.search(name.lower()),
                isolated=False,
            )


def runs(text: str) -> Iterator[tuple[int, str]]:
    """(line, script) of every `run:` key, block scalars joined. Expressions `${{ … }}` are blanked."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        found = re.match(r"^(\s*)(?:-\s+)?run:\s*(.*)$", lines[number])
        number += 1
        if not found:
            continue
        start, indent, value = number, len(found[1]), found[2].strip()
        if re.match(r"^[|>][+-]?\d*$", value) or not value:
            block = []
            while number < len(lines) and (
                not lines[number].strip() or len(lines[number]) - len(lines[number].lstrip()) > indent
            ):
                block.append(lines[number].strip())
                number += 1
            value = ("\n" if value.startswith("|") else " ").join(block)
        yield start, re.sub(r"\$\{\{.*?\}\}", "", value.strip("'\"") if value[:1] in {"'", '"'} else value)
