"""How the project's tests are run: rules R1 to R6 in order, each suite with its reason and the runner-up."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from penstock.errors import Place
from penstock.model.snapshot import Decision, Package, Suite
from penstock.scan.detect import homes as places
from penstock.scan.detect import pytestcalls, unittests
from penstock.scan.detect.counting import PYTEST_FILES, USUAL_FILES, Counter, matches
from penstock.scan.detect.documented import Documented
from penstock.scan.detect.homes import Home
from penstock.scan.detect.invocation import Invocation
from penstock.scan.detect.pytestconfig import PytestConfig
from penstock.scan.detect.tree import Tree
from penstock.util.plural import plural
from penstock.value import Value

SETTING = 'jobs.unit = { test = "PATH" }'


class Context(Value, frozen=True, kw_only=True):
    """What the choice of suites rests on. `named`: distributions that the chosen dependencies name."""

    packages: tuple[Package, ...]
    layout: str
    config: PytestConfig | None
    documented: Documented | None
    named: frozenset[str]


class Chosen(Value, frozen=True, kw_only=True):
    """The suites, and how they came about."""

    suites: tuple[Suite, ...]
    decisions: tuple[Decision, ...]


def choose(tree: Tree, counter: Counter, context: Context) -> Chosen:
    """Apply R1 to R6. No suite at all is rule R6: nothing to run, which can never be green."""
    patterns = context.config.python_files if context.config else USUAL_FILES
    homes = places.find(tree, counter, context.packages, patterns)
    runner, why, place = _runner(tree, counter, context, homes)
    if runner is None:
        return Chosen(suites=(), decisions=(_nothing(homes),))
    if runner == "pytest":
        suites = _pytest(tree, counter, context, homes, place)
    elif context.documented is not None and runner == context.documented.invocations[0].runner:
        suites = [
            _documented(tree, counter, context, each)
            for each in context.documented.invocations
            if each.runner == runner
        ]
    else:
        suites = unittests.discovered(tree, counter, context.layout, homes, place)
    suites = _distinct(suites)
    decisions = [
        _decision(suites, why, place, context),
        *_elsewhere(homes, suites),
        *_notes(tree, context),
    ]
    return Chosen(suites=tuple(suites), decisions=tuple(decisions))


def _runner(
    tree: Tree, counter: Counter, context: Context, homes: Sequence[Home]
) -> tuple[str | None, str, Place | None]:
    """(runner, why, place)."""
    found = context.documented
    if context.config is not None and (homes or found) and not _other_than_pytest(found):
        return "pytest", "pytest is configured", context.config.place
    if found is not None:
        return found.invocations[0].runner, f"as {found.declared.title} does", found.declared.place
    if "pytest-relaxed" in context.named and tree.folders & {"tests", "test"}:
        return "pytest", "the chosen dependencies name pytest-relaxed, which collects every file", None
    if not places.main(homes)[0]:
        return None, "", None
    if "pytest" in context.named:
        return "pytest", "the chosen dependencies name pytest", Place(path=homes[0].path)
    return _by_files(tree, counter, homes)


def _other_than_pytest(found: Documented | None) -> bool:
    """Whether an environment of tox, nox or hatch starts other runners alone: then pytest's section is of no use."""
    if found is None or not (found.declared.isolated and found.declared.default):
        return False
    return all(each.runner != "pytest" for each in found.invocations)


def _by_files(tree: Tree, counter: Counter, homes: Sequence[Home]) -> tuple[str, str, Place]:
    """R4 and R5: what the test files themselves show."""
    files = [path for path in tree.python if matches(path, USUAL_FILES) and counter.signs(path).count.total]
    sign = next((path for path in files if counter.signs(path).pytest), None)
    sign = sign or next((path for path in tree.python if path.endswith("conftest.py")), None)
    if sign is not None:
        return "pytest", "the tests use pytest", Place(path=sign)
    outside = [path for path in files if counter.signs(path).count.functions and not counter.signs(path).unittest]
    if outside:
        why = "there are test functions outside classes, which unittest does not run"
        return "pytest", why, Place(path=outside[0])
    return "unittest", "the tests are unittest classes and nothing names another runner", Place(path=homes[0].path)


