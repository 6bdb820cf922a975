"""Test commands, recognised: which runner a command line starts, with which options, on which paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from penstock.errors import Place
from penstock.model.snapshot import Package
from penstock.scan.detect.declared import POSARGS, Declared
from penstock.scan.detect.tree import Tree
from penstock.value import Value


class Invocation(Value, frozen=True, kw_only=True):
    """One recognised test command. `argv`: pytest's or unittest's options, or the whole own command after `python`.

    `measured`: `coverage run` stood before it; `written`: the command as the file has it, for people.
    """

    runner: str  # "pytest" | "unittest" | "command"
    argv: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    as_module: bool = False
    no_capture: bool = False
    dropped: tuple[str, ...] = ()  # options of the command that are not taken over (-n, --cov …)
    environment: tuple[tuple[str, str], ...] = ()
    measured: bool = False
    written: str = ""
    place: Place | None = None


_UNITTEST_LIKE = {"trial": "trial", "virtue": "virtue", "green": "green", "nose2": "nose2", "stestr": "stestr"}
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
    for argv in declared.commands:
        invocation = recognise(_from_root(argv, declared.directory, tree), tree, names)
        if invocation is not None:
            variables = {**dict(declared.environment), **dict(invocation.environment)}
            merged = tuple(sorted(variables.items()))
            found.append(replaced(invocation, environment=merged, place=declared.place, written=" ".join(_shown(argv))))
    return found


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


def replaced(invocation: Invocation, **changes: object) -> Invocation:
    import msgspec

    return msgspec.structs.replace(invocation, **changes)


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
    return replaced(found, environment=tuple(variables.items()), measured=measured)


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
        return pytest(words[1:], tree, as_module=False)
    if program in _UNITTEST_LIKE:
        return _unittest_like(program, words[1:], tree, names)
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
        return _of_module(words[1], words[2:], options, tree, names)
    if words[:1] == ["-c"] and len(words) > 1:
        found = re.search(r"import (\w+).*?\b\1\.test\(", words[1], re.DOTALL)
        return own_test_function(found[1]) if found and found[1] in names else None
    if words and (_OWN_SCRIPT.match(words[0]) or _is_test_file(words[0])) and _clean(words[0]) in tree:
        rest = [word for word in words[1:] if "$" not in word and "{" not in word]
        return Invocation(runner="command", argv=(*options, _clean(words[0]), *rest))
    return None


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
        return pytest(rest, tree, as_module=True)
    if module == "unittest":
        return unittest(rest, tree)
    if module in _UNITTEST_LIKE or module == "twisted.trial":
        return _unittest_like(module.rpartition(".")[2], rest, tree, names)
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


# ---- pytest -----------------------------------------------------------------------------------------------------------

_SHOWN_ONLY = re.compile(
    r"^(?:-v+|-q+|--verbose|--quiet|-r\w+|--tb=\w+|--color=.*|--durations(?:-min)?=.*|-l|--showlocals|--basetemp=.*|--junit-?xml=.*"
    r"|--no-header|--no-summary|-x|--exitfirst|--maxfail=.*|--html=.*|--self-contained-html|--log-cli-level=.*|-vv+|--full-trace"
    r"|--instafail|--benchmark-(?:json|autosave|save|compare).*|--report-log=.*|--force-sugar|--timeout-method=.*|--ff|--lf|--nf|--sw)$"
)
_SHOWN_WITH_VALUE = {
    "--tb",
    "--color",
    "--durations",
    "--basetemp",
    "--junitxml",
    "--junit-xml",
    "--maxfail",
    "--html",
    "-r",
}
_OURS_WITH_VALUE = {
    "-n",
    "--numprocesses",
    "--dist",
    "--cov-config",
    "--cov-context",
    "--cov-fail-under",
    "--cov-report",
    "--maxprocesses",
    "--tx",
}
_VALUED = {
    "-m",
    "-k",
    "-p",
    "-W",
    "-c",
    "-o",
    "--rootdir",
    "--ignore",
    "--deselect",
    "--import-mode",
    "--confcutdir",
    "--override-ini",
    "--config-file",
    "--ignore-glob",
    "--ds",
    "--timeout",
    "--reactor",
    "--asyncio-mode",
    "--run-optional",
    "--pythonwarnings",
}
_OURS = re.compile(
    r"^(?:-n(?:\d+|auto|logical)|-n=.*|--numprocesses=.*|--dist=.*|--cov(?:=.*|-.*)?|--no-cov.*|--maxprocesses=.*|--looponfail)$"
)


def pytest(words: Sequence[str], tree: Tree, *, as_module: bool) -> Invocation:
    """pytest's words sorted: options that change what is tested, paths; parallel and coverage options are ours."""
    argv: list[str] = []
    paths: list[str] = []
    dropped: list[str] = []
    queue = list(words)
    by_name = "--pyargs" in queue
    while queue:
        word = queue.pop(0)
        value = queue[0] if queue and not queue[0].startswith("-") else None
        if word in _SHOWN_WITH_VALUE or _SHOWN_ONLY.match(word) or word == "--pyargs":
            queue = queue[1:] if word in _SHOWN_WITH_VALUE and value is not None else queue
        elif word in _OURS_WITH_VALUE or _OURS.match(word):
            taken = [queue.pop(0)] if word in _OURS_WITH_VALUE and value is not None else []
            taken = taken or (
                [queue.pop(0)] if word == "--cov" and value is not None and _takes(word, value, tree, queue) else []
            )
            dropped.append(" ".join([word, *taken]))
        elif word in {"-s", "--capture=no"}:
            argv.append("-s")
        elif word.startswith("-"):
            argv += [word, *([queue.pop(0)] if word in _VALUED and queue else [])]
            if word not in _VALUED and value is not None and _takes(word, value, tree, queue):
                argv.append(queue.pop(0))
        else:
            paths += _target(word, tree, by_name=by_name)
    options = [word for word in _without_placeholders(argv) if word != "-s"]
    return Invocation(
        runner="pytest",
        argv=tuple(options),
        paths=tuple(dict.fromkeys(paths)),
        as_module=as_module,
        no_capture="-s" in argv,
        dropped=tuple(dropped),
    )


