"""What the engine asks a preparation for, and what it answers: two JSON files, so that it can be its own process."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.model.snapshot import DependencySet, Git, Interpreter, Project
from penstock.value import Value

FORMAT = "1"  # part of every key: raise it when what is made changes its meaning


class SourceKeys(Value, frozen=True, kw_only=True):
    """Digests of the tree, from what an installation reads to everything (see `keys`)."""

    install: str
    native: str
    sources: str


class Tree(Value, frozen=True, kw_only=True):
    """What all preparations of one run share. `files` as in `Snapshot.files`; `root` and `state` absolute."""

    root: str
    state: str
    uv: str
    project: Project
    git: Git
    files: Mapping[str, str]
    keys: SourceKeys


class PrepareSpec(Value, frozen=True, kw_only=True):
    """One preparation. `kind`: "wheel" or "environment"; `id`: `wheel@3.12`, `3.12/test`.

    `tree`: path of the file that holds the `Tree`; `result`: path of the file that gets the `Result`. `requirements`:
    the resolution's lines, `resolution` its digest. `test_files`: what the import closure reads (rule I8).
    `layers`: requirement lines of penstock's own needs, put beside the environment if it lacks them. `examines`: only
    linters and type checkers run in it, no code of the project.
    """

    id: str
    kind: str
    tree: str
    result: str
    interpreter: Interpreter
    dependencies: DependencySet | None = None
    requirements: str = ""
    resolution: str = ""
    test_files: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    examines: bool = False
    offline: bool = False


class Wheel(Value, frozen=True, kw_only=True):
    """A built wheel of the project, as its manifest tells it. Complete when the manifest exists.

    `mode`: "live" (every file of it is in the tree), "overlay" (the tree and `generated`: extensions, version files)
    or "whole" (it does not correspond to the tree and is installed as it is). `roots`: the tree's folders that hold
    its packages; `generated`: paths in the wheel -> where they belong in the tree.
    """

    key: str
    path: str
    digest: str
    mode: str
    roots: tuple[str, ...] = ()
    generated: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


class Manifest(Value, frozen=True, kw_only=True):
    """A complete environment: `penstock-environment.json`, written last. Its folder is never changed afterwards.

    `packages`: digest over the names and versions installed; `added`: by the import closure, (distribution, why);
    `undeclared`: modules that the tests import and nothing declares, (module, the file that imports it).
    """

    key: str
    python: str
    scripts: str
    packages: str
    mode: str  # "live" | "overlay" | "whole" | "path" (no build backend) | "none" (no project in it)
    wheel: str = ""  # digest
    wheel_path: str = ""
    generated: tuple[tuple[str, str], ...] = ()
    added: tuple[tuple[str, str], ...] = ()
    undeclared: tuple[tuple[str, str], ...] = ()
    layer: str | None = None
    notes: tuple[str, ...] = ()


class Result(Value, frozen=True, kw_only=True):
    """What came of a preparation. `workspace`: the copy of the tree that its jobs run in, None = the tree itself.

    `seconds`: wall time by step.
    """

    ok: bool
    problem: str = ""
    remedy: str = ""
    environment: Manifest | None = None
    wheel: Wheel | None = None
    workspace: str | None = None
    reused: bool = False
    seconds: tuple[tuple[str, float], ...] = ()
