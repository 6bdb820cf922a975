"""Calls of linters, formatters and type checkers in the project's own commands and hooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from penstock.errors import Place
from penstock.scan.detect import precommit
from penstock.scan.detect.declared import POSARGS, Declared, words
from penstock.scan.detect.precommit import Hook
from penstock.scan.detect.requirement import name_of, pin_of
from penstock.scan.detect.tree import Tree
from penstock.value import Value

TOOLS = ("ruff", "ruff-format", "black", "isort", "flake8", "pylint", "mypy", "pyright", "ty", "bandit", "radon")
MEASURING = {"bandit": "security", "radon": "complexity"}  # by the job that they go into
TYPE_CHECKERS = frozenset({"mypy", "pyright", "ty"})
_HOOKS = {
    "ruff": "ruff",
    "ruff-check": "ruff",
    "ruff-format": "ruff-format",
    "black": "black",
    "black-jupyter": "black",
    "isort": "isort",
    "flake8": "flake8",
    "pylint": "pylint",
    "mypy": "mypy",
    "pyright": "pyright",
    "basedpyright": "",
    "ty": "ty",
    "ty-check": "ty",
    "bandit": "bandit",
}
_VALUED = re.compile(
    r"^(?:--(?:config|config-file|extend-ignore|ignore|select|extend-select|exclude|extend-exclude|line-length|target-version|max-line-length"
    r"|max-complexity|output-format|format|python-version|platform|package|module|command|rcfile|disable|enable|jobs|profile|settings-path|settings-file"
    r"|per-file-ignores|follow-imports|cache-dir|always-true|disable-error-code|enable-error-code|python|pythonversion|pythonplatform|project"
    r"|level|sp|skip|skip-glob|src|filename|statistics-format|pythonpath|error|warn|extra-search-path|verifytypes|include|output)|-p|-m|-c|-l|-t|-j|-E|-W)$"
)
_PRESENTED = {
    "--diff",
    "--check",
    "--check-only",
    "-c",
    "--fix",
    "--exit-non-zero-on-fix",
    "--fix-only",
    "--unsafe-fixes",
    "--show-fixes",
    "-v",
    "-q",
    "--verbose",
    "--quiet",
    "--pretty",
    "--color",
    "--statistics",
    "--count",
    "--non-interactive",
    "--install-types",
    "--no-error-summary",
    "--show-source",
    "--output-format=github",
    "--output-format=full",
    "--df",
    "--stats",
    "--no-cache",
}


class Call(Value, frozen=True, kw_only=True):
    """One call. `dependencies`: requirement lines of its environment that may be plugins or stubs.

    `environment`: the declared environment that it runs in, None for a hook (which has one of its own).
    """

    tool: str
    place: Place
    args: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    version: str = ""
    dependencies: tuple[str, ...] = ()
    environment: Declared | None = None
    hook: bool = False
    asked: bool = True  # False: declared, but neither by default nor by CI
    absent: bool = False  # it names what it checks, and nothing of that is here


def collect(tree: Tree, declared: Iterable[Declared]) -> list[Call]:
    """All calls: hooks first, for they carry versions, then tox, nox and the others."""
    everything = tuple(declared)
    found = [call for hook in precommit.read(tree) if not hook.manual for call in of_hook(hook, tree)]
    ci = {
        part
        for each in everything
        if each.source == "ci"
        for argv in each.commands
        for word in argv
        for part in re.split(r"[,:]", word)
    }
    for each in everything:
        if not _WRITES.match(each.name) and (each.default or each.source != "ci"):
            found += [
                replace(call, asked=_is_asked(each, ci), place=each.at(number))
                for number, argv in enumerate(each.commands)
                for call in _of_command(argv, each, tree)
            ]
    return found


def _is_asked(each: Declared, ci: set[str]) -> bool:
    """Whether CI runs it, its source runs it by default, or (no CI to be seen) it is one of the project's own tasks."""
    if each.name in ci or (each.default and (each.isolated or each.source == "ci")):
        return True
    return not ci and each.source in {"pixi", "hatch", "nox", "task", "make", "script"}


