"""What is run, and what must be so: each case is a project run twice, by plain pytest and by the engine.

The results of a case must be equal: for each test id the outcome, and for what failed the exception's type; the counts
of the last line; the exit code. What must differ is declared here with its reason, and nothing else may.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.conformance import checks
from tests.conformance.running import Ran


class Case(NamedTuple):
    """`needs`: distributions beyond pytest itself. `steps`: the arguments of runs in one folder, one after another.

    `dies`: test id -> how the engine tells of a test of which plain pytest itself dies; plain pytest runs without it.
    `settings` are the engine's; `both`: those that plain pytest is given, too, with one worker.
    `differs`: test id -> (how the engine tells of it, the reason), where plain pytest has another answer.
    `part`: the session ends early, so that of two workers nobody knows which tests ran: those that ran must be equal.
    `loose`: what of the comparison cannot hold (tests, counts, exit), with the reason in a comment.
    """

    name: str
    project: str
    steps: tuple[tuple[str, ...], ...] = ((),)
    needs: tuple[str, ...] = ()
    environ: Mapping[str, str] = {}
    settings: Mapping[str, Any] = {}
    both: Mapping[str, Any] = {}
    starts: tuple[str, ...] = ("auto", "spawn")
    loaded: tuple[str, ...] = ()
    dies: Mapping[str, str] = {}
    differs: Mapping[str, tuple[str, str]] = {}
    part: bool = False
    loose: tuple[str, ...] = ()
    check: Callable[[Ran, Ran], None] | None = None


def _selections() -> tuple[Case, ...]:
    """One project, asked for parts of it in pytest's ways."""
    whole: dict[str, tuple[tuple[str, ...], ...]] = {
        "keyword": (("-k", "quick and not 3"),),
        "marker": (("-m", "slowly"),),
        "marker-not": (("-m", "not slowly"),),
        "ids": (("test_one.py::TestWheel", "test_two.py::test_quick[3]", "test_one.py::test_slow"),),
        "deselect": (("--deselect", "test_one.py::TestWheel::test_stops", "--deselect", "test_two.py"),),
        "ignore": (("--ignore", "test_two.py"),),
        "last-failed": ((), ("--lf",)),
        "last-failed-twice": (("--lf",), ("--lf",), ("--lf", "--lfnf=none")),
        "failed-first": ((), ("--ff",)),
        "new-first": (("--nf",),),
        "no-cache": (("-p", "no:cacheprovider"),),
        "no-capture": (("-s",),),
        "capture-sys": (("--capture=sys",),),
        "no-terminal": (("-p", "no:terminal"),),
        "durations": (("--durations=3", "-vv"),),
        "quiet": (("-q", "--tb=short", "-rA"),),
        "importlib": (("--import-mode=importlib",),),
        "basetemp": (("--basetemp=temporary",),),
        "collect-only": (("--collect-only", "-q"),),
        "setup-show": (("--setup-show",),),
        "stepwise": (("--sw",), ("--sw",)),
        "pdb": (("--pdb", "-k", "TestWheel"),),
        "nothing-selected": (("-k", "no_such_test"),),
        "unknown-option": (("--no-such-option",),),
        "unknown-file": (("test_nowhere.py",),),
    }
    part: dict[str, tuple[tuple[str, ...], ...]] = {"x": (("-x",),), "maxfail": (("--maxfail=2",),)}
    bare = {"no-terminal": ("counts",)}
    both = ("keyword", "deselect", "collect-only", "last-failed", "nothing-selected")  # with workers that collect, too
    return (
        *(
            Case(name, "selected", steps, starts=("auto", "spawn")[: 1 + (name in both)], loose=bare.get(name, ()))
            for name, steps in whole.items()
        ),
        *(Case(name, "selected", steps, part=True, check=checks.ended_early) for name, steps in part.items()),
    )


_DEADLY = ("killed", "segfault", "abort", "leaves_with_0", "leaves_with_1", "dies_up", "dies_down")
_NO_FIXTURE = "only xdist's plugin gives the fixture; the engine names its workers without it, too"

# It warns when it is configured, which ends a session that takes warnings for errors, whoever runs it.
_NO_ASYNCIO = ("-p", "no:asyncio")

