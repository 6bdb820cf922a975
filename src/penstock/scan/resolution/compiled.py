"""Versions chosen by uv's resolver, for all interpreters at once where it can, else for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from penstock.model.snapshot import Interpreter
from penstock.scan.detect.requirement import canonical, is_url, name_of
from penstock.scan.resolution.wanted import Line, Wanted
from penstock.util import tree, uv
from penstock.util.uvrun import Uv
from penstock.value import Value


class Request(Value, frozen=True, kw_only=True):
    """One resolution. `minors`: as users name them; `interpreters`: those that are here, by minor.

    `own`: the project's name, which never appears in the result ("": the own set of a tool, which may need the
    project's release). `work`: a folder of this resolution's own. `newest`: ISO time or "".
    """

    wanted: Wanted
    minors: tuple[str, ...]
    interpreters: Mapping[str, Interpreter]
    own: str
    root: str
    files: Mapping[str, str]
    work: Path
    newest: str = ""
    upgrade: bool = False


class Compiled(Value, frozen=True, kw_only=True):
    """What came of it: lines, or a problem. See `model.snapshot.Resolution` for the fields."""

    requirements: str = ""
    problem: str | None = None
    remedy: str | None = None
    blocked: tuple[tuple[str, str], ...] = ()
    unfetchable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def choose(request: Request, program: Uv) -> Compiled:
    """Choose versions. Raises OSError only."""
    lines = list(request.wanted.lines)
    left_out: list[str] = []
    while True:
        if not lines and not request.wanted.folders:
            return Compiled(unfetchable=tuple(left_out))
        text, failure = _compile(request, lines, program, universal=True)
        culprit = _unreachable(failure, lines) if failure else None
        if culprit is None or failure is None:
            break
        lines.remove(culprit)
        left_out.append(f"{culprit.text} ({culprit.place}): {failure.message}")
    if failure is None:
        return Compiled(requirements=text, unfetchable=tuple(left_out))
    bases = tuple(dict.fromkeys(map(_base, request.minors)))
    if len(bases) > 1 and failure.kind in {"python", "conflict", "version", "other", "build"}:
        return _each(request, lines, bases, program, tuple(left_out))
    return _problem(failure, request.wanted, tuple(left_out))


def _each(
    request: Request, lines: Sequence[Line], bases: tuple[str, ...], program: Uv, left_out: tuple[str, ...]
) -> Compiled:
    """A resolution for each interpreter, in one text by markers; the interpreters that have none are blocked."""
    parts: list[str] = []
    blocked: list[tuple[str, str]] = []
    last: uv.Failure | None = None
    for base in bases:
        text, failure = _compile(request, lines, program, universal=False, base=base)
        if failure is None:
            parts += [_marked(line, base) for line in text.splitlines() if line.strip()]
            continue
        last = failure
        told = _problem(failure, request.wanted, ())
        blocked += [(minor, told.problem or "") for minor in request.minors if _base(minor) == base]
    if last is not None and len(blocked) == len(request.minors):
        return _problem(last, request.wanted, left_out)
    note = "no versions fit all interpreters at once: they were chosen for each, on this platform"
    return Compiled(
        requirements="\n".join([*(f"# penstock: no resolution for {minor}: {why}" for minor, why in blocked), *parts])
        + "\n",
        blocked=tuple(blocked),
        unfetchable=left_out,
        notes=(note,),
    )


def _marked(line: str, base: str) -> str:
    if line.startswith(("-", "#")):
        return line
    requirement, _, marker = line.partition(" ; ")
    own = f"python_version == '{base}'"
    return f"{requirement} ; ({marker.strip()}) and {own}" if marker else f"{requirement} ; {own}"


def _compile(
    request: Request, lines: Sequence[Line], program: Uv, *, universal: bool, base: str = ""
) -> tuple[str, uv.Failure | None]:
    """One call of uv: the pinned lines, or why there are none."""
    request.work.mkdir(parents=True, exist_ok=True)
    parts = request.work / "parts"
    for folder in request.wanted.folders:  # a build in the tree would write into it
        inside = [name for name in request.files if name.startswith(f"{folder}/")]
        if not (parts / folder).exists():
            tree.copy_files(Path(request.root), inside, parts)
    asked, bounds = request.work / "requirements.in", request.work / "constraints.txt"
    texts = [*request.wanted.options, *(line.text for line in lines), *(str(parts / f) for f in request.wanted.folders)]
    asked.write_text("\n".join(texts) + "\n")
    bounds.write_text("\n".join(line.text for line in request.wanted.constraints) + "\n")
    oldest = base or min(map(_base, request.minors), key=_order)
    argv = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--python-version", oldest]
    argv += ["--universal"] if universal else []
    argv += ["--exclude-newer", request.newest] if request.newest else []
    argv += _python(request, oldest)
    argv += ["-c", str(bounds)] if request.wanted.constraints else []
    done, failure = _call([*argv, str(asked)], request, program)
    if failure is not None:
        return "", failure
    text = done.replace(f"file://{parts}/", "./").replace(f"{parts}/", "./")
    return "\n".join([*request.wanted.options, *_others(text, request)]) + "\n", None


def _call(argv: list[str], request: Request, program: Uv) -> tuple[str, uv.Failure | None]:
    """For a tool's own set the project's settings for uv (`exclude-newer`) are left aside if they allow no version."""
    found, failure = _called(argv, request, program, request.root)
    if failure is not None and failure.kind in {"version", "conflict"} and not request.own:
        return _called(argv, request, program, Path(request.root).anchor)
    return found, failure


def _called(argv: list[str], request: Request, program: Uv, directory: str) -> tuple[str, uv.Failure | None]:
    if request.upgrade and not program.offline:
        done = program.run([*argv, "--upgrade"], directory=directory)
        failure = uv.explain(done.stderr.decode(errors="replace")) if done.exit_code else None
    else:
        done, failure = program.first_offline(argv, directory=directory)
    return done.stdout.decode(errors="replace"), failure


def _others(text: str, request: Request) -> list[str]:
    """The lines without the project itself (pytest needs pluggy, pluggy is tested with pytest)."""
    kept = []
    for line in text.splitlines():
        found = re.match(r"\./(\S+)", line)
        if line.strip() and not found and name_of(line) == canonical(request.own):
            continue
        kept.append(re.sub(r"^[\w.-]+ @ (?=\./)", "", line))
    return [line for line in kept if line.strip()]


def _python(request: Request, base: str) -> list[str]:
    """An interpreter for what has to be built to know its metadata: of this minor, else the nearest that is here."""
    here = sorted(request.interpreters.values(), key=lambda found: _order(_base(found.minor)))
    fitting = [found for found in here if _order(_base(found.minor)) >= _order(base)] or here
    return ["--python", fitting[0].path] if fitting else []


def _base(minor: str) -> str:
    """The version of the language: "3.13" of "3.13t" and "pypy3.13"."""
    found = re.search(r"\d+\.\d+", minor)
    return found[0] if found else minor


def _order(base: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", base))


def _unreachable(failure: uv.Failure, lines: Sequence[Line]) -> Line | None:
    """Rule I10: the line that names a repository or an address that cannot be reached."""
    if failure.kind not in {"offline", "network", "build"}:
        return None
    addresses = [line for line in lines if is_url(line.text)]
    for line in addresses:
        address = re.sub(r"^[^@]*@\s*|\s*;.*$|#.*$", "", line.text).strip().removeprefix("git+")
        name = name_of(line.text)
        named = bool(name) and failure.requirement and name_of(failure.requirement) == name
        if named or (address and address in f"{failure.requirement} {failure.message}"):
            return line if failure.kind != "build" or "Git operation" in failure.message else None
    return None


def _problem(failure: uv.Failure, wanted: Wanted, left_out: tuple[str, ...]) -> Compiled:
    """The one requirement, where it is declared, why, and what to do."""
    name = name_of(failure.requirement) if failure.requirement else None
    origin = next((line for line in wanted.lines if name and name_of(line.text) == name), None)
    what = origin.text if origin else failure.requirement
    where = f", declared at {origin.place}" if origin else ", needed by what is declared" if what else ""
    reasons = {
        "offline": "is not in uv's cache, and the network was not asked or not reached",
        "network": "could not be fetched",
        "version": "has no version that fits",
        "conflict": "contradicts another requirement",
        "python": "needs another Python",
        "build": "could not be built",
        "syntax": "is no valid requirement",
        "other": "could not be resolved",
    }
    said = f"{what or 'the dependencies'} {reasons[failure.kind]}{where}: {failure.message}"
    return Compiled(problem=said, remedy=uv.REMEDIES[failure.kind], unfetchable=left_out)