_WRITES = re.compile(r"^(?:fix|format|fmt|autoformat|reformat|tidy|autofix|pretty)", re.IGNORECASE)


def runs_unseen_hooks(tree: Tree, declared: Iterable[Declared]) -> bool:
    """Whether a command runs pre-commit although its configuration is not here (source distributions leave it out)."""
    if any(path in tree for path in precommit.PATHS):
        return False
    names = {"pre-commit", "pre_commit", "prek"}
    return any(names & set(argv[:6]) and "run" in argv for each in declared for argv in each.commands)


def of_hook(hook: Hook, tree: Tree) -> list[Call]:
    """The call that a hook is; a local one is its entry."""
    argv = words(hook.entry)
    tool = _HOOKS.get(hook.id, "") if hook.repository not in {"local", "meta"} else ""
    if not tool and argv:
        call = recognise([*argv, *(hook.args or ())], tree)
        if call is None:
            return []
        paths = call[2] or tuple(precommit.folders(hook.files, tree) or ())
        return [
            Call(tool=call[0], args=call[1], paths=paths, place=hook.place, hook=True, dependencies=hook.dependencies)
        ]
    if not tool:
        return []
    defaults = ("--ignore-missing-imports", "--scripts-are-modules") if tool == "mypy" else ()
    args, paths = (_of_measure if tool in MEASURING else _sorted)(
        hook.args if hook.args is not None else defaults, tree
    )
    if hook.pass_filenames and not paths:
        paths = tuple(precommit.folders(hook.files, tree) or ()) if hook.files else ()
    args += _excluded(tool, hook, tree)
    version = f"=={hook.version}" if hook.version and tool != "" else ""
    return [
        Call(
            tool=tool,
            args=args,
            paths=paths,
            version=version,
            place=hook.place,
            hook=True,
            dependencies=hook.dependencies,
        )
    ]


def _excluded(tool: str, hook: Hook, tree: Tree) -> tuple[str, ...]:
    """What pre-commit does not hand to the tool, in the tool's own words, where the pattern names plain folders."""
    names = precommit.folders(hook.exclude, tree) if hook.exclude else None
    if tool in {"ruff", "ruff-format"}:
        return tuple(word for name in names or () for word in ("--extend-exclude", name))
    if tool == "flake8":
        return ("--extend-exclude", ",".join(names)) if names else ()
    if tool in {"mypy", "black"} and hook.exclude:
        return ("--exclude" if tool == "mypy" else "--extend-exclude", hook.exclude)
    return ()


def _of_command(argv: Sequence[str], each: Declared, tree: Tree) -> list[Call]:
    found = None if any("$" in word for word in argv) else recognise([w for w in argv if POSARGS not in w], tree)
    if found is None:
        return []
    tool, args, paths = found
    program = "ruff" if tool == "ruff-format" else tool
    pin = next((pin_of(line) for line in each.needs.requirements if name_of(line) == program), "")
    return [
        Call(
            tool=tool,
            args=args,
            paths=paths,
            version=pin,
            place=each.place,
            dependencies=each.needs.requirements if each.isolated else (),
            environment=each,
            absent=not paths and _names_files(argv, tree),
        )
    ]


def _names_files(argv: Sequence[str], tree: Tree) -> bool:
    """Whether a command ends with a file or folder that the tree lacks (source distributions leave things out)."""
    word = argv[-1].rstrip("/") if argv else ""
    plain = bool(re.match(r"^[\w./-]+$", word)) and not word.startswith("-")
    named = word.endswith((".py", ".pyi")) or "/" in word
    return plain and named and word not in tree and word not in tree.folders


_VERBS = {"ty": (["check"],), "radon": (["cc"], ["mi"])}


