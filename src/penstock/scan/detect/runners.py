"""Test commands, recognised: which runner a command line starts, with which options, on which paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from penstock.model.snapshot import Package
from penstock.scan.detect import pytestcalls, unittestcalls
from penstock.scan.detect.declared import POSARGS, Declared
from penstock.scan.detect.invocation import Invocation
from penstock.scan.detect.tree import Tree

_UNITTEST_LIKE = {"trial", "virtue", "green", "nose2", "stestr"}
_PYTHON = re.compile(
    r"^(?:.*/)?(?:python(?:\d(?:\.\d+)?)?t?|py|pypy3?|\{env_?python\}|\$\(?\{?PY(?:THON)?\d?\}?\)?|\{py_dot_ver\})$"
)
_OWN_SCRIPT = re.compile(
    r"^(?:\./)?(?:[\w./-]*/)?(?:run_?_?tests?|runtests?|test|tests|all_?tests|testall|test_all|run)\.py$"
)
_WITH_VALUE = {
    "-W",
    "-X",
    "--python",
    "-p",
    "--with",
    "--group",
    "--extra",
    "--env",
    "-e",
    "--index",
    "--only-group",
    "--package",
}
_WRAPPERS = {"xvfb-run", "time", "nice", "dbus-run-session", "faketime", "stdbuf", "exec", "command", "catchsegv"}


def invocations(declared: Declared, tree: Tree, packages: Iterable[Package]) -> list[Invocation]:
    """The test commands of a declared environment, in order."""
    names = {package.name for package in packages}
    found = []
    for number, argv in enumerate(declared.commands):
        directory = _directory(argv, tree) or declared.directory
        invocation = recognise(_from_root(argv, directory, tree), tree, names)
        if invocation is not None:
            variables = {**dict(declared.environment), **dict(invocation.environment)}
            found.append(
                replace(
                    invocation,
                    environment=tuple(sorted(variables.items())),
                    place=declared.at(number),
                    written=" ".join(_shown(argv)),
                    directory=directory,
                )
            )
    return found


def _directory(argv: Sequence[str], tree: Tree) -> str:
    """The folder that `env --chdir=FOLDER` names, by which `cd FOLDER && …` is written down; "" if it is not here."""
    said = next((word.partition("=")[2] for word in argv[:2] if word.startswith("--chdir=")), "")
    return said if said in tree.folders else ""


def _from_root(argv: Sequence[str], directory: str, tree: Tree) -> Sequence[str]:
    """The command as it would be written at the root: words that name files of its folder get the folder."""
    if not directory:
        return argv
    return [
        f"{directory}/{word}" if f"{directory}/{word}" in tree or f"{directory}/{word}" in tree.folders else word
        for word in argv
    ]


def _shown(argv: Sequence[str]) -> list[str]:
    return [f"'{word}'" if " " in word else word for word in argv if word != POSARGS]


def recognise(argv: Sequence[str], tree: Tree, names: set[str]) -> Invocation | None:
    """The invocation that a command line is, or None if it runs no tests."""
    words, variables = _unwrapped([word for word in argv if POSARGS not in word])
    if not words:
        return None
    measured = words[0] == "coverage" or words[:3] == ["python", "-m", "coverage"]
    if measured:
        words = _after_coverage(words)
    found = _of_words(words, tree, names) if words else None
    if found is None:
        return None
    return replace(found, environment=tuple(variables.items()), measured=measured)


def _unwrapped(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Without `env A=B`, `uv run …`, `poetry run`, `xvfb-run`; Python programs are named `python`."""
    variables: dict[str, str] = {}
    while words:
        first = words[0]
        if re.match(r"^[A-Za-z_]\w*=", first):
            name, _, value = first.partition("=")
            variables |= {} if "$" in value or "{" in value or name.startswith("COVERAGE") else {name: value}
            words = words[1:]
        elif first in _WRAPPERS or first == "env":
            words = _skip_options(words[1:])
        elif (
            first in {"uv", "poetry", "pdm", "hatch", "pipenv", "rye", "pixi", "conda", "micromamba"}
            and "run" in words[1:3]
        ):
            words = _skip_options(words[words.index("run") + 1 :])
        else:
            break
    if words and _PYTHON.match(words[0]):
        words = ["python", *words[1:]]
    return words, variables