PYTEST_ALONE = (
    Case("basic", "basic", check=checks.output_is_its_own),
    Case("loud", "loud"),
    Case("loud-uncaptured", "loud", (("-s",),), starts=("auto",)),
    Case("fixtures", "fixtures", check=checks.scopes_pair),
    Case("names", "names"),
    Case("unittest", "unittests"),
    Case("doctests", "doctests"),
    Case("kinds", "kinds"),
    Case("left-out", "left_out", (("-rs", "--junitxml=junit.xml"),), check=checks.same_junit),
    Case("kinds-native", "kinds", (("--tb=native", "-rA"),), starts=("auto",)),
    Case("broken", "broken"),
    Case("broken-and-on", "broken", (("--continue-on-collection-errors",),)),
    Case("hooks", "hooks", check=checks.hooks_are_called),
    Case("strict", "strict", (_NO_ASYNCIO,)),
    Case("warnings", "basic", ((*_NO_ASYNCIO, "-W", "error::UserWarning"),)),
    Case("tree", "tree"),
    Case("empty", "empty"),
    Case("sets", "sets"),
    Case("sqlite-at-import", "opened_sqlite"),
    Case("socket-at-import", "opened_socket"),
    Case("loop-at-import", "opened_loop"),
    Case("threads", "threads"),
    Case("leaving", "leaving", check=checks.each_leaves_once),
    Case("chance", "chance", check=checks.chances_differ("chance.log")),
    Case("children", "children"),
    Case("junitxml", "kinds", (("--junitxml=junit.xml",),), check=checks.same_junit),
    Case("junitxml-hooks", "hooks", (("--junitxml=junit.xml",),), check=checks.same_junit),
    Case("worker-in-configure", "identity_in_configure"),
    Case("worker-at-import", "identity_at_import"),
    Case(
        "crash",
        "crash",
        dies={f"test_crash.py::test_{name}": "crashed" for name in _DEADLY},
        check=checks.told_as_crashed,
    ),
    Case("crash-last", "crash_last", dies={"test_last.py::test_last_of_all": "crashed"}),
    Case("crash-all", "crash_all", dies={f"test_all.py::test_each_dies[{i}]": "crashed" for i in range(6)}),
    # Each worker has its own end: the last test of each is the one that dies.
    Case("crash-at-end", "crash_at_end", loose=("tests", "exit", "counts"), check=checks.dies_at_the_end),
    Case("exit", "exit", part=True, loose=("exit",), check=checks.not_green),
    Case("interrupt", "interrupt", part=True, check=checks.not_green),
    Case(
        "hang",
        "hang",
        settings={"timeout_s": 1.5},
        dies={"test_hang.py::test_hangs": "timed_out", "test_hang.py::test_deaf": "timed_out"},
        check=checks.child_is_gone,
    ),
    *_selections(),
)

_MEASURED = {"PENSTOCK_COVERAGE": '{"data": "measured", "config": null, "source": ["."], "branch": true}'}
_XDIST = ("pytest-xdist",)
WITH_PLUGINS = (
    Case("identity", "identity", needs=_XDIST, loose=(), check=checks.workers_have_names),
    Case("groups", "groups", needs=_XDIST),
    Case("addopts-xdist", "addopts", needs=_XDIST),
    Case("django-memory", "django_file", needs=("pytest-django",)),
    Case("django-file", "django_file", needs=("pytest-django",), environ={"IN_A_FILE": "1"}),
    Case("django-at-import", "django_file", needs=("pytest-django",), environ={"IN_A_FILE": "1", "AT_IMPORT": "1"}),
    Case("asyncio", "asyncio", needs=("pytest-asyncio",)),
    Case("anyio", "anyio", (("-p", "no:asyncio"),), needs=("anyio",)),
    Case("cov-in-addopts", "addopts_cov", needs=("pytest-cov",)),
    Case(
        "randomly",
        "randomly",
        (("-p", "randomly", "--randomly-seed=7"),),
        needs=("pytest-randomly",),
        loaded=("randomly",),
    ),
    Case("mock", "mocked", needs=("pytest-mock",)),
    Case("hypothesis", "hypotheses", needs=("hypothesis",)),
    Case(
        "syrupy",
        "snapshots",
        (("--snapshot-update",), ()),
        needs=("syrupy",),
        loaded=("syrupy",),
        check=checks.same_snapshots,
    ),
    Case("httpserver", "server", needs=("pytest-httpserver",)),
    Case("socket", "sockets", needs=("pytest-socket",)),
    Case("clocks", "clocks", needs=("freezegun", "time-machine")),
    Case("order", "orders", needs=("pytest-order",)),
    Case("env", "variables", needs=("pytest-env",)),
    Case("rerunfailures", "reruns", needs=("pytest-rerunfailures",), loaded=("rerunfailures",)),
    Case("timeout", "limits", needs=("pytest-timeout",)),
    Case("subtests", "subtests", needs=("pytest-subtests",)),
    Case("benchmark", "benchmarked", needs=("pytest-benchmark",)),
    Case(
        "html",
        "kinds",
        (("--html=report.html", "--self-contained-html"),),
        needs=("pytest-html",),
        check=checks.same_html,
    ),
)
SCOPED_LOOPS = Case("asyncio-scopes", "asyncio_scopes", needs=("pytest-asyncio",))
POOLS = tuple(
    Case(f"pool-{name}", f"pools/{name}", needs=(needs,))
    for name, needs in (
        ("numpy", "numpy"), ("scipy", "scipy"), ("sklearn", "scikit-learn"), ("pandas", "pandas"), ("polars", "polars"),
        ("pyarrow", "pyarrow"), ("duckdb", "duckdb"), ("numexpr", "numexpr"), ("grpc", "grpcio"),
    )
)  # fmt: skip
NUMPY = Case("chance-numpy", "chance_numpy", needs=("numpy",), check=checks.chances_differ("numpy.log"))
BARE = (
    Case(
        "identity-alone",
        "identity_alone",
        differs={"test_names.py::test_has_no_such_fixture": ("passed", _NO_FIXTURE)},
        loose=("counts", "exit"),  # for that one test
    ),
)

CASES: dict[str, tuple[Case, ...]] = {
    "newest": (*PYTEST_ALONE, *WITH_PLUGINS, SCOPED_LOOPS, *POOLS, NUMPY),
    "middle": (*PYTEST_ALONE, *WITH_PLUGINS, SCOPED_LOOPS),
    "oldest": (*PYTEST_ALONE, *WITH_PLUGINS),
    "bare": (*PYTEST_ALONE, *BARE),
}
# In the environment of these tests, without a registry, in a few seconds.
FAST = ("basic", "fixtures", "crash")
