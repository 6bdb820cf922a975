"""The set that the tests need: rules I1 and I5 to I10, with the places that the import closure may draw from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from penstock.errors import Place
from penstock.model.snapshot import Decision, DependencySet, Lock
from penstock.scan.detect.declared import Declared, Needs, unique
from penstock.scan.detect.dependencies import files
from penstock.scan.detect.dependencies.groups import Group
from penstock.scan.detect.documented import Documented
from penstock.scan.detect.metadata import Metadata
from penstock.scan.detect.requirement import canonical, is_url, names, strings
from penstock.scan.detect.tree import Tree
from penstock.value import Value

TEST_NAMES = ("test", "tests", "testing", "unit-tests", "unittest", "pytest", "test-core", "tests-core")
RUNNERS = frozenset(
    {
        "pytest",
        "nose",
        "nose2",
        "virtue",
        "twisted",
        "zope-testrunner",
        "green",
        "stestr",
        "testtools",
        "pytest-relaxed",
    }
)
_TESTS = "test"  # the tests' set
SETTING = "jobs.unit = { extras = […], groups = […], requirements = […] }"


class Sources(Value, frozen=True, kw_only=True):
    """Everything that is declared anywhere."""

    metadata: Metadata
    groups: Mapping[str, Group]
    declared: tuple[Declared, ...]
    documented: Documented | None
    lock: Lock | None


class Choice(Value, frozen=True, kw_only=True):
    """What was chosen so far: the needs, and for each part of them where it stands."""

    needs: Needs
    reasons: tuple[tuple[str, Place], ...] = ()

    def plus(self, needs: Needs, reason: str, place: Place) -> Choice:
        """With one more part."""
        return Choice(needs=self.needs.plus(needs), reasons=(*self.reasons, (reason, place)))


def certain(sources: Sources) -> Choice:
    """I5 and I6: what the own command's environment holds, then a test-named group and a test-named extra beside it."""
    choice = Choice(needs=Needs())
    found = sources.documented
    if found is not None and _says_something(found.declared.needs):
        choice = choice.plus(_known(found.declared.needs, sources), found.declared.title, found.declared.place)
    return _named(choice, sources)


def _says_something(needs: Needs) -> bool:
    return bool(needs.requirements or needs.files or needs.extras or needs.groups)


def _known(needs: Needs, sources: Sources) -> Needs:
    """Without extras and groups that the project does not have."""
    return Needs(
        requirements=needs.requirements,
        files=needs.files,
        constraints=needs.constraints,
        extras=tuple(extra for extra in needs.extras if extra in sources.metadata.extras),
        groups=tuple(group for group in needs.groups if canonical(group) in sources.groups),
        project=needs.project,
    )


def _named(choice: Choice, sources: Sources) -> Choice:
    group = next((sources.groups[name] for name in TEST_NAMES if name in sources.groups), None)
    if group is not None and not set(group.lines) <= set(_group_lines(choice.needs, sources)):
        choice = choice.plus(Needs(groups=(group.name,)), f"group {group.name}", group.place)
    extras = sources.metadata.extras
    extra = next((name for name in TEST_NAMES if name in extras), None)
    if extra is not None and extra not in choice.needs.extras:
        choice = choice.plus(Needs(extras=(extra,)), f"extra {extra}", extra_place(sources, extra))
    return choice


def extra_place(sources: Sources, extra: str) -> Place:
    """Where an extra is declared."""
    return sources.metadata.extras_at or Place(path="pyproject.toml") if extra else Place(path="pyproject.toml")


def _group_lines(needs: Needs, sources: Sources) -> Iterator[str]:
    for name in needs.groups:
        yield from sources.groups[canonical(name)].lines if canonical(name) in sources.groups else ()


def lines(tree: Tree, needs: Needs, sources: Sources) -> list[str]:
    """Every requirement line that `needs` stands for, files, groups and extras opened."""
    found = [*needs.requirements, *_group_lines(needs, sources)]
    found += [line for path in needs.files for line in files.content(tree, path).requirements]
    extras = [*needs.extras, *(extra for path in needs.files for extra in files.content(tree, path).extras)]
    return found + [line for extra in extras for line in sources.metadata.extras.get(extra, ())]


def runner_place(tree: Tree, sources: Sources) -> tuple[Needs, str, Place] | None:
    """I7: the first place, in the rule's order, that names a test runner."""
    for needs, reason, place in _places(tree, sources):
        if names(lines(tree, needs, sources)) & RUNNERS:
            return needs, reason, place
    return None


def _places(tree: Tree, sources: Sources) -> Iterator[tuple[Needs, str, Place]]:
    test_files, dev_files, root_files = files.named(tree)
    legacy = {name: group for name, group in sources.groups.items() if not group.standard}
    yield from (_of_group(legacy[name]) for name in (*TEST_NAMES, "dev") if name in legacy)
    yield from (_of_file(path) for path in test_files)
    yield from _sessions(sources)
    yield from (_of_group(sources.groups[name]) for name in ("dev", "develop", "development") if name in sources.groups)
    for name in ("dev", "develop", "development"):
        if name in sources.metadata.extras:
            yield Needs(extras=(name,)), f"extra {name}", extra_place(sources, name)
    yield from (_of_file(path) for path in (*dev_files, *root_files))
    required = strings(sources.metadata.setup.literals.get("tests_require"))
    required += strings(tree.ini("setup.cfg").get("options", {}).get("tests_require"))
    if required:
        yield Needs(requirements=tuple(required)), "tests_require", tree.place("setup.py", "tests_require")
    for name in ("all", "complete", "full", "ci", "lint"):
        if name in sources.groups:
            yield _of_group(sources.groups[name])
    for each in sources.declared:
        if each.source in {"cibuildwheel", "ci", "make", "task"} and _says_something(each.needs):
            yield _known(each.needs, sources), each.title, each.place