def _skip_options(words: list[str]) -> list[str]:
    """After the options of a wrapper; `-m pytest` of `uv run` stays as a Python's."""
    while words and words[0].startswith("-"):
        if words[0] in {"-m", "--module"}:
            return ["python", "-m", *words[1:]]
        words = words[2:] if words[0] in _WITH_VALUE else words[1:]
    return words


def _after_coverage(words: list[str]) -> list[str]:
    """`coverage run [options] -m pytest …` is `python -m pytest …`."""
    words = words[words.index("coverage") + 1 :]
    if not words or words[0] != "run":
        return []
    words = words[1:]
    while words and words[0].startswith("-") and words[0] != "-m":
        words = (
            words[2:]
            if words[0] in {"--source", "--rcfile", "--omit", "--include", "--context", "--source-pkgs"}
            else words[1:]
        )
    return ["python", *words]


def _of_words(words: list[str], tree: Tree, names: set[str]) -> Invocation | None:
    program = words[0].rpartition("/")[2]
    if program in {"pytest", "py.test"}:
        return pytestcalls.read(words[1:], tree)
    if program in _UNITTEST_LIKE:
        return unittestcalls.of_packages(words[1:], tree, names)
    if program == "zope-testrunner":
        return Invocation(runner="command", argv=("-m", "zope.testrunner", *words[1:]))
    if program == "python":
        return _of_python(words[1:], tree, names)
    return (
        Invocation(runner="command", argv=(words[0],))
        if _OWN_SCRIPT.match(words[0]) and _clean(words[0]) in tree
        else None
    )


def _of_python(words: list[str], tree: Tree, names: set[str]) -> Invocation | None:
    options: list[str] = []
    while words and words[0].startswith("-") and words[0] not in {"-m", "-c"}:
        taken = 2 if words[0] in {"-W", "-X"} else 1
        options += words[:taken]
        words = words[taken:]
    if words[:1] == ["-m"] and len(words) > 1:
        module = _of_module(words[1], words[2:], options, tree, names)
        if module is None or module.runner == "command":  # there the options are a part of the command
            return module
        return replace(module, interpreter=_kept(options))
    if words[:1] == ["-c"] and len(words) > 1:
        found = re.search(r"import (\w+).*?\b\1\.test\(", words[1], re.DOTALL)
        return own_test_function(found[1]) if found and found[1] in names else None
    if words and (_OWN_SCRIPT.match(words[0]) or _is_test_file(words[0])) and _clean(words[0]) in tree:
        rest = [word for word in words[1:] if "$" not in word and "{" not in word]
        return Invocation(runner="command", argv=(*options, _clean(words[0]), *rest))
    return None


def _kept(options: Sequence[str]) -> tuple[str, ...]:
    """Without those that only show (-u, -v) and those that shut out the environment, by which tests are recorded."""
    return tuple(word for word in options if not re.match(r"^-[uvqIEsP]+$", word))


def own_test_function(package: str) -> Invocation:
    """`import x; x.test()`, with an exit code that says how it went."""
    code = f"import sys, {package}; r = {package}.test(); sys.exit(not (r is None or r is True or r.wasSuccessful()))"
    return Invocation(runner="command", argv=("-c", code), written=f"python -c 'import {package}; {package}.test()'")


def _clean(path: str) -> str:
    return path.removeprefix("./")


def _is_test_file(path: str) -> bool:
    return bool(re.match(r"^(?:\./)?(?:tests?/)?test_\w+\.py$", path))


def _of_module(module: str, rest: list[str], options: list[str], tree: Tree, names: set[str]) -> Invocation | None:
    if module in {"pytest", "py.test"}:
        return pytestcalls.read(rest, tree, as_module=True)
    if module == "unittest":
        return unittestcalls.read(rest)
    if module in _UNITTEST_LIKE or module == "twisted.trial":
        return unittestcalls.of_packages(rest, tree, names)
    top, _, below = module.partition(".")
    if (top in names and re.search(r"(?:^|\.)_?(?:self)?tests?(?:\.|_|$)", below)) or (
        top in {"test", "tests"} and _is_package(tree, module)
    ):
        kept = [word for word in rest if "{" not in word and "$" not in word]
        return Invocation(runner="command", argv=(*options, "-m", module, *kept))
    return None


def _is_package(tree: Tree, module: str) -> bool:
    """`python -m tests`: a package that can be run, or a module of one."""
    path = module.replace(".", "/")
    return f"{path}/__main__.py" in tree or f"{path}.py" in tree
