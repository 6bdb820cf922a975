"""One preparation, in a supervised process of its own: read the spec, make what is asked, write the result."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from penstock.errors import PenstockError
from penstock.ports import Clock, Processes
from penstock.run import workspace
from penstock.run.environment import build, install
from penstock.run.environment.spec import Manifest, PrepareSpec, Result, Tree, Wheel
from penstock.util import atomic, lock
from penstock.util.clock import SystemClock
from penstock.util.process import SystemProcesses
from penstock.util.uvrun import Uv


def main(path: str, environ: Mapping[str, str]) -> int:
    """Do what the spec file at `path` asks. Returns 0 if it is there, else 1; the result file says which and why."""
    spec = msgspec.json.decode(Path(path).read_bytes(), type=PrepareSpec)
    sources = msgspec.json.decode(Path(spec.tree).read_bytes(), type=Tree)
    result = prepare(spec, sources, environ=environ, processes=SystemProcesses(), clock=SystemClock(), say=_say)
    atomic.write(Path(spec.result), msgspec.json.encode(result))
    if not result.ok:
        _say(f"{spec.id}: {result.problem}\n{result.remedy}\n")
    return 0 if result.ok else 1


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


class _Watch:
    """Seconds by step."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.monotonic_s()
        self.seconds: list[tuple[str, float]] = []

    def step(self, name: str) -> None:
        now = self._clock.monotonic_s()
        self.seconds.append((name, round(now - self._last, 4)))
        self._last = now


def prepare(
    spec: PrepareSpec,
    sources: Tree,
    *,
    environ: Mapping[str, str],
    processes: Processes,
    clock: Clock,
    say: Callable[[str], object],
) -> Result:
    """Make it, or say why not. Raises nothing that is expected."""
    uv = Uv(program=sources.uv, processes=processes, environ=environ, offline=spec.offline, say=say)
    watch = _Watch(clock)
    try:
        wheel = build.ensure(sources, spec.interpreter, uv) if wants_wheel(spec, sources) else None
        watch.step("wheel")
        if spec.kind == "wheel":
            return Result(ok=True, wheel=wheel, seconds=tuple(watch.seconds))
        manifest, reused = install.ensure(spec, sources, wheel, uv)
        watch.step("environment")
        place = _workspace(sources, manifest)
        watch.step("workspace")
    except PenstockError as error:
        return Result(ok=False, problem=error.message, remedy=error.remedy or "", seconds=tuple(watch.seconds))
    except OSError as error:
        return Result(ok=False, problem=str(error), remedy="is the disk full, or `.penstock/` read-only?")
    return Result(
        ok=True, environment=manifest, wheel=wheel, workspace=place, reused=reused, seconds=tuple(watch.seconds)
    )


def wants_wheel(spec: PrepareSpec, sources: Tree) -> bool:
    """Whether the project's own package goes in, and has a backend that can make a wheel of it."""
    if sources.project.backend is None:
        return False
    return spec.kind == "wheel" or (spec.dependencies is not None and spec.dependencies.install_project)


def _workspace(sources: Tree, manifest: Manifest) -> str | None:
    if manifest.mode != "overlay":
        return None
    folder = install.workspace_folder(sources, manifest.key)
    overlay = _overlay(manifest)
    with lock.held(Path(sources.state) / "locks" / f"work-{manifest.key}"):
        if not workspace.current(folder, sources.keys.sources, overlay):
            workspace.renew(folder, Path(sources.root), sources.files, sources.keys.sources, overlay)
    return str(workspace.place(folder))


def _overlay(manifest: Manifest) -> workspace.Overlay:
    return workspace.Overlay(wheel=manifest.wheel_path, digest=manifest.wheel, files=manifest.generated)


def lookup(spec: PrepareSpec, sources: Tree) -> Result | None:
    """What is there already and up to date; None if a preparation has to be started. Starts nothing, writes nothing."""
    wheel: Wheel | None = None
    if wants_wheel(spec, sources):
        wheel = build.find(sources, spec.interpreter)
        if wheel is None:
            return None
    if spec.kind == "wheel":
        return Result(ok=True, wheel=wheel, reused=True)
    manifest = install.read(install.folder_of(spec, sources, wheel))
    if manifest is None:
        return None
    place: str | None = None
    if manifest.mode == "overlay":
        folder = install.workspace_folder(sources, manifest.key)
        if not workspace.current(folder, sources.keys.sources, _overlay(manifest)):
            return None
        place = str(workspace.place(folder))
    return Result(ok=True, environment=manifest, wheel=wheel, workspace=place, reused=True)