def _of_group(group: Group) -> tuple[Needs, str, Place]:
    return Needs(groups=(group.name,)), f"group {group.name}", group.place


def _of_file(path: str) -> tuple[Needs, str, Place]:
    return Needs(files=(path,)), path, Place(path=path)


def _sessions(sources: Sources) -> Iterator[tuple[Needs, str, Place]]:
    """Nox sessions and hatch environments named for tests, even if their commands were not understood."""
    for each in sources.declared:
        named = canonical(each.name) in {"test", "tests", "unit", "pytest", "test-py", "hatch-test", "default"}
        if each.source in {"nox", "hatch"} and named:
            yield _known(each.needs, sources), each.title, each.place


def dependency_set(tree: Tree, sources: Sources, choice: Choice, *, name: str = _TESTS) -> DependencySet:
    """The choice as a set for an environment: what uv cannot take by name is opened, addresses are set apart.

    A requirement that is an address (rule I10) is left out of `requirements` and named in `unfetchable`.
    """
    needs = choice.needs
    groups, extras, paths = [], [], []
    # What is no package has dependencies all the same (rule I2): an application, or a project without [build-system].
    bare = not sources.metadata.packaged and (name == _TESTS or needs.project)
    requirements = [*(sources.metadata.dependencies if bare else ()), *needs.requirements]
    constraints = list(needs.constraints)
    for group_name in needs.groups:
        group = sources.groups[canonical(group_name)]
        if group.standard and not any(map(is_url, group.lines)):
            groups.append(group.name)
        else:
            requirements += group.lines
    for extra in needs.extras:
        declared = sources.metadata.extras.get(extra, ())
        if any(map(is_url, declared)) or not sources.metadata.packaged:
            requirements += declared
        else:
            extras.append(extra)
    for path in needs.files:
        given = files.content(tree, path)
        constraints += given.constraints
        if files.simple(tree, path):
            paths.append(path)
        else:
            requirements += given.requirements
            extras += [extra for extra in given.extras if extra in sources.metadata.extras]
    own = canonical(sources.metadata.name)
    requirements = [
        line for line in unique(requirements) if canonical(line.split("[")[0]) != own and not line.startswith(f"{own}[")
    ]
    return DependencySet(
        name=name,
        install_project=sources.metadata.packaged,
        extras=unique(extras),
        groups=unique(groups),
        requirements=tuple(line for line in requirements if not is_url(line)),
        files=unique(path for path in paths if path in tree),
        constraints=unique(path for path in constraints if path in tree),
        lock=sources.lock,
        unfetchable=tuple(line for line in requirements if is_url(line)),
    )


_NOT_FOR_TESTS = re.compile(
    r"^(?:docs?|documentation|sphinx|lint\w*|style|format\w*|dev\w*|all|full|complete|bench\w*|typ\w+|mypy|release|build|ci)$"
)
_MOST_TENTATIVE = 10  # extras; projects with more integrate with the world


def tentative(sources: Sources, choice: Choice) -> tuple[str, ...]:
    """Where nothing is declared for the tests: the project's runtime extras."""
    if choice.reasons or not sources.metadata.packaged or sources.lock is not None:
        return ()
    found = tuple(name for name in sources.metadata.extras if not _NOT_FOR_TESTS.match(name))
    return found if len(found) <= _MOST_TENTATIVE else ()


def decisions(sources: Sources, choice: Choice, chosen: DependencySet, added: Sequence[str]) -> list[Decision]:
    """What the set is made of, the lock, and what is left out."""
    found = []
    reasons = (
        [reason for reason, _ in choice.reasons]
        + [f"extra {name}" for name in chosen.tentative]
        + [f"{line} ({why})" for line, why in (each.split("\0") for each in added)]
    )
    found.append(
        Decision(
            subject="dependencies",
            choice=", ".join(reasons) or "the project alone",
            why="declared for the tests" if choice.reasons else "nothing is declared for the tests",
            place=choice.reasons[0][1] if choice.reasons else sources.metadata.source,
            runner_up=_not_chosen(sources, choice),
            setting=SETTING,
        )
    )
    if sources.lock is not None:
        found.append(
            Decision(
                subject="versions",
                choice=f"those of {sources.lock.path}",
                why="the project locks them",
                place=Place(path=sources.lock.path),
            )
        )
    found += [
        Decision(
            subject="dependencies",
            choice=f"{line} is left out",
            why="it is an address, not a distribution of a registry; the result is not verified without it",
            place=choice.reasons[0][1] if choice.reasons else None,
            setting=SETTING,
        )
        for line in chosen.unfetchable
    ]
    return found


def _not_chosen(sources: Sources, choice: Choice) -> str | None:
    """The next group or extra that could have been meant."""
    candidates = [f"group {name}" for name in ("test", "tests", "testing", "dev") if name in sources.groups]
    candidates += [
        f"extra {name}" for name in ("test", "tests", "testing", "dev", "all") if name in sources.metadata.extras
    ]
    taken = {reason for reason, _ in choice.reasons}
    return next((name for name in candidates if name not in taken), None)
