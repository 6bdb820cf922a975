"""The project's wheel: built once in a copy of the tree, kept by key, held against the tree to see what tests need."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from penstock.errors import NotVerifiedError
from penstock.model.snapshot import Interpreter
from penstock.run.environment import keys
from penstock.run.environment.history import give_history
from penstock.run.environment.layout import Layout, match
from penstock.run.environment.spec import Tree, Wheel
from penstock.util import atomic, digest, lock, tree
from penstock.util.uvrun import Uv

MANIFEST = "penstock-wheel.json"
REDIRECT = "redirect.json"


def find(sources: Tree, interpreter: Interpreter) -> Wheel | None:
    """The wheel that is there for this tree and interpreter. Starts nothing."""
    return _read(_folder(sources, key_now(sources, interpreter)))


def key_now(sources: Tree, interpreter: Interpreter) -> str:
    """The wheel's key, as far as is known before it is built."""
    return keys.wheel_key(sources, interpreter, _level(sources, interpreter))


def ensure(sources: Tree, interpreter: Interpreter, uv: Uv) -> Wheel:
    """The wheel; built if need be, once, whoever else wants it. Raises NotVerifiedError (with a remedy), OSError."""
    for _ in keys.LEVELS:  # each turn may find that the wheel belongs under a stricter key
        key = key_now(sources, interpreter)
        folder = _folder(sources, key)
        if wheel := _read(folder):
            return wheel
        with lock.held(Path(sources.state) / "locks" / f"wheel-{key}"):
            if wheel := _read(folder):
                return wheel
            if key == key_now(sources, interpreter):
                return _make(sources, interpreter, uv, key)
    raise NotVerifiedError("the wheel's key did not settle")  # pragma: no cover - levels only rise


def _folder(sources: Tree, key: str) -> Path:
    return Path(sources.state) / "wheels" / key


def _read(folder: Path) -> Wheel | None:
    try:
        wheel = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Wheel)
    except (OSError, ValueError):
        return None
    return wheel if Path(wheel.path).is_file() else None


def _level(sources: Tree, interpreter: Interpreter) -> str:
    level = "native" if sources.project.native else "install"
    for _ in keys.LEVELS:
        place = _folder(sources, keys.wheel_key(sources, interpreter, level)) / REDIRECT
        try:
            level = msgspec.json.decode(place.read_bytes(), type=str)
        except (OSError, ValueError):
            break
    return level


def _make(sources: Tree, interpreter: Interpreter, uv: Uv, key: str) -> Wheel:
    """Build under the lock of `key`; what it turns out to be decides under which key it is kept."""
    workplace = Path(sources.state) / "wheels" / f"{key}.build"
    tree.remove(workplace)
    try:
        path, notes = _build(sources, interpreter, uv, workplace)
        layout = match(_contents(path), sources.files.keys(), sources.project, _same_in(Path(sources.root)))
        level = _level_of(layout, path, sources)
        final = keys.wheel_key(sources, interpreter, level)
        if final != key:
            atomic.write(_folder(sources, key) / REDIRECT, msgspec.json.encode(level))
        return _keep(path, _folder(sources, final), layout, notes)
    finally:
        tree.remove(workplace)


def _level_of(layout: Layout, path: Path, sources: Tree) -> str:
    """The key that this wheel needs."""
    if layout.mode == "whole" or layout.compiled_sources:
        return "sources"
    return "native" if layout.native or sources.project.native or not path.name.endswith("-none-any.whl") else "install"


def _build(sources: Tree, interpreter: Interpreter, uv: Uv, workplace: Path) -> tuple[Path, tuple[str, ...]]:
    copy = workplace / "tree"
    history = give_history(sources, copy, uv)
    tree.copy_files(Path(sources.root), sources.files, copy)
    if not (copy / ".gitignore").exists():  # build backends look for one upwards, and would find the state folder's "*"
        (copy / ".gitignore").touch()
    out = workplace / "out"
    uv.need(
        ["build", "--wheel", "--no-build-logs", "--out-dir", str(out), "--python", interpreter.path, str(copy)],
        directory=str(copy),
        what="the project's wheel could not be built",
        extra={"GIT_CEILING_DIRECTORIES": str(workplace), **history.variables},
    )
    built = sorted(out.glob("*.whl"))
    if len(built) != 1:
        raise NotVerifiedError(
            f"the build backend made {len(built)} wheels instead of one", remedy="see the build's output"
        )
    return built[0], history.notes


def _keep(path: Path, folder: Path, layout: Layout, notes: tuple[str, ...]) -> Wheel:
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / path.name
    path.replace(kept)
    wheel = Wheel(
        key=folder.name,
        path=str(kept),
        digest=digest.of_file(kept),
        mode=layout.mode,
        roots=layout.roots,
        generated=layout.generated,
        notes=notes,
    )
    atomic.write(folder / MANIFEST, msgspec.json.encode(wheel))
    return wheel


def _contents(path: Path) -> Mapping[str, str]:
    """What the wheel puts into site-packages: path -> sha256 (base64, as in RECORD), its metadata folder left out."""
    import csv
    import io

    with zipfile.ZipFile(path) as archive:
        record = next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = list(csv.reader(io.StringIO(archive.read(record).decode())))
    own = record.split("/", 1)[0]
    data = own.removesuffix(".dist-info") + ".data"
    kept = {row[0]: row[1] for row in rows if row and not row[0].startswith(f"{own}/")}
    outside = tuple(f"{data}/{part}/" for part in ("scripts", "data", "headers"))  # these are installed in any mode
    return {name: sha.removeprefix("sha256=") for name, sha in kept.items() if not name.startswith(outside)}


def _same_in(root: Path) -> Callable[[str, str], bool]:
    def same(name: str, expected: str) -> bool:
        try:
            content = (root / name).read_bytes()
        except OSError:
            return False
        return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode() == expected

    return same
