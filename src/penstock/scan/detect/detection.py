"""Detection as a whole: the project's files in, one `Project` out, with the reason for everything that was settled."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from penstock.model.snapshot import DependencySet, Project, Suite
from penstock.scan.detect import layout, metadata, pythons
from penstock.scan.detect.dependencies import groups, locks
from penstock.scan.detect.requirement import names, strings
from penstock.scan.detect.tree import Tree


def project(root: Path, files: Iterable[str]) -> Project:
    """Read what the project says about itself. `files`: every path of the tree, relative to `root`, POSIX form.

    Reads only below `root`, starts nothing, imports nothing of the project, and never raises for what stands in it.
    """
    tree = Tree(root, files)
    about = metadata.read(tree)
    kind, packages = layout.find(tree, about)
    grouped = {name: group for name, group in groups.read(tree).items() if name in {"test", "tests", "testing", "dev"}}
    extras = tuple(name for name in ("test", "tests", "testing") if name in about.extras)
    chosen = tuple(group for name, group in grouped.items() if name != "dev") or tuple(grouped.values())
    lines = [line for group in chosen if not group.standard for line in group.lines]
    known = {
        *names(line for group in chosen for line in group.lines),
        *names(x for e in extras for x in about.extras[e]),
    }
    if "pytest" not in known:
        lines.append("pytest")
    dependencies = DependencySet(
        name="test",
        install_project=about.packaged,
        extras=extras,
        groups=tuple(group.name for group in chosen if group.standard),
        requirements=tuple(lines),
        lock=locks.find(tree, about),
    )
    options = tree.table("pyproject.toml", "tool", "pytest", "ini_options")
    paths = tuple(path.rstrip("/") for said in strings(options.get("testpaths")) for path in said.split())
    return Project(
        name=about.name,
        backend=about.backend if about.packaged else None,
        native=about.native,
        layout=kind,
        packages=packages,
        requires_python=about.requires_python,
        declared_pythons=pythons.declared(about.requires_python, about.classifiers),
        suites=(Suite(runner="pytest", paths=paths or tuple(f for f in ("tests", "test") if f in tree.folders)),),
        dependency_sets=(dependencies,),
        static_metadata=about.static,
        decisions=tuple(tree.problems),
    )