def _pytest(tree: Tree, counter: Counter, context: Context, homes: list[Home], place: Place | None) -> list[Suite]:
    """One suite for each set of options that the own command uses; without such a command, one."""
    found = context.documented
    calls = [each for each in found.invocations if each.runner == "pytest"] if found else []
    joined: dict[tuple[object, ...], Invocation] = {}
    for call in calls or [Invocation(runner="pytest")]:
        key = (call.argv, call.environment, call.no_capture, call.as_module, call.interpreter, call.directory)
        paths = (*joined[key].paths, *call.paths) if key in joined else call.paths
        whole = key in joined and not (joined[key].paths and call.paths)
        joined[key] = replace(call, paths=() if whole else tuple(dict.fromkeys(paths)))
    return [_pytest_suite(tree, counter, context, homes, call, place) for call in joined.values()]


def _pytest_suite(
    tree: Tree, counter: Counter, context: Context, homes: list[Home], call: Invocation, place: Place | None
) -> Suite:
    config = context.config
    paths = _paths(tree, counter, context, homes, call)
    variables = {name: value for name, value in call.environment if name != "PYTEST_ADDOPTS"}
    added = pytestcalls.read(dict(call.environment).get("PYTEST_ADDOPTS", "").split(), tree)
    strip = pytestcalls.read(config.addopts, tree).dropped if config else ()
    return Suite(
        runner="pytest",
        argv=(*added.argv, *call.argv),
        paths=paths,
        environment=tuple(variables.items()),
        counted=0 if _selects(call.argv) else counter.total(_files(tree, context, paths)).total,
        as_module=call.as_module,
        interpreter=call.interpreter,
        directory=call.directory,
        no_capture=call.no_capture or added.no_capture,
        strip=strip,
        place=call.place or place,
    )


def _selects(argv: Sequence[str]) -> bool:
    """Whether the command picks some tests (`-m jupyter`), nobody knows how many. `-m "not slow"` picks nearly all."""
    values = [argv[place + 1] for place, word in enumerate(argv[:-1]) if word in {"-m", "-k"}]
    return any(not value.startswith("not ") for value in values)


def _paths(tree: Tree, counter: Counter, context: Context, homes: list[Home], call: Invocation) -> tuple[str, ...]:
    """The command's own paths, unless they are a small part of testpaths; then testpaths; then the tests' folders.

    () = pytest decides itself, from the root: a command without paths, or test folders with an ini file of their own.
    """
    config = context.config
    if call.directory and not call.paths:
        return (call.directory,)
    said = tuple(path for path in config.testpaths if _exists(tree, path)) if config else ()
    if call.paths and call.paths != (".",):
        share = counter.total(_files(tree, context, call.paths)).total
        if not said or share * 2 >= counter.total(_files(tree, context, said)).total or call.argv:
            return call.paths
    if said:
        return (
            ()
            if any(f"{path}/{ini}" in tree for path in said for ini in ("pytest.ini", "tox.ini", "setup.cfg"))
            else said
        )
    if call.place is not None:
        return ()
    return tuple(home.path for home in places.main(homes)[0]) or tuple(sorted(tree.folders & {"tests", "test"}))


def _exists(tree: Tree, path: str) -> bool:
    return path == "." or path in tree or path in tree.folders


def _files(tree: Tree, context: Context, paths: Sequence[str]) -> list[str]:
    """The test files that pytest would collect under `paths` (node ids are cut; () = the whole tree)."""
    patterns = context.config.python_files if context.config else PYTEST_FILES
    plain = [path.partition("::")[0] for path in paths] or [""]
    named = [path for path in plain if path in tree]
    below = [path for folder in plain if folder not in tree for path in tree.below(folder) if matches(path, patterns)]
    if not paths:
        below = [path for path in below if not re.match(r"(?:docs?|examples?|bench\w*)/", path)]
    return list(dict.fromkeys([*named, *below]))


def _documented(tree: Tree, counter: Counter, context: Context, call: Invocation) -> Suite:
    """Unittest or an own runner, as the project's own command has it."""
    if call.runner == "unittest":
        return unittests.documented(tree, counter, call)
    files = [path for path in tree.below(_scope(tree, call, context)) if matches(path, USUAL_FILES)]
    return Suite(
        runner="command",
        argv=call.argv,
        environment=call.environment,
        directory=call.directory,
        counted=counter.total(files).total,
        place=call.place,
    )


