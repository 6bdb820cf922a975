"""Detection as a whole: the project's files in, one `Project` out, with the reason for everything that was settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from penstock.model.snapshot import Decision, DependencySet, Package, Project, Suite
from penstock.scan.detect import (
    coverage,
    documented,
    layout,
    linters,
    metadata,
    pluginsigns,
    pytestconfig,
    pythons,
    suites,
)
from penstock.scan.detect.counting import PYTEST_FILES, Counter, matches
from penstock.scan.detect.dependencies import choice, fallbacks, followed, groups, hatch, locks, nox, scripts, tox
from penstock.scan.detect.dependencies.choice import Choice, Sources
from penstock.scan.detect.metadata import Metadata
from penstock.scan.detect.pytestconfig import PytestConfig
from penstock.scan.detect.requirement import canonical, names
from penstock.scan.detect.tree import Tree


class Seen(NamedTuple):
    """A project, and the files that were read to know it: what stands in the others makes no difference."""

    project: Project
    read: tuple[str, ...]


def look(root: Path, files: Iterable[str]) -> Seen:
    """Read what the project says about itself. `files`: every path of the tree, relative to `root`, POSIX form.

    Reads only below `root`, starts nothing, imports nothing of the project, and never raises for what stands in it.
    """
    tree = Tree(root, files)
    found = _project(tree)
    return Seen(found, tree.read)


def project(root: Path, files: Iterable[str]) -> Project:
    """The project alone."""
    return look(root, files).project


def _project(tree: Tree) -> Project:
    counter = Counter(tree)
    about = metadata.read(tree)
    kind, packages = layout.find(tree, about)
    config = pytestconfig.read(tree)
    sources = _sources(tree, about, packages)
    certain = choice.certain(sources)
    place = choice.runner_place(tree, sources)
    named = names(choice.lines(tree, certain.needs, sources))
    if place is not None:
        named |= names(choice.lines(tree, place[0], sources)) & choice.RUNNERS
    context = suites.Context(
        packages=packages, layout=kind, config=config, documented=sources.documented, named=frozenset(named)
    )
    tests = suites.choose(tree, counter, context)
    declared = fallbacks.collect(tree, sources)
    wanted, added = _completed(tree, sources, certain, tests.suites, (config, declared))
    dependencies = choice.dependency_set(tree, sources, wanted)
    lines = (*dependencies.requirements, *(each.split("\0")[0] for each in added))
    extras = choice.tentative(sources, wanted)
    dependencies = replace(dependencies, requirements=lines, fallbacks=declared, tentative=extras)
    checks = linters.find(tree, sources, packages, [line for line, _ in declared])
    own = sources.documented.declared if sources.documented else None
    measured = coverage.find(tree, config, own.commands if own and own.source != "text" else None)
    return Project(
        name=about.name,
        backend=about.backend if about.packaged else None,
        native=about.native,
        layout=kind,
        packages=packages,
        requires_python=about.requires_python,
        declared_pythons=pythons.declared(
            about.requires_python, about.classifiers, [each.name for each in sources.declared if each.source == "tox"]
        ),
        suites=tests.suites,
        dependency_sets=(dependencies, *_type_sets(tree, sources, dependencies, checks)),
        tools=checks.uses,
        coverage=measured.use,
        unmeasured=measured.unmeasured,
        released="PKG-INFO" in tree,
        static_metadata=about.static,
        decisions=(
            *_about(about, packages, kind),
            *tests.decisions,
            *choice.decisions(sources, wanted, dependencies, added),
            *checks.decisions,
            *measured.decisions,
            *tree.problems,
        ),
    )


def _type_sets(tree: Tree, sources: Sources, tests: DependencySet, found: linters.Found) -> list[DependencySet]:
    """The environments that type checkers are declared to run in."""
    return [
        replace(
            choice.dependency_set(tree, sources, Choice(needs=needs), name=name),
            install_project=tests.install_project and needs.project,
        )
        for name, needs in found.environments
    ]


def _sources(tree: Tree, about: Metadata, packages: Sequence[Package]) -> Sources:
    declared = [*tox.read(tree), *nox.read(tree), *hatch.read(tree), *scripts.read(tree)]
    declared = followed.opened([*declared, *documented.in_text(tree, packages)])
    return Sources(
        metadata=about,
        groups=groups.read(tree),
        declared=tuple(declared),
        documented=documented.choose(declared, tree, packages),
        lock=locks.find(tree, about),
    )


def _completed(
    tree: Tree,
    sources: Sources,
    certain: Choice,
    found: Sequence[Suite],
    about: tuple[PytestConfig | None, Sequence[tuple[str, str]]],
) -> tuple[Choice, list[str]]:
    """I7 and I9: a place that names pytest where nothing chosen does, pytest itself, and plugins that are used.

    The second part are lines of our own, each "requirement NUL why".
    """
    if not any(suite.runner == "pytest" for suite in found):
        return certain, []
    wanted, (config, declared) = certain, about
    if not names(choice.lines(tree, wanted.needs, sources)) & choice.RUNNERS:
        place = choice.runner_place(tree, sources)
        wanted = wanted.plus(*place) if place is not None else wanted
    named = names(choice.lines(tree, wanted.needs, sources)) | names(sources.metadata.dependencies)
    added = [] if "pytest" in named else ["pytest\0the runner, declared nowhere"]
    arguments = [word for suite in found for word in suite.argv]
    known = named | _implied(named) | {canonical(sources.metadata.name)}
    for distribution, sign in pluginsigns.missing(tree, config, arguments, known, _test_files(tree, found, config)):
        line = next((line for line, _ in declared if names([line]) == {distribution}), distribution)
        added.append(f"{line}\0{sign} is used")
    return wanted, added


def _test_files(tree: Tree, found: Sequence[Suite], config: PytestConfig | None) -> list[str]:
    """The test files of the chosen suites."""
    patterns = (*(config.python_files if config else PYTEST_FILES), "conftest.py")
    folders = {path.partition("::")[0] for suite in found for path in suite.paths or ("",)}
    return [
        path
        for path in tree.python
        if matches(path, patterns)
        and any(not folder or path == folder or path.startswith(f"{folder}/") for folder in folders)
    ]


def _implied(named: set[str]) -> set[str]:
    """Fixtures and options that other distributions bring, too."""
    brings = {"pytest-codspeed": {"pytest-benchmark"}, "inline-snapshot": {"syrupy"}, "pytest-snapshot": {"syrupy"}}
    return {each for name in named for each in brings.get(name, ())}


def _about(about: Metadata, packages: Sequence[Package], kind: str) -> list[Decision]:
    found = []
    if about.native:
        choice_ = "native: built as a wheel once per Python" if about.backend else "native"
        found.append(Decision(subject="build", choice=choice_, why=about.native_why, place=about.source))
    if not about.packaged:
        why = "the project says that it is no package" if about.backend else "nothing says how to build it"
        found.append(
            Decision(subject="build", choice="dependencies only, the root is on the path", why=why, place=about.source)
        )
    names_said = ", ".join(package.name for package in packages)
    if packages:
        found.append(
            Decision(
                subject="packages", choice=f"{names_said} ({kind} layout)", why="found in the tree", place=about.source
            )
        )
    return found
