from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.pipeline import JobKind
from penstock.model.plan import Binding, CacheState, Job, Plan
from penstock.model.snapshot import Snapshot
from penstock.plan.keys import bind
from tests.builders import FILES, command, environment, interpreter, job, plan, platform, project, resolution, snapshot
from tests.fakes.tools import FakeTool, table

PINS = "mypy==1.18.1\npytest==9.2 ; python_version > '3.9'\n"
UNIT = job("unit@3.12", environment="3.12/test")
COVERAGE = job("coverage", kind=JobKind.COVERAGE, needs=("unit@3.12",))


def whole(*jobs: Job, **fields: Any) -> Plan:
    defaults = {"environments": (environment(),), "resolutions": (resolution(requirements=PINS),)}
    return plan(*(jobs or (UNIT,)), **(defaults | fields))


def bound(
    a_plan: Plan | None = None, facts: Snapshot | None = None, *, known: frozenset[str] = frozenset(), **more: Any
) -> tuple[Binding, ...]:
    return bind(a_plan or whole(), facts or snapshot(), table(), known.__contains__, **more)


def key(a_plan: Plan | None = None, facts: Snapshot | None = None, **more: Any) -> str:
    return bound(a_plan, facts, **more)[0].key


def test_binding_knows_the_machine() -> None:
    (found,) = bound(whole(replace(UNIT, estimate_s=7.0)))
    assert (found.job, found.interpreter, found.estimate_s) == ("unit@3.12", "/pythons/3.12/bin/python", 7.0)
    assert (found.cache, found.miss) == (CacheState.MISS, None)


def test_same_work_has_the_same_key_and_any_part_changes_it() -> None:
    facts = snapshot()
    others = [
        key(),
        key(whole(replace(UNIT, commands=(command("pytest", "-x"),)))),
        key(whole(replace(UNIT, commands=(command(environment=(("A", "1"),)),)))),
        key(whole(replace(UNIT, variables=(("A", "1"),)))),
        key(whole(replace(UNIT, variables=(("A", "2"),)))),
        key(whole(replace(UNIT, inputs=("src/**",)))),
        key(whole(replace(UNIT, outputs=("out",)))),
        key(whole(replace(UNIT, timeout_s=3.0))),
        key(whole(replace(UNIT, workspace="copy"))),
        key(whole(environments=(environment(resolution="other"),))),
        key(facts=replace(facts, files={**FILES, "README.md": "other"})),
        key(facts=replace(facts, files={**FILES, "new": "d"})),
        key(facts=replace(facts, interpreters=(interpreter("3.12", identity="other"),))),
        key(facts=replace(facts, platform=platform(machine="aarch64"))),
        key(facts=replace(facts, project=project(native=True))),
        key(environ={"LANG": "de_DE"}),
        key(environ={"LC_ALL": "de_DE"}),
        key(environ={"TZ": "UTC"}),
    ]
    assert len(set(others)) == len(others)
    assert key() == key(environ={"HOME": "/elsewhere"}) == key(facts=replace(facts, root="/elsewhere"))


@pytest.mark.parametrize(("settings", "same"), [
    ('{"workers":8,"retries":0,"edited":["a.py"],"against":{"commit":"c"},"quarantined":["t"],"start":"spawn"}', True),
    ('{"workers":1,"timeout_s":60.0}', False),
    ('{"workers":1,"shard":[1,2]}', False),
])  # fmt: skip
def test_how_tests_are_run_is_not_in_the_key_and_what_they_may_do_is(settings: str, *, same: bool) -> None:
    def told(text: str) -> str:
        return key(whole(replace(UNIT, commands=(command("pytest", environment=(("PENSTOCK_ENGINE", text),)),))))

    assert (told('{"workers":1}') == told(settings)) is same


def test_order_of_facts_does_not_change_a_key() -> None:
    facts = snapshot()
    turned = replace(facts, files=dict(reversed(list(facts.files.items()))), interpreters=facts.interpreters[::-1])
    assert key(facts=turned) == key(facts=facts)


def test_declared_inputs_alone_count() -> None:
    facts = snapshot()
    narrow = whole(replace(UNIT, inputs=("src/**", "!**/core.py")))
    for path, counts in (("src/demo/__init__.py", True), ("src/demo/core.py", False), ("README.md", False)):
        changed = replace(facts, files={**FILES, path: "other"})
        assert (key(narrow, changed) != key(narrow, facts)) is counts, path
        assert (bound(narrow, changed)[0].inputs_digest != bound(narrow)[0].inputs_digest) is counts


def test_key_holds_the_keys_of_needs() -> None:
    changed = replace(UNIT, variables=(("A", "1"),))
    assert bound(whole(UNIT, COVERAGE))[1].key != bound(whole(changed, COVERAGE))[1].key


