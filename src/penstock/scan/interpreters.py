"""The Pythons of this machine, found offline. Each is started once to say what it is; the answer is kept."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from penstock.model.snapshot import Interpreter
from penstock.ports import Processes
from penstock.util import atomic, digest
from penstock.value import Value

_BEGINNINGS = ("python", "pypy", "graalpy")
_MOST_LINKS = 40  # as Linux follows
_PROGRAM = r"(python|pypy|graalpy)(3(\.\d+)?t?)?"
_TIMEOUT_S = 5.0
_TRIES = 3  # one that failed this often is not started again until its file changes
# Printed with a mark, so that a program which prints something else is not taken for a Python.
_QUESTION = (
    "import sys; v = sys.version_info; r = {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(v[3]);"
    "print('penstock', sys.implementation.name, '.'.join(map(str, v[:3])) + (r + str(v[4]) if r else ''),"
    " '-' + getattr(sys, 'abiflags', ''))"
)
_REPLY = r"penstock (?P<implementation>\w+) (?P<version>3\.\d+\.\d+(?:(?:a|b|rc)\d+)?) -(?P<flags>[a-z]*)\s*"


class _Answer(Value, frozen=True, kw_only=True):
    """What one program said when asked, or how often it failed to (`tries`)."""

    size: int
    mtime_ns: int
    implementation: str = ""
    version: str = ""
    flags: str = ""
    tries: int = 0


class _Place(Value, frozen=True, kw_only=True):
    """A folder that may hold interpreters: how it is told to users, and what it gives its interpreters as `source`."""

    folder: str
    source: str
    told: str


def find(
    environ: Mapping[str, str], processes: Processes, state: Path
) -> tuple[tuple[Interpreter, ...], tuple[str, ...]]:
    """The interpreters, CPython first and the newest first, each once; and the places looked in, in words.

    Scripts (the shims of pyenv, asdf and mise, which are slow or end in 127), broken programs and interpreters older
    than 3 are left out. Answers are kept in `state`, by path, size and mtime: a repeat starts no process.
    """
    places = tuple(_places(environ))
    store = state / "interpreters.json"
    known = _load(store)
    answers: dict[str, _Answer] = {}
    found: list[Interpreter] = []
    for path, source in _programs(places).items():
        answer = _ask(path, known.get(path), processes, environ)
        if answer is not None:
            answers[path] = answer
            if answer.version:
                found.append(_interpreter(path, source, answer))
    if answers != known:
        _save(store, answers)
    found.sort(key=_order)
    return tuple(found), tuple(dict.fromkeys(place.told for place in places))


def _places(environ: Mapping[str, str]) -> Iterator[_Place]:
    """Every folder to look in, those first that give their interpreters their source."""
    home = environ.get("HOME") or "/nonexistent"
    shared = environ.get("XDG_DATA_HOME") or f"{home}/.local/share"
    for folder in environ.get("PATH", "").split(os.pathsep):
        if folder.startswith("/"):
            yield _Place(folder=folder.rstrip("/") or "/", source="PATH", told="PATH")
    stores = (
        (environ.get("UV_PYTHON_INSTALL_DIR") or f"{shared}/uv/python", "uv"),
        (f"{environ.get('PYENV_ROOT') or f'{home}/.pyenv'}/versions", "pyenv"),
        (f"{environ.get('ASDF_DATA_DIR') or f'{home}/.asdf'}/installs/python", "asdf"),
        (f"{environ.get('MISE_DATA_DIR') or f'{shared}/mise'}/installs/python", "mise"),
    )
    for store, source in stores:
        told = f"{source} ({store})"
        yield _Place(folder=store, source=source, told=told)
        for version in sorted(_names(store)):
            yield _Place(folder=f"{store}/{version}/bin", source=source, told=told)
    for folder in ("/usr/local/bin", "/usr/bin"):
        yield _Place(folder=folder, source="system", told=folder)
    own = f"{sys.base_prefix}/bin"
    yield _Place(folder=own, source="running", told=own)


def _programs(places: tuple[_Place, ...]) -> dict[str, str]:
    """Real path -> source of every file that is called like a Python, outside virtual environments.

    The links of a virtual environment lead to its base, which counts.
    """
    found: dict[str, str] = {}
    looked: set[str] = set()
    is_program = re.compile(_PROGRAM).fullmatch
    for place in places:
        if place.folder in looked:
            continue
        looked.add(place.folder)
        names = [name for name in _names(place.folder) if name.startswith(_BEGINNINGS) and is_program(name)]
        folder = os.path.realpath(place.folder) if names else ""
        for name in names:
            real = _real(folder, name)
            if real not in found and _is_program(real):
                found[real] = place.source
    return found


def _real(folder: str, name: str) -> str:
    """The real path of a file in a real folder: most links lead to a neighbour (python -> python3 -> python3.12)."""
    for _ in range(_MOST_LINKS):
        try:
            target = os.readlink(f"{folder}/{name}")  # noqa: PTH115 - a string is wanted, a Path for each would cost
        except OSError:
            return f"{folder}/{name}"
        if "/" in target:
            break
        name = target
    return os.path.realpath(f"{folder}/{name}")


def _is_program(real: str) -> bool:
    """Whether a real path is called like a Python and is no copy inside a virtual environment."""
    folder, _, name = real.rpartition("/")
    return bool(re.fullmatch(_PROGRAM, name)) and not os.path.lexists(f"{folder}/../pyvenv.cfg")


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - hundreds of names, of which few become paths
    except OSError:
        return []


def _ask(path: str, known: _Answer | None, processes: Processes, environ: Mapping[str, str]) -> _Answer | None:
    """What the program at `path` is; None if it cannot be one."""
    try:
        found = Path(path).stat()
        if known is not None and (known.size, known.mtime_ns) == (found.st_size, found.st_mtime_ns):
            if known.version or known.tries >= _TRIES:
                return known
        else:
            known = None
        if not os.access(path, os.X_OK) or _is_script(path):
            return None
    except OSError:
        return None
    said = _run(path, processes, environ)
    match = re.fullmatch(_REPLY, said)
    return _Answer(
        size=found.st_size,
        mtime_ns=found.st_mtime_ns,
        tries=(known.tries if known else 0) + 1,
        **(match.groupdict() if match else {}),
    )


def _is_script(path: str) -> bool:
    with Path(path).open("rb") as stream:
        return stream.read(2) == b"#!"


def _run(path: str, processes: Processes, environ: Mapping[str, str]) -> str:
    kept = {name: value for name, value in environ.items() if not name.startswith(("PYTHON", "LD_", "DYLD_"))}
    try:
        done = processes.run([path, "-I", "-S", "-c", _QUESTION], directory="/", environment=kept, timeout_s=_TIMEOUT_S)
    except (OSError, ValueError):  # TimeoutError is an OSError
        return ""
    return done.stdout.decode("utf-8", "replace") if done.exit_code == 0 else ""


def _interpreter(path: str, source: str, answer: _Answer) -> Interpreter:
    major_minor = ".".join(answer.version.split(".")[:2])
    digits = major_minor.replace(".", "")
    if answer.implementation == "cpython":
        minor, abi = major_minor + ("t" if "t" in answer.flags else ""), f"cp{digits}{answer.flags}"
    else:
        minor, abi = answer.implementation + major_minor, f"{answer.implementation}{digits}"
    return Interpreter(
        minor=minor,
        version=answer.version,
        path=path,
        source=source,
        implementation=answer.implementation,
        abi=abi,
        identity=digest.of_parts((path, str(answer.size), str(answer.mtime_ns), answer.version, abi)),
    )


def _order(found: Interpreter) -> tuple[object, ...]:
    """CPython first, the ordinary build before the free-threaded, the newest first, a release before its previews."""
    numbers = [int(number) for number in re.findall(r"\d+", found.version)]
    final = re.fullmatch(r"[\d.]+", found.version) is not None
    return (
        found.implementation != "cpython",
        found.minor.endswith("t"),
        [-n for n in numbers[:3]],
        not final,
        [-n for n in numbers[3:]],
    )


def _load(store: Path) -> dict[str, _Answer]:
    try:
        return msgspec.json.decode(store.read_bytes(), type=dict[str, _Answer])
    except (OSError, ValueError):
        return {}


def _save(store: Path, answers: dict[str, _Answer]) -> None:
    try:
        atomic.write(store, msgspec.json.encode(answers))
    except (OSError, ValueError):  # a read-only folder: the next run asks again
        return
