"""What a change asks less of in one job: of its command, its paths, its legs, and of when its result is made anew."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from penstock.model.pipeline import JobKind, JobSpec
from penstock.util.plural import plural

# Commands that ask nothing, and options that make such a command of any other.
_NOTHING = frozenset({"true", ":", "echo", "printf", "exit", "sleep", "date", "pwd", "ls", "cat"})
_ONLY_TOLD = frozenset({"--version", "-V", "--help", "-h"})
_VAIN = re.compile(r"\s*(?:pass|\.\.\.|None|0|(?:sys\.)?exit\(0?\)|print\(.*\)|import \w+)?\s*;?\s*")
# Options that leave something out, or turn a refusal to words; and those that ask for more.
_EASING = re.compile(
    r"-k|-m|-x|-p|--(?:ignore|deselect|exclude|extend-exclude|skip|omit|disable|allow|no-fail|no-strict|exit-zero|"
    r"collect-only|co\b|setup-only|maxfail|exitfirst|lf\b|last-failed|sw\b|stepwise|select\b|extend-ignore|per-file-ignores|"
    r"dry-run|continue-on|soft-fail|no-error|ignore-errors|follow-imports)[\w-]*"
)
_STRICT = re.compile(
    r"-W|-Werror|--(?:strict|check|fail|error|require|enforce|warn-error|pedantic|cov-fail|diff)[\w-]*"
)
_TALK = re.compile(
    r"-[vqs]+|-r\w+|--(?:verbose|quiet|colou?r|no-header|durations|tb|progress|show|pretty|n)[\w-]*(?:=.*)?"
)
_SILENCING = re.compile(
    r"SKIP|DISABLE|IGNORE|(?:^|_)NO_|PYTEST_ADDOPTS|PYTEST_PLUGINS|PYTHONOPTIMIZE|PYTHONSTARTUP|"
    r"PYTHONBREAKPOINT|COVERAGE_|RUFF_|MYPY|FLAKE8|PYLINT|BANDIT"
)


def narrowed(before: JobSpec, after: JobSpec) -> Iterator[str]:
    """In words, each thing that the job asks less for."""
    name = f"jobs.{before.name}"
    if before.kind is not after.kind:
        yield f"{name}: a {before.kind} job became a {after.kind} job"
        return
    yield from (f"{name}.run: {told}" for told in _commands(before, after))
    yield from (f"{name}.args: `{word}` came in" for word in _eased(before.args, after.args))
    yield from (
        f"{name}.args: without `{word}`" for word in before.args if _STRICT.match(word) and word not in after.args
    )
    yield from (f"{name}.{told}" for told in (*_paths(before, after), *_again(before, after), *_legs(before, after)))
    yield from (f"{name}.{told}" for told in environment(dict(before.environment), dict(after.environment)))
    for key, old, new in (("tool", before.tool, after.tool), ("runner", before.runner, after.runner)):
        if old != new:
            yield f"{name}.{key}: {old or 'what is detected'} became {new or 'what is detected'}"
    lost = [each.file for each in before.measured if each not in after.measured]
    if lost:
        yield f"{name}.coverage: without {', '.join(lost)}"


def environment(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Variables that came in, or have another value, whose names say that something is left out."""
    for name, value in after.items():
        if before.get(name) != value and _SILENCING.search(name):
            yield f"environment: {name} is `{value}`"


# --- the command -----------------------------------------------------------------------------------------------------


def _commands(before: JobSpec, after: JobSpec) -> Iterator[str]:
    if before.run == after.run or before.kind is not JobKind.RUN:
        return
    if _asks_nothing(after):
        if not _asks_nothing(before):
            yield f"`{_shown(after)}` asks nothing"
        return
    old, new = _words(before), _words(after)
    yield from (f"`{word}` came in" for word in _eased(old, new))
    gone = [word for word in old if word not in new and not _TALK.fullmatch(word)]
    came = [word for word in new if word not in old]
    narrower = [f"{word} became {more}" for word in gone for more in came if more.startswith(f"{word.rstrip('/')}/")]
    yield from narrower
    lost = [word for word in gone if _STRICT.match(word)]
    if not came and len(old) > len(new) and not _selected(old):
        lost = gone
    if lost and not narrower:
        yield f"without `{' '.join(lost)}`"