def test_tool_that_only_reads_counts_with_its_pin() -> None:
    one = whole(replace(UNIT, commands=(command(tool="ruff"),)))
    newer = table() | {"ruff": FakeTool("ruff", "ruff==1")}
    assert bind(one, snapshot(), newer, lambda _: False)[0].key != key(one)


def test_hit_miss_and_fresh() -> None:
    known = frozenset({key()})
    assert bound(known=known)[0].cache is CacheState.HIT
    (anew,) = bound(known=known, fresh=True)
    assert (anew.cache, anew.miss) == (CacheState.MISS, "asked for anew (--all)")


@pytest.mark.parametrize(
    ("a_plan", "why"),
    [
        (
            whole(replace(UNIT, cacheable=False)),
            "its results are not kept (cache = false, secrets, or services without cache = true)",
        ),
        (
            whole(replace(UNIT, kind=JobKind.AUDIT, cacheable=False)),
            "its answer changes while nothing here does",
        ),
        (whole(replace(UNIT, blocked_by="no Python 3.12")), "no Python 3.12"),
        (whole(environments=(environment(resolution=""),)), "the versions of 3.12/test are not known"),
    ],
)
def test_what_is_never_cached_says_why(a_plan: Plan, why: str) -> None:
    (found,) = bind(a_plan, snapshot(), table(), lambda _: True)
    assert (found.cache, found.miss) == (CacheState.OFF, why)


def test_reader_of_results_that_are_not_kept_is_not_cached_either() -> None:
    uncached = replace(UNIT, cacheable=False)
    after = job("after", kind=JobKind.RUN, needs=("unit@3.12",))
    reader = replace(after, id="reader", commands=(command("cat", "${penstock:needs}/unit@3.12/x"),))
    found = bind(whole(uncached, COVERAGE, after, reader), snapshot(), table(), lambda _: True)
    assert [one.cache for one in found] == [CacheState.OFF, CacheState.OFF, CacheState.HIT, CacheState.OFF]
    assert found[1].miss == "it reads what unit@3.12 leaves, which is not kept"


def missed(now: Plan, facts: Snapshot, *, before: Plan | None = None, then: Snapshot | None = None) -> str | None:
    previous = bound(before, then)[0].key_parts
    return bound(now, facts, nearest=lambda _: previous)[0].miss


def test_miss_names_changed_files() -> None:
    files = {**FILES, "src/demo/core.py": "x", "README.md": "x", "new.py": "x"}
    del files["docs/index.md"]
    assert missed(whole(), replace(snapshot(), files=files)) == (
        "changed README.md (+1), added new.py, removed docs/index.md"
    )


def test_miss_names_packages() -> None:
    newer = whole(
        environments=(environment(resolution="newer"),),
        resolutions=(resolution(requirements=PINS.replace("1.18.1", "1.19").replace("9.2", "9.3")),),
    )
    assert missed(newer, snapshot()) == "mypy 1.18.1 → 1.19 (+1)"
    other = whole(environments=(environment(resolution="rebuilt"),))
    assert missed(other, snapshot()) == "the environment test changed"


def test_miss_names_the_rest() -> None:
    facts = replace(snapshot(), interpreters=(interpreter("3.12", version="3.12.9"),))
    changed = replace(UNIT, variables=(("A", "1"),), timeout_s=4.0, commands=(command("x"),))
    assert missed(whole(changed), facts) == (
        "Python 3.12.1 → 3.12.9, its commands changed, its timeout changed, the variable A changed"
    )
    rebuilt = replace(snapshot(), interpreters=(interpreter("3.12", identity="rebuilt"),))
    assert missed(whole(), rebuilt) == "another build of Python 3.12.1"


def test_miss_without_and_with_an_equal_earlier_result() -> None:
    assert bound(nearest=lambda _: None)[0].miss == "no earlier result"
    assert missed(whole(), snapshot()) == "its result is no longer in the cache"


def test_miss_by_a_need() -> None:
    changed = replace(UNIT, variables=(("A", "1"),))
    previous = bound(whole(UNIT, COVERAGE))[1].key_parts
    found = bound(whole(changed, COVERAGE), nearest=lambda _: previous)
    assert found[1].miss == "a job it needs has changed"


def test_many_files_are_named_by_folder() -> None:
    files = {f"src/{number}.py": "d" for number in range(6_000)} | {"README.md": "d"}
    then = replace(snapshot(), files=files)
    now = replace(snapshot(), files={**files, "src/7.py": "x"})
    assert missed(whole(), now, then=then) == "changed files in src/"
    assert not any(name.startswith("packed:files") for name in bound(facts=now)[0].key_parts)


def test_earlier_parts_that_cannot_be_read_explain_less_and_harm_nothing() -> None:
    facts = replace(snapshot(), files={"a": "1"})
    for packed in ("", "no base64!", "aGVsbG8="):
        previous = {**bound()[0].key_parts, "packed:files": packed}
        assert bound(facts=facts, nearest=lambda _, previous=previous: previous)[0].miss == "changed files"
