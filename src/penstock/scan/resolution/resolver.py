"""One snapshot's dependency sets to resolutions, each kept by its own inputs (see `scan.resolve`)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.errors import NotVerifiedError, PenstockError
from penstock.model.snapshot import DependencySet, Interpreter, Resolution, Snapshot
from penstock.scan.detect.requirement import canonical, name_of, pin_of
from penstock.scan.detect.tree import Tree
from penstock.scan.resolution import compiled, facts, locked
from penstock.scan.resolution.wanted import Facts, Wanted, collect
from penstock.util import atomic, digest, tree
from penstock.util import uv as uv_words
from penstock.util.uvrun import Uv

_FORMAT = "2"
_ASKED_ONCE = "what could not be fetched is not asked for again until `--upgrade`: a try costs ten seconds"


class Resolver:
    """What the sets of one snapshot share: its files as read, its own dependencies, uv."""

    def __init__(
        self, snapshot: Snapshot, pythons: tuple[str, ...], state: Path, program: Uv, *, upgrade: bool, newest: str = ""
    ) -> None:
        self._snapshot = snapshot
        self._pythons = tuple(dict.fromkeys(pythons))
        self._state = state
        self._program = program
        self._upgrade = upgrade
        self._newest = newest
        self._tree = Tree(Path(snapshot.root), snapshot.files)
        self._facts: Facts | PenstockError | None = None
        self._told: dict[str, str | None] = {}
        self._here = {found.minor: found for found in reversed(snapshot.interpreters)}

    def resolution(self, chosen: DependencySet) -> Resolution:
        """The set's versions. Raises StaleLockError; OSError if the state folder cannot be written."""
        if not chosen.tentative:
            return self._resolution(chosen)
        bare = msgspec.structs.replace(chosen, tentative=())
        whole = self._resolution(msgspec.structs.replace(bare, extras=(*chosen.extras, *chosen.tentative)))
        if whole.problem is None and not whole.blocked and not whole.unfetchable:
            return whole
        note = f"the extras {', '.join(chosen.tentative)} are left out: {whole.problem or 'not for every Python'}"
        without = self._resolution(bare)
        return msgspec.structs.replace(without, notes=(*without.notes, note[:500]))

    def _resolution(self, chosen: DependencySet) -> Resolution:
        own = self._own(chosen)
        if isinstance(own, PenstockError):
            return self._closed(chosen, compiled.Compiled(problem=own.message, remedy=own.remedy))
        wanted = collect(self._tree, chosen, own)
        if wanted.problems:
            problem = "; ".join(wanted.problems)
            remedy = "correct the name where the dependency set is declared"
            return self._closed(chosen, compiled.Compiled(problem=problem, remedy=remedy))
        store = self._state / "resolutions" / f"{self._inputs(chosen, wanted)[:32]}.json"
        known = None if self._upgrade else _load(store)
        if known is not None:
            return known
        resolution = self._closed(chosen, self._choose(chosen, wanted, own, store.stem))
        if resolution.problem is None and not (resolution.unfetchable and self._program.offline):
            atomic.write(store, msgspec.json.encode(resolution))
        return resolution

    def _own(self, chosen: DependencySet) -> Facts | PenstockError:
        """The project's own dependencies; a set that needs none of them does not ask the build backend."""
        if not (chosen.install_project or chosen.extras or chosen.lock):
            return Facts(name=self._snapshot.project.name, dependencies=(), extras={})
        if self._facts is None:
            newest = self._interpreter()
            try:
                self._facts = facts.read(
                    self._snapshot, self._tree, state=self._state, interpreter=newest, uv=self._program
                )
            except NotVerifiedError as error:
                self._facts = error
        return self._facts

    def _interpreter(self) -> Interpreter | None:
        """The newest wanted interpreter that is here."""
        wanted = [self._here[minor] for minor in self._pythons if minor in self._here]
        return max(wanted, key=lambda found: tuple(map(int, found.minor.strip("pyt").split("."))), default=None)

    def _inputs(self, chosen: DependencySet, wanted: Wanted) -> str:
        """What the choice depends on: the flattened lines, the lock, uv, its configuration and its indexes."""
        files = self._snapshot.files
        lock = chosen.lock.path if chosen.lock else ""
        index = [f"{name}={self._program.environ.get(name, '')}" for name in uv_words.INDEX_VARIABLES]
        index += [f"{name}={self._program.environ.get(name, '')}" for name, _ in uv_words.FROM_PIP]
        program = Path(self._program.program).stat()
        folders = [sha for name, sha in files.items() if name.startswith(tuple(f"{f}/" for f in wanted.folders))]
        parts = [_FORMAT, *self._pythons, self._newest, f"{program.st_size} {program.st_mtime_ns}", *index]
        parts += [files.get(name, "") for name in (lock, "uv.toml", ".python-version")]
        parts += [msgspec.json.encode(self._tree.table("pyproject.toml", "tool", "uv"), enc_hook=str).decode()]
        parts += [files.get("pyproject.toml", "") if lock else "", *(folders if wanted.folders else [])]
        return digest.of_parts([*parts, *_told(chosen), msgspec.json.encode(wanted).decode()])

    def _choose(self, chosen: DependencySet, wanted: Wanted, own: Facts, name: str) -> compiled.Compiled:
        work = self._state / "resolutions" / f"work-{name}"
        request = compiled.Request(
            wanted=wanted,
            minors=self._pythons,
            interpreters=self._here,
            own=own.name if chosen.of_project else "",  # a tool may need its release: twine needs idna, to check idna
            root=self._snapshot.root,
            files=self._snapshot.files,
            work=work,
            newest=self._newest,
            upgrade=self._upgrade,
        )
        tree.remove(work)
        try:
            if chosen.lock is None or self._newest:
                return compiled.choose(request, self._program)
            return self._from_lock(chosen, own, request)
        finally:
            tree.remove(work)

    def _from_lock(self, chosen: DependencySet, own: Facts, request: compiled.Request) -> compiled.Compiled:
        """The lock's versions: exported by uv, what is declared outside of it chosen within its constraints."""
        lock = chosen.lock
        assert lock is not None, "asked only for sets that have one"  # noqa: S101 - narrows the type for mypy
        if lock.path not in self._told:
            self._told[lock.path] = locked.refuse_stale(lock, self._tree, own, self._interpreter(), self._program)
        notes = [note for note in (self._told[lock.path],) if note]
        exported = locked.Export(problem="its form")
        if lock.kind == "uv" and locked.can_export(chosen, self._tree):
            exported = locked.export(chosen, self._tree, self._interpreter(), self._program)
            if exported.problem:
                notes.append(
                    f"{lock.path} could not be exported ({exported.problem}): its versions bind as constraints"
                )
        bounds = (*request.wanted.constraints, *locked.constraints(lock, self._tree))
        if not exported.problem:
            open_lines = {line.text for line in request.wanted.lines}
            missing = tuple(text for text in chosen.otherwise if text in open_lines)
            bare = msgspec.structs.replace(chosen, install_project=False, extras=(), groups=(), otherwise=missing)
            rest = collect(self._tree, bare, Facts(name=own.name, dependencies=(), extras={}))
            request = msgspec.structs.replace(request, wanted=rest)
        request = msgspec.structs.replace(
            request, wanted=msgspec.structs.replace(request.wanted, constraints=bounds), upgrade=False
        )
        more = compiled.choose(request, self._program)
        text = _merged(exported.requirements, more.requirements)
        return msgspec.structs.replace(more, requirements=text, notes=(*more.notes, *notes))

    def _closed(self, chosen: DependencySet, found: compiled.Compiled) -> Resolution:
        return Resolution(
            dependencies=chosen.name,
            digest=digest.of_parts([found.requirements, *found.unfetchable, found.problem or ""]),
            requirements=found.requirements,
            problem=found.problem,
            remedy=found.remedy,
            newest_allowed=self._newest or None,
            blocked=found.blocked,
            unfetchable=(*chosen.unfetchable, *found.unfetchable),
            notes=(*found.notes, *((_ASKED_ONCE,) if found.unfetchable else ())),
        )