def recognise(argv: Sequence[str], tree: Tree) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """(tool, options, paths) of a command line that checks; None for anything else.

    A formatter that would write (`black .`) counts as its check: what the project formats must be formatted.
    """
    rest = _program(list(argv))
    if not rest:
        return None
    tool = rest[0].rpartition("/")[2]
    rest = rest[1:]
    if tool == "ruff":
        verb = next((word for word in rest if not word.startswith("-")), "")
        if verb not in {"check", "format"}:
            return None
        rest.remove(verb)
        tool = "ruff-format" if verb == "format" else "ruff"
    elif tool in _VERBS:
        if rest[:1] not in _VERBS[tool]:
            return None
        rest = rest[1:]
    if (
        tool not in TOOLS
        or "--verifytypes" in rest
        or (tool == "mypy" and "-c" in rest)
        or any(word in {"--version", "--help"} for word in rest)
    ):
        return None
    args, paths = _of_measure(rest, tree) if tool in MEASURING else _sorted(rest, tree)
    return tool, args, paths


def _program(words_: list[str]) -> list[str]:
    """After `python -m`, `uv run …`, `uvx`, `poetry run`, `env A=B`."""
    while words_:
        first = words_[0].rpartition("/")[2]
        if re.match(r"^[A-Za-z_]\w*=|--chdir=", words_[0]) or first == "env":
            words_ = words_[1:]
        elif re.match(r"^(?:python[\d.]*|\{env_?python\})$", first) and "-m" in words_[1:4]:
            words_ = words_[words_.index("-m") + 1 :]
        elif first in {"uv", "poetry", "pdm", "hatch", "pipenv", "rye"} and "run" in words_[1:3]:
            words_ = _skipped(words_[words_.index("run") + 1 :])
        elif first in {"uvx", "pipx"} or (first == "uv" and words_[1:3] == ["tool", "run"]):
            words_ = [
                word.partition("@")[0]
                for word in _skipped(words_[1 if first == "uvx" else (2 if first == "pipx" else 3) :])
            ]
        else:
            break
    return words_


def _skipped(words_: list[str]) -> list[str]:
    valued = {"--group", "--extra", "--with", "--from", "-p", "--python", "--only-group", "--package", "--spec"}
    while words_ and words_[0].startswith("-"):
        if words_[0] == "-m":
            return words_[1:]
        words_ = words_[2:] if words_[0] in valued else words_[1:]
    return words_


_MEASURE_VALUED = re.compile(
    r"^(?:-[cxstbpfoanei]|--(?:configfile|exclude|skip|tests|baseline|profile|ini|format|output|aggregate|number"
    r"|msg-template|severity-level|confidence-level|min|max|ignore|order|output-file))$"
)


def _of_measure(rest: Iterable[str], tree: Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """As `_sorted`, of bandit and radon, whose short options mean other things than those of the linters."""
    args: list[str] = []
    paths: list[str] = []
    queue = [word for word in rest if not re.search(r"\$|\{", word)]
    while queue:
        word = queue.pop(0)
        if word.startswith("-"):
            args += [word, *([queue.pop(0)] if _MEASURE_VALUED.match(word) and queue else [])]
        else:
            bare = word.rstrip("/").removeprefix("./") or "."
            matches = tree.glob(bare) if re.search(r"[*?\[]", bare) else [bare]
            paths += [each for each in matches if each == "." or each in tree or each in tree.folders]
    return tuple(args), tuple(dict.fromkeys(paths))


def _sorted(rest: Iterable[str], tree: Tree) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(options, paths that exist). Options that only change how the answer looks are dropped."""
    args: list[str] = []
    paths: list[str] = []
    queue = list(rest)
    while queue:
        word = queue.pop(0)
        if re.search(r"\$|\{", word):
            continue
        if word.startswith("-") and word != "-":
            taken = (
                [queue.pop(0)] if _VALUED.match(word) and "=" not in word and queue and word not in _PRESENTED else []
            )
            if (
                word not in _PRESENTED
                and not re.match(r"^--(?:junit|html|txt|xml|cobertura|output-file|color)", word)
                and not any("{" in v for v in taken)
            ):
                args += [word, *taken]
            continue
        bare = word.rstrip("/").removeprefix("./") or "."
        matches = tree.glob(bare) if re.search(r"[*?\[]", bare) else [bare]
        paths += [each for each in matches if each == "." or each in tree or each in tree.folders]
    return tuple(args), tuple(dict.fromkeys(paths))
