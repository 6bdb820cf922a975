"""What `[tool.penstock.services]` means, and every way of being wrong in it."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ConfigurationError, Problem
from penstock.load.file import declared
from penstock.load.schema import schema
from penstock.model.services import ServiceSpec
from penstock.services import NAMES, SERVICES

JOB = "jobs = { x = { run = 'x', services = ['NAME'] } }\n"


def service(text: str, name: str = "db") -> ServiceSpec:
    (found,) = declared(None, JOB.replace("NAME", name) + text).services
    return found


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        declared(None, text)
    return caught.value.problems


def told(text: str) -> list[tuple[str, str]]:
    """Code and place of every problem."""
    return [(problem.code, str(problem.place).partition(":")[2]) for problem in problems(text)]


def test_a_built_in_service_needs_no_table() -> None:
    for name in NAMES:
        pipeline = declared(None, JOB.replace("NAME", name))
        assert pipeline.jobs is not None
        assert (pipeline.jobs[0].services, pipeline.services) == ((name,), ())


def test_everything_that_can_be_said_of_one() -> None:
    text = """
    [services.db]
    use = "postgres"
    image = "docker.io/postgis/postgis:16-3.4"
    ports = 5432
    environment = { PGTZ = "UTC", N = 3 }
    health = ["pg_isready", "-p", "{port}"]
    exports = { DATABASE_URL = "postgresql://{host}:{port}/x" }
    shared = true
    timeout = "2m"
    version = "16"
    """
    found = service(text)
    assert (found.use, found.image, found.ports) == ("postgres", "docker.io/postgis/postgis:16-3.4", (5432,))
    assert found.environment == (("N", "3"), ("PGTZ", "UTC"))
    assert found.health == ("command", "pg_isready", "-p", "{port}")
    assert found.exports == (("DATABASE_URL", "postgresql://{host}:{port}/x"),)
    assert (found.shared, found.timeout_s, found.version) == (True, 120.0, "16")
    assert str(found.place) == "penstock.toml:3:15"


def test_a_command_is_split_as_that_of_a_job_and_a_path_is_asked_by_http() -> None:
    found = service("services.db = { command = \"serve --name 'a b' {port}\", health = '/up?x=1' }")
    assert found.command == ("serve", "--name", "a b", "{port}")
    assert found.health == ("http", "/up?x=1")
    assert (found.timeout_s, found.shared, found.exports) == (60.0, False, None)


def test_the_name_of_a_built_in_one_says_what_it_is() -> None:
    assert service("services.redis = { timeout = 5 }", "redis").use == "redis"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("services = 3", [("C221", "1:39"), ("C102", "2:12")]),
        ("services.db = 'postgres'", [("C102", "2:15")]),
        ("services.db = { }", [("C105", "2:15")]),
        ("services.db = { use = 'postgre' }", [("C103", "2:23")]),
        ("services.db = { use = 'redis', comand = 'x' }", [("C101", "2:32")]),
        ("services.db = { use = 'redis', command = 'x' }", [("C212", "2:17")]),
        ("services.db = { command = 'x', image = 'y' }", [("C212", "2:32")]),
        ("services.db = { image = 'y' }", [("C105", "2:15")]),
        ("services.db = { image = '-y', ports = 1 }", [("C103", "2:25")]),
        ("services.db = { command = [] }", [("C103", "2:27")]),
        ("services.db = { command = 'a && b' }", [("C213", "2:27")]),
        ("services.db = { command = 'x', ports = 0 }", [("C103", "2:40")]),
        ("services.db = { command = 'x', ports = ['a'] }", [("C102", "2:41")]),
        ("services.db = { command = 'x', version = '3' }", [("C212", "2:32")]),
        ("services.db = { use = 'redis', version = 'seven' }", [("C103", "2:42")]),
        ("services.db = { use = 'redis', version = 7 }", [("C102", "2:42")]),
        ("services.db = { command = 'x {prot}' }", [("C103", "2:27")]),
        ("services.db = { command = 'x', exports = { A = '{where}' } }", [("C103", "2:42")]),
        ("services.db = { command = 'x', exports = { 1A = 'x' } }", [("C103", "2:44")]),
        ("services.db = { command = 'x', health = 'redi' }", [("C103", "2:41")]),
        ("services.db = { command = 'x', health = 7 }", [("C102", "2:41")]),
        ("services.db = { command = 'x', health = [] }", [("C103", "2:41")]),
        ("services.db = { command = 'x', timeout = 'soon' }", [("C103", "2:42")]),
        ("services.db = { command = 'x', shared = 'yes' }", [("C102", "2:41")]),
        ("services.'a b' = { command = 'x' }\nservices.db = { use = 'redis' }", [("C103", "2:10")]),
    ],
)
def test_each_wrong_key_and_value_is_one_problem_in_its_place(text: str, problems: list[tuple[str, str]]) -> None:
    assert told(JOB.replace("NAME", "db") + text) == problems


def test_a_service_that_is_not_there_is_told_with_what_may_be_meant() -> None:
    (near,) = problems(JOB.replace("NAME", "postgress"))
    assert (near.code, near.remedy) == ("C221", "did you mean `postgres`?")
    (far,) = problems(JOB.replace("NAME", "kafka"))
    assert far.message == "there is no service `kafka`"
    assert far.remedy is not None
    assert all(name in far.remedy for name in SERVICES)
    (own,) = problems(JOB.replace("NAME", "brokr") + "services.broker = { command = 'x' }")
    assert own.remedy == "did you mean `broker`?"


def test_a_template_that_nothing_stands_for_is_told_with_what_may_be_meant() -> None:
    (problem,) = problems(JOB.replace("NAME", "db") + "services.db = { command = 'x {prot}' }")
    assert (problem.message, problem.remedy) == ("nothing stands for `{prot}`", "did you mean `{port}`?")


def test_two_services_of_a_job_do_not_hand_over_one_variable() -> None:
    both = "jobs = { x = { run = 'x', services = ['mysql', 'postgres'] } }\n"
    (problem,) = problems(both)
    assert (problem.code, problem.message) == ("C222", "`mysql` and `postgres` both hand over DATABASE_URL")
    pipeline = declared(None, both + "services.mysql = { exports = { MYSQL_URL = 'mysql://{host}:{port}' } }")
    assert len(pipeline.services) == 1


def test_what_is_declared_of_a_service_changes_the_digest_and_where_it_stands_does_not() -> None:
    one = declared(None, JOB.replace("NAME", "db") + "services.db = { use = 'redis' }")
    moved = declared(None, JOB.replace("NAME", "db") + "\n\n[services.db]\nuse = 'redis'")
    other = declared(None, JOB.replace("NAME", "db") + "services.db = { use = 'redis', shared = true }")
    assert one.digest == moved.digest != other.digest


def test_the_schema_knows_the_keys_of_a_service() -> None:
    known: dict[str, Any] = schema()["properties"]["services"]
    (table,) = known["patternProperties"].values()
    assert set(table["properties"]) == {
        *("use", "command", "image", "ports", "environment", "health", "exports", "shared", "timeout", "version")
    }