def _merged(exported: str, more: str) -> str:
    """Both texts; a distribution that the lock answers is taken from there.

    What the lock wants on some Pythons only (`typing-extensions==4.15.0 ; python_full_version < '3.11'`) the others may
    need for what is added: then the added line of the same version stands beside it.
    """
    lines = [line for line in exported.splitlines() if line and not line.startswith((" ", "#", "-"))]
    everywhere = {name_of(line) for line in lines if ";" not in line}
    somewhere = {(name_of(line), pin_of(line)) for line in lines if ";" in line}
    names = {name for name, _ in somewhere}

    def wanted(line: str) -> bool:
        name = name_of(line)
        return name not in everywhere and (name not in names or (name, pin_of(line)) in somewhere)

    rest = [line for line in more.splitlines() if line.startswith(("-", "#")) or wanted(line)]
    return exported + "".join(f"{line}\n" for line in rest if line.strip())


def _told(chosen: DependencySet) -> list[str]:
    """What of a set the lines do not tell already."""
    return [chosen.name, str(chosen.install_project), *map(canonical, (*chosen.extras, *chosen.groups))]


def _load(store: Path) -> Resolution | None:
    try:
        return msgspec.json.decode(store.read_bytes(), type=Resolution)
    except (OSError, ValueError):
        return None
