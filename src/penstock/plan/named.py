"""Files of the tree that a job names by patterns: which they are, and why it cannot run where they are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from penstock.model.pipeline import JobKind, JobSpec
from penstock.util.globs import matching
from penstock.value import Value

# What of a tree is an example or may be a script, by the ends of the names; "" = a name without an ending.
_ENDINGS = {JobKind.SCRIPTS: (".py", ".sh", ".bash", ""), JobKind.EXAMPLES: (".py", ".ipynb", ".md")}
_DETECTED = {JobKind.SCRIPTS: ("scripts/**",)}  # what is looked at where no path is named
_MARKS = ("plain", "unguarded", "not_run", "needs")  # options that say something of some of the files


class Named(Value, frozen=True, kw_only=True):
    """The files, in order; or why the job cannot run, with the remedy."""

    files: tuple[str, ...] = ()
    blocked_by: str | None = None
    remedy: str | None = None


def named(spec: JobSpec, tree: Iterable[str]) -> Named:
    """The files that the job is about. `tree`: every path of it. A pattern that matches nothing blocks the job."""
    if spec.kind is JobKind.IMAGE:
        return _image(spec, tree)
    if spec.kind not in _ENDINGS:
        return Named()
    declared = spec.option_words("paths")
    patterns = declared or _DETECTED.get(spec.kind, ())
    fitting = sorted(path for path in tree if _ending(path) in _ENDINGS[spec.kind])
    chosen = matching(patterns, fitting)
    if excluded := spec.option_words("exclude"):
        gone = set(matching(excluded, chosen))
        chosen = [path for path in chosen if path not in gone]
    idle = next(_idle(spec, declared, chosen), None)
    if idle is not None:
        key, pattern = idle
        what = ", ".join(f"`{ending}`" for ending in _ENDINGS[spec.kind] if ending)
        why = f"jobs.{spec.name}.{spec.kind.value}.{key}: `{pattern}` matches no {spec.kind.value[:-1]}"
        return Named(blocked_by=why, remedy=f"mend the pattern, or leave it out; what counts ends in {what}")
    return Named(files=tuple(chosen))


def _ending(path: str) -> str:
    """`.py` of `a/b.py`; "" of a name without a dot, or with none but its first character."""
    name = path.rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return f".{ending}" if dot and stem else ""


def _idle(spec: JobSpec, declared: tuple[str, ...], chosen: list[str]) -> Iterator[tuple[str, str]]:
    """(key, pattern) of each pattern that is about none of the files: it may be mistyped."""
    said = [("paths", pattern) for pattern in declared]
    for key in _MARKS:
        said += [(key, pattern) for pattern in (*spec.option_words(key), *dict(spec.option_pairs(key)))]
    for key, pattern in said:
        if not pattern.startswith("!") and not matching((pattern,), chosen):
            yield key, pattern


def _image(spec: JobSpec, tree: Iterable[str]) -> Named:
    file = str(spec.option("file", "Dockerfile")).removeprefix("./")
    if file in set(tree):
        return Named(files=(file,))
    remedy = f"write it, or say where it is: jobs.{spec.name}.image.file"
    return Named(blocked_by=f"there is no file {file} in the tree", remedy=remedy)