def _takes(word: str, value: str, tree: Tree, rest: list[str]) -> bool:
    """Whether an unknown option takes the next word: it does if that word is no path of the tree."""
    bare = value.rstrip("/").removeprefix("./").partition("::")[0]
    known = bare in tree or bare in tree.folders or "{" in value or bare in {"", "."}
    return (word == "--cov" and bool(rest)) or (not known and "/" not in value and not value.endswith(".py"))


def _without_placeholders(argv: list[str]) -> list[str]:
    """Options whose value only the other tool knows are dropped, with the option before them."""
    kept: list[str] = []
    for word in argv:
        if re.search(r"\{[^{}]*\}|\$[({\w]|`", word):
            if kept and kept[-1] in _VALUED and not word.startswith("-"):
                kept.pop()
            continue
        kept.append(word)
    return kept


def _target(word: str, tree: Tree, *, by_name: bool) -> list[str]:
    """A path, node id or (`--pyargs`, site-packages) package, as it lies in the tree; what does not exist is nothing."""
    file, colons, node = word.partition("::")
    site = re.match(r"^\{env_?site_?packages_?dir\}/?(.*)$", file)
    path = (site[1] if site else file).rstrip("/").removeprefix("./")
    candidates = [path] if not (by_name or site) else []
    if by_name or site:
        dotted = path.replace(".", "/") if by_name and "/" not in path else path
        candidates += [f"{base}{dotted}" for base in ("src/", "lib/", "")]
    candidates += [f"{path}.py"] if not by_name and path.isidentifier() else []
    if path in {"", "."}:
        return ["."] if not site else []
    expanded = tree.glob(path) if re.search(r"[*?\[]", path) else candidates
    found = [each for each in expanded if each in tree or each in tree.folders]
    return [f"{each}{colons}{node}" for each in (found if "*" in path else found[:1])]


# ---- unittest ---------------------------------------------------------------------------------------------------------


def unittest(words: Sequence[str], tree: Tree) -> Invocation:
    """unittest's words: `discover` options stay options (-s, -t, -p), names and files are paths."""
    argv: list[str] = []
    paths: list[str] = []
    queue = [word for word in words if "{" not in word and "$" not in word]
    discover = queue[:1] == ["discover"]
    queue = queue[1:] if discover else queue
    positional = ["-s", "-p", "-t"]
    while queue:
        word = queue.pop(0)
        if word in {"-s", "--start-directory", "-t", "--top-level-directory", "-p", "--pattern", "-k"} and queue:
            short = {"--start-directory": "-s", "--top-level-directory": "-t", "--pattern": "-p"}.get(word, word)
            argv += [short, queue.pop(0).rstrip("/")]
        elif word.startswith(("--start-directory=", "--top-level-directory=", "--pattern=")):
            argv += [{"s": "-s", "t": "-t", "p": "-p"}[word[2]], word.partition("=")[2].rstrip("/")]
        elif word.startswith("-"):
            argv += [] if word in {"-v", "-q", "-vv", "--verbose", "--quiet", "-f", "--failfast"} else [word]
        elif discover and positional:
            argv += [positional.pop(0), word.rstrip("/")]
        else:
            paths.append(word)
    return Invocation(runner="unittest", argv=tuple(argv), paths=tuple(paths))


def _unittest_like(program: str, words: Sequence[str], tree: Tree, names: set[str]) -> Invocation | None:
    """trial, virtue, green …: run whole packages by dotted name; unittest's discovery finds the same tests."""
    targets = [word for word in words if not word.startswith("-") and "{" not in word]
    for target in targets:
        path = target.replace(".", "/").removesuffix("/py")
        folder = next((f"{base}{path}" for base in ("src/", "", "lib/") if f"{base}{path}" in tree.folders), None)
        if folder is not None and (target.partition(".")[0].partition("/")[0] in names or "test" in target):
            top = "src" if folder.startswith("src/") else ("lib" if folder.startswith("lib/") else ".")
            return Invocation(runner="unittest", argv=("-s", folder, "-t", top))
    return None