def _scope(tree: Tree, call: Invocation, context: Context) -> str:
    """The folder whose tests an own runner runs: its module's, its package's, its script's; "" = all."""
    module = call.argv[call.argv.index("-m") + 1] if "-m" in call.argv else ""
    path = module.replace(".", "/")
    for base in ("src/", "lib/", ""):
        for candidate in (path, path.rpartition("/")[0]):
            if candidate and f"{base}{candidate}" in tree.folders:
                return f"{base}{candidate}"
    code = call.argv[call.argv.index("-c") + 1] if "-c" in call.argv else ""
    named = next((package.path for package in context.packages if f"{package.name}.test(" in code), "")
    script = next((word for word in call.argv if word.endswith(".py")), "")
    return named or script.rpartition("/")[0]


def _distinct(suites: list[Suite]) -> list[Suite]:
    return list(
        {
            (suite.runner, suite.argv, suite.paths, suite.environment, suite.interpreter): suite for suite in suites
        }.values()
    )


def _decision(suites: Sequence[Suite], why: str, place: Place | None, context: Context) -> Decision:
    found = context.documented
    runner_up = None
    if found is not None and found.runner_up is not None:
        runner_up = found.runner_up.label
    if found is not None and found.declared.place != place and suites and found.declared.place == suites[0].place:
        why = f"{why}, run as {found.declared.title} does"
    return Decision(
        subject="tests",
        choice="; ".join(_told(suite) for suite in suites),
        why=why,
        place=suites[0].place if suites and suites[0].place else place,
        runner_up=runner_up,
        setting=SETTING,
    )


def _told(suite: Suite) -> str:
    words = {"pytest": "pytest", "unittest": "python -m unittest", "command": "python"}[suite.runner]
    shown = [
        f"'{word}'" if " " in word else word
        for word in (*suite.argv, *(suite.paths if suite.runner == "pytest" else ()))
    ]
    number = f" ({plural(suite.counted, 'test function')} counted)" if suite.counted else ""
    return " ".join([words, *shown]) + number


def _elsewhere(homes: Sequence[Home], suites: Sequence[Suite]) -> list[Decision]:
    """Said when tests lie outside of what was chosen, the more so when they are many (trio: 608 beside 0)."""
    if any(suite.runner == "command" or not suite.paths for suite in suites):
        return []
    roots = [path.partition("::")[0].rstrip("/") for suite in suites for path in suite.paths]
    outside = [
        home for home in homes if not any(_within(home.path, root) or _within(root, home.path) for root in roots)
    ]
    if not outside or "." in roots:
        return []
    chosen, total = sum(suite.counted for suite in suites), sum(home.tests for home in outside)
    listed = ", ".join(f"{home.path} ({home.tests})" for home in outside[:4])
    weight = "more tests than in what is run" if total > chosen else "not part of the suite"
    return [
        Decision(
            subject="tests elsewhere",
            choice=f"{plural(total, 'test function')} not run",
            why=f"{weight}; {chosen} are",
            runner_up=listed,
            place=Place(path=outside[0].path),
            setting=SETTING,
        )
    ]


def _within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _notes(tree: Tree, context: Context) -> list[Decision]:
    """Options that penstock overrides, testpaths that are not there, commands of which a part is not taken over."""
    found = []
    config = context.config
    if config is not None:
        strip = pytestcalls.read(config.addopts, tree).dropped
        if strip:
            why = "penstock spreads and measures the tests itself"
            choice = f"{' '.join(strip)} of addopts is overridden"
            found.append(Decision(subject="pytest options", choice=choice, why=why, place=config.at(tree, "addopts")))
        missing = [path for path in config.testpaths if not _exists(tree, path)]
        if missing:
            choice = f"testpaths names {', '.join(missing)}, which is not here"
            found.append(
                Decision(
                    subject="tests",
                    choice=choice,
                    why="a part of the project is missing",
                    place=config.at(tree, "testpaths"),
                    setting=SETTING,
                )
            )
    return found


def _nothing(homes: Sequence[Home]) -> Decision:
    where = ", ".join(home.path for home in homes[:3])
    return Decision(
        subject="tests",
        choice="none",
        why="no file holds a test function" + (f" outside {where}" if where else ""),
        setting=SETTING,
    )
