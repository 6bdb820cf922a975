"""The words of a pytest command: what changes the tests is kept, what only shows them is not, the rest is ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from penstock.scan.detect.invocation import Invocation
from penstock.scan.detect.tree import Tree

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


def read(words: Sequence[str], tree: Tree, *, as_module: bool = False) -> Invocation:
    """Pytest's words sorted: options that change what is tested, paths; parallel and coverage options are ours."""
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
    """A path, node id or (`--pyargs`, site-packages) package, as it lies in the tree; [] if it does not exist."""
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
