"""`[tool.penstock.ci.github]`: what it adds to the generated workflow, and what it refuses."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from penstock.errors import ConfigurationError, Problem
from penstock.load.file import declared
from penstock.load.schema import schema
from penstock.model.hosts import ExtraJob, GitHub, Permission, Raised, Step

COMMIT = "0123456789abcdef0123456789abcdef01234567"
EVERYTHING = f"""
[ci.github]
runners = {{ train = ["self-hosted", "gpu"], "unit@macos" = "macos-15-xlarge" }}
systems = {{ macos = "macos-14" }}
permissions = [{{ job = "docs", permission = "pages", access = "write", reason = "publishes the pages" }}]
before = [{{ run = "make ready", name = "Ready", jobs = "unit", if = "runner.os == 'Linux'" }}]
after = [{{ uses = "acme/tidy@{COMMIT}", version = "v1.2.0", with = {{ n = 2 }}, env = {{ A = "b" }}, on = "change" }}]
triggers = {{ schedule = ["0 3 * * 1"], workflow_call = true }}
pins = {{ "actions/checkout" = {{ version = "v9.0.0", commit = "{COMMIT}" }} }}
[ci.github.jobs.smoke]
steps = [{{ run = "make smoke" }}]
needs = ["unit"]
timeout = "5m"
permissions = [{{ permission = "id-token", access = "write", reason = "the cloud asks who it is" }}]
[ci.github.jobs.preview]
steps = [{{ uses = "./preview" }}]
required = false
if = "github.event_name == 'pull_request'"
runner = "small"
environment = {{ SITE = "x" }}
"""


def github(text: str) -> GitHub:
    found = declared(None, text).github
    assert found is not None
    return found


def problems(line: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigurationError) as caught:
        declared(None, f"[ci.github]\n{line}\n")
    return caught.value.problems


def test_everything_that_can_be_added() -> None:
    found = github(EVERYTHING)
    assert found.runners == (("train", ("self-hosted", "gpu")), ("unit@macos", ("macos-15-xlarge",)))
    assert found.systems == (("macos", ("macos-14",)),)
    pages = Permission(job="docs", permission="pages", access="write", reason="publishes the pages")
    assert found.permissions == (pages,)
    assert found.before == (Step(run="make ready", name="Ready", jobs=("unit",), condition="runner.os == 'Linux'"),)
    tidy = f"acme/tidy@{COMMIT}"
    assert found.after == (
        Step(uses=tidy, version="v1.2.0", given=(("n", "2"),), environment=(("A", "b"),), on=("change",)),
    )
    assert found.triggers == (("schedule", ("0 3 * * 1",)), ("workflow_call", ()))
    assert found.pins == (Raised(action="actions/checkout", version="v9.0.0", commit=COMMIT),)
    token = Permission(job="smoke", permission="id-token", access="write", reason="the cloud asks who it is")
    smoke = ExtraJob(
        name="smoke", steps=(Step(run="make smoke"),), needs=("unit",), timeout_s=300.0, permissions=(token,)
    )
    preview = ExtraJob(
        name="preview",
        steps=(Step(uses="./preview"),),
        required=False,
        condition="github.event_name == 'pull_request'",
        runner=("small",),
        environment=(("SITE", "x"),),
    )
    assert found.jobs == (smoke, preview)
    assert found.required == ("smoke",)


def test_the_schema_takes_what_the_parser_takes() -> None:
    import tomllib

    Draft202012Validator(schema()).validate(tomllib.loads(EVERYTHING))


WRONG = [
    ('before = [{ run = "echo ${{ github.event.pull_request.title }}" }]', "C103", "env = {"),
    ('before = [{ run = "echo ${{ matrix.python }}" }]', "C103", "env = {"),
    ('after = [{ uses = "acme/tidy@v1" }]', "C103", "name the commit"),
    ('after = [{ uses = "acme/tidy@main" }]', "C103", "name the commit"),
    ('after = [{ uses = "./../elsewhere" }]', "C103", "one of the repository"),
    ("after = [{ name = 'nothing' }]", "C212", "a script, or an action"),
    (f'after = [{{ run = "x", uses = "a/b@{COMMIT}" }}]', "C212", "a script, or an action"),
    ('after = [{ run = "x", with = { a = 1 } }]', "C212", "leave it out"),
    (f'after = [{{ uses = "a/b@{COMMIT}", with = {{ script = "f(${{{{ x }}}})" }} }}]', "C103", "variable of the step"),
    ("jobs = { a = { steps = [] } }", "C103", "a list of steps"),
    ("jobs = { a = { needs = [] } }", "C105", "`steps`"),
    ('jobs = { a = { steps = [{ run = "x" }], if = "success()" } }', "C212", "required = false"),
    ('jobs = { "a b" = { steps = [{ run = "x" }] } }', "C103", "letters, digits"),
    ("triggers = { pull_request_target = true }", "C103", "without code"),
    ("triggers = { workflow_run = true }", "C103", "without code"),
    ('triggers = { shedule = ["0 3 * * 1"] }', "C103", "did you mean `schedule`?"),
    ('triggers = { schedule = ["tomorrow"] }', "C103", "a cron"),
    ('triggers = { release = ["published"] }', "C103", 'on = ["release"]'),
    ("triggers = { workflow_call = [] }", "C102", "takes true"),
    ('pins = { "actions/checkout" = { version = "v9", commit = "v9" } }', "C103", "40 hex digits"),
    ('pins = { checkout = { version = "v9", commit = "x" } }', "C103", "the name of an action"),
    ('permissions = [{ job = "a", permission = "pages", access = "write" }]', "C105", "reason"),
    ('permissions = [{ job = "a", permission = "page", access = "write", reason = "x" }]', "C103", "`pages`"),
    ('runners = { unit = "${{ github.head_ref }}" }', "C103", "a label"),
    ('systems = { windows = "windows-2025" }', "C103", "linux or macos"),
]


@pytest.mark.parametrize(("line", "code", "told"), WRONG)
def test_what_is_refused_and_what_to_do_instead(line: str, code: str, told: str) -> None:
    (found, *_) = problems(line)
    assert found.code == code
    assert told in f"{found.message} {found.remedy}"
    assert found.place is not None


def test_the_schema_refuses_an_expression_in_a_script_and_a_tag() -> None:
    check = Draft202012Validator(schema())
    for step in ({"run": "echo ${{ github.head_ref }}"}, {"uses": "acme/tidy@v1"}):
        assert not check.is_valid({"ci": {"github": {"before": [step]}}})


def test_systems_are_an_axis_that_the_matrix_does_not_name_itself() -> None:
    text = 'python = ["3.12"]\njobs = { u = { test = true, systems = ["linux", "macos"], matrix = { db = ["x"] } } }\n'
    (job,) = declared(None, text).jobs or ()
    assert (job.systems, job.matrix) == (("linux", "macos"), (("db", ("x",)),))
    assert job.axes == (("db", ("x",)), ("system", ("linux", "macos")))
    for line, code in (
        ('matrix = { system = ["linux"] }', "C103"),
        ('systems = ["windows"]', "C104"),
        ('systems = ["linux"], exclude = [{ system = "macos" }]', "C207"),
        ('systems = ["linux"], exclude = [{ system = "linux" }]', "C205"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            declared(None, f'python = ["3.12"]\njobs = {{ u = {{ test = true, {line} }} }}\n')
        assert caught.value.problems[0].code == code