def _words(job: JobSpec) -> list[str]:
    """All words of the command; of a script, of all its lines."""
    try:
        return [word for part in job.run for word in shlex.split(part, comments=True)] if job.shell else list(job.run)
    except ValueError:
        return [word for part in job.run for word in part.split()]


def _shown(job: JobSpec) -> str:
    return " ".join(_words(job))[:80]


def _asks_nothing(job: JobSpec) -> bool:
    """Whether no line of the command could ever fail for what is in the tree."""
    lines = job.run[0].splitlines() if job.shell and job.run else [shlex.join(job.run)]
    commands = [part for line in lines for part in re.split(r"&&|;", line) if part.strip()]
    return all(map(_is_vain, commands))


def _is_vain(command: str) -> bool:
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return False
    if not words:
        return True
    program = words[0].rpartition("/")[2]
    if program.startswith("python") and len(words) > 2 and words[1] == "-c":
        return _VAIN.fullmatch(words[2]) is not None
    return program in _NOTHING or (len(words) > 1 and words[-1] in _ONLY_TOLD)


def _eased(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """Options that came in and leave something out, with their values."""
    for place, word in enumerate(after):
        of_python = word == "-m" and place and "python" in after[place - 1]
        if word in before and (word[:2] == "--" or _value(before, word) == _value(after, word)):
            continue
        if _EASING.match(word) and not of_python:
            yield f"{word} {_value(after, word)}".strip() if word in {"-k", "-m", "-p"} else word


def _value(words: Sequence[str], option: str) -> str:
    place = list(words).index(option) + 1
    return words[place] if place < len(words) else ""


def _selected(words: Sequence[str]) -> bool:
    """Whether some option among the words leaves something out: to drop it asks for more."""
    return any(_EASING.match(word) and word != "-m" for word in words)


# --- what it looks at, and when --------------------------------------------------------------------------------------


def _paths(before: JobSpec, after: JobSpec) -> Iterator[str]:
    if not after.paths:
        return
    if not before.paths:
        if before.kind is not JobKind.TEST:  # which tests there are was detected; what is left out is asked elsewhere
            yield f"paths: only {', '.join(after.paths)}"
        return
    gone = [path for path in before.paths if not any(_covers(other, path) for other in after.paths)]
    if gone:
        yield f"{'test' if before.kind is JobKind.TEST else 'paths'}: without {', '.join(gone)}"


def _covers(wide: str, path: str) -> bool:
    plain = wide.removeprefix("./").rstrip("/")
    path = path.removeprefix("./").rstrip("/")
    return plain in ("", ".", path) or path.startswith(f"{plain}/") or fnmatchcase(path, plain)


def _again(before: JobSpec, after: JobSpec) -> Iterator[str]:
    """When it runs at all, and when a kept result stands for a run."""
    lost = [occasion for occasion in before.occasions if occasion not in after.occasions]
    if lost:
        yield f"on: it runs for {' and '.join(after.occasions)}, and not for {' and '.join(lost)} any more"
    if after.branches and (not before.branches or set(before.branches) - set(after.branches)):
        yield f"branches: it runs only on {', '.join(after.branches)}"
    if after.when and (not before.when or set(before.when) - set(after.when)):
        yield f"when: it runs only where {', '.join(after.when)} changes"
    if after.inputs and (not before.inputs or set(before.inputs) - set(after.inputs)):
        yield f"inputs: it is made anew only where {', '.join(after.inputs)} changes"
    if before.cache is False and after.cache is not False:
        yield "cache: a kept result may stand for a run"
    if before.retries is not None and (after.retries is None or after.retries > before.retries):
        yield f"retries: {before.retries} became {'auto' if after.retries is None else after.retries}"


def _legs(before: JobSpec, after: JobSpec) -> Iterator[str]:
    if "*" not in after.python and before.python != after.python:
        gone = [python for python in before.python if python not in after.python]
        if gone:
            yield f"python: without {', '.join(gone)}"
    now = {axis: frozenset(values) for axis, values in after.axes}
    for axis, values in before.axes:
        lost = [value for value in values if value not in now.get(axis, frozenset())]
        if lost:
            yield f"matrix.{axis}: without {', '.join(lost)}"
    lost_legs = [leg for leg in before.include if leg not in after.include]
    if lost_legs:
        yield f"include: {plural(len(lost_legs), 'leg')} went"
    if after.exclude and after.exclude != before.exclude:
        yield "exclude: legs are left out"
