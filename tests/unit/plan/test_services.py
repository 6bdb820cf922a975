"""What serves on which machine, what of it is planned, and what becomes of jobs whose services are not to be had."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from penstock.model.pipeline import Pipeline
from penstock.model.plan import CacheState
from penstock.model.services import Program, Servers, Service, ServiceSpec
from penstock.model.snapshot import Timings
from penstock.plan.assemble import assemble
from penstock.plan.draft import draft
from penstock.plan.explain import explain
from penstock.plan.keys import bind
from penstock.plan.request import Request
from penstock.plan.services import planned, wanted
from tests.builders import job_spec, pipeline, resolution, snapshot
from tests.fakes.tools import table

REDIS = Program(name="redis-server", path="/usr/bin/redis-server", version="7.0.15", identity="r7")
VALKEY = Program(name="valkey-server", path="/opt/valkey-server", version="8.1.0", identity="v8")


def postgres(version: str) -> Program:
    folder = f"/usr/lib/postgresql/{version.partition('.')[0]}/bin"
    beside = (("initdb", f"{folder}/initdb"),)
    return Program(name="postgres", path=f"{folder}/postgres", version=version, beside=beside, identity=version)


def asking(*services: str, declared: tuple[ServiceSpec, ...] = (), **fields: Any) -> Pipeline:
    return pipeline(job_spec("integ", services=services, **fields), job_spec("other"), services=declared)


def only(a_pipeline: Pipeline, *programs: Program, **servers: Any) -> Service:
    (found,) = planned(a_pipeline, Servers(programs=programs, **servers))
    return found


def test_a_real_server_of_the_machine_comes_first() -> None:
    found = only(asking("redis"), REDIS, engine="/usr/bin/docker")
    assert found.told == "redis-server 7.0.15 (/usr/bin/redis-server)"
    assert (found.command[0], found.version, found.identity) == ("/usr/bin/redis-server", "7.0.15", "r7")
    assert (found.image, found.engine, found.missing) == ("", "", "")
    assert dict(found.exports)["REDIS_URL"] == "redis://{host}:{port}/0"


def test_an_alternative_is_as_good() -> None:
    assert only(asking("redis"), VALKEY).command[0] == "/opt/valkey-server"
    assert only(asking("valkey"), REDIS).command[0] == "/usr/bin/redis-server"


def test_the_newest_version_that_is_asked_for_is_taken_with_the_programs_beside_it() -> None:
    here = (postgres("17.2"), postgres("15.8"), postgres("1.5"))
    assert only(asking("postgres"), *here).version == "17.2"
    old = only(asking("db", declared=(ServiceSpec(name="db", use="postgres", version="15"),)), *here)
    assert old.command[0] == "/usr/lib/postgresql/15/bin/postgres"
    assert old.first[0][0] == "/usr/lib/postgresql/15/bin/initdb"
    none = only(asking("db", declared=(ServiceSpec(name="db", use="postgres", version="16"),)), *here)
    assert none.missing == (
        "the service db needs postgres 16, which is not on this machine, but 1.5, 15.8, 17.2, "
        "and no container engine answers"
    )


def test_without_a_server_an_engine_that_answers_runs_its_image() -> None:
    found = only(asking("db", declared=(ServiceSpec(name="db", use="postgres", version="16"),)), engine="/bin/docker")
    assert (found.image, found.engine, found.ports) == ("docker.io/library/postgres:16", "/bin/docker", (5432,))
    assert dict(found.environment) == {"POSTGRES_HOST_AUTH_METHOD": "trust"}
    assert found.version == found.image
    own = ServiceSpec(name="broker", image="example/broker:3", ports=(5672,))
    found = only(asking("broker", declared=(own,)), engine="/bin/podman")
    assert (found.image, found.ports, found.exports[0]) == ("example/broker:3", (5672,), ("BROKER_HOST", "{host}"))


def test_a_command_of_the_project_needs_neither() -> None:
    own = ServiceSpec(name="my-app", command=("python", "-m", "app"), ports=(8000,))
    found = only(asking("my-app", declared=(own,)))
    assert (found.command, found.missing, found.health) == (("python", "-m", "app"), "", ("tcp",))
    assert found.exports == (("MY_APP_HOST", "{host}"), ("MY_APP_PORT", "{port}"))


@pytest.mark.parametrize(
    ("spec", "deaf", "missing", "remedy"),
    [
        (
            ServiceSpec(name="db", use="redis"),
            "",
            "the service db needs redis-server or valkey-server, which is not on this machine, and no container engine",
            "apt-get install redis-server, or start Docker or Podman",
        ),
        (
            ServiceSpec(name="db", image="x/y", ports=(1,)),
            "docker is installed, and does not answer: Cannot connect",
            "the service db is the image x/y, and no container engine answers (docker is installed",
            "install Docker or Podman, and start it",
        ),
    ],
)
def test_what_is_not_to_be_had_blocks_its_jobs_and_no_other(
    spec: ServiceSpec, deaf: str, missing: str, remedy: str
) -> None:
    drafted = draft(asking("db", declared=(spec,)), snapshot(servers=Servers(deaf=deaf)), Request(), table())
    jobs = {job.name: job for job in drafted.jobs}
    assert (jobs["integ"].blocked_by or "").startswith(missing)
    assert deaf in (jobs["integ"].blocked_by or "")
    assert jobs["integ"].remedy == remedy
    assert jobs["other"].blocked_by is None


def test_only_what_jobs_name_is_looked_for() -> None:
    declared = (ServiceSpec(name="unused", use="mysql"), ServiceSpec(name="own", command=("x",)))
    recipes, engine = wanted(asking("redis", "own", declared=declared))
    assert ([recipe.name for recipe in recipes], engine) == (["redis"], False)
    assert wanted(asking("db", declared=(ServiceSpec(name="db", use="redis", image="x"),))) == ((), True)
    assert wanted(pipeline(job_spec("x"))) == ((), False)


def _bound(a_pipeline: Pipeline, servers: Servers) -> tuple[CacheState, str | None, str]:
    facts = snapshot(servers=servers)
    plan = assemble(draft(a_pipeline, facts, Request(), table()), (resolution(),), Timings())
    found = next(one for one in bind(plan, facts, table(), lambda _: False) if one.job == "integ")
    return found.cache, found.miss, found.key


def test_its_result_is_kept_only_where_the_job_says_so_and_then_for_that_version() -> None:
    here, newer = Servers(programs=(REDIS,)), Servers(programs=(replace(REDIS, version="7.4.0"),))
    elsewhere = Servers(programs=(replace(REDIS, path="/opt/redis-server", identity="x"),))
    state, why, _ = _bound(asking("redis"), here)
    assert state is CacheState.OFF
    assert why is not None
    assert "services without cache = true" in why
    cached = asking("redis", cache=True)
    keys = [_bound(cached, servers) for servers in (here, here, elsewhere, newer)]
    assert {state for state, _, _ in keys} == {CacheState.MISS}
    first, again, moved, other = (key for _, _, key in keys)
    assert first == again == moved != other


def test_the_plan_is_the_same_whatever_serves() -> None:
    digests = {
        assemble(draft(asking("redis"), snapshot(servers=servers), Request(), table()), (), Timings()).digest
        for servers in (Servers(), Servers(programs=(REDIS,)), Servers(engine="/bin/docker"))
    }
    assert len(digests) == 1


def test_explain_tells_what_serves_a_job_and_what_a_service_is() -> None:
    facts = snapshot(servers=Servers(programs=(REDIS,)))
    plan = assemble(draft(asking("redis"), facts, Request(), table()), (), Timings())
    assert "  service redis: redis-server 7.0.15 (/usr/bin/redis-server)" in explain(plan, (), "integ")
    told = explain(plan, (), "redis")
    assert told[:3] == (
        "service redis: redis-server 7.0.15 (/usr/bin/redis-server)",
        "  for integ",
        "  one for each of them",
    )
    assert "  is up when it answers redis, within 60 s" in told
    assert "  hands over REDIS_URL=redis://{host}:{port}/0" in told
