"""What `[tool.penstock.ci.github]` adds to the generated workflow: runners, rights, steps, jobs, events, pins."""

from __future__ import annotations

from typing import Any

from penstock.load import ci_steps
from penstock.load.ci_steps import CONDITION, ENVIRONMENT, OF_JOBS, OF_RUNS, VERSION
from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.named import Named
from penstock.load.shapes import List
from penstock.load.table import Key, Table
from penstock.load.types import Choice, Duration, Flag, Text, spoken, wrong_type
from penstock.model.hosts import ExtraJob, Permission, Raised
from penstock.value import Value

LABEL = Text(words='a label such as "ubuntu-24.04"', pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
_LABELS = List(item=LABEL, single=True, least=1, words="a label, or a list of labels that the runner has all of")
_JOB = Text(words="the name of a generated job", pattern=r"^[^\x00-\x1f]+$")
_JOB_ID = r"^[A-Za-z_][A-Za-z0-9_-]{0,99}$"
# https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
_RIGHTS = (
    *("actions", "attestations", "checks", "contents", "deployments", "discussions", "id-token", "issues"),
    *("packages", "pages", "pull-requests", "security-events", "statuses"),
)
# Further events, and what their list says; "" = they take none, and are switched on by true.
EVENTS = {"schedule": "cron", "repository_dispatch": "type", "workflow_call": ""}
# Events by which strangers start a workflow that has rights.
_RISKY = frozenset({"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "fork", "watch"})
_LISTED = {
    "cron": Text(words='a cron such as "0 3 * * 1"', pattern=r"^[0-9*/,-]+(?: [0-9*/,A-Za-z-]+){4}$"),
    "type": Text(words="a type of the event", pattern=r"^[A-Za-z0-9_.-]+$"),
}


class Triggers(Value, frozen=True, kw_only=True):
    """Events by name, each with its crons or types, or `true`."""

    words: str = 'a table of events such as { schedule = ["0 3 * * 1"] }'

    def read(self, raw: object, path: KeyPath, findings: Findings) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
        """Pairs in the order of the file."""
        if not isinstance(raw, dict):
            wrong_type(self, raw, path, findings)
            return None
        before = len(findings)
        pairs = [(name, self._event(name, value, (*path, name), findings)) for name, value in raw.items()]
        return tuple((name, words or ()) for name, words in pairs) if len(findings) == before else None

    def _event(self, name: str, raw: object, path: KeyPath, findings: Findings) -> tuple[str, ...] | None:
        if name in _RISKY:
            message = f"`{name}` lets strangers start this workflow with the rights of the repository"
            findings.add("C103", message, path, value=False, remedy="leave it to a workflow of its own, without code")
        elif name == "release":
            message = "`release` would start runners that read caches, which a release does not"
            findings.add(
                "C103", message, path, value=False, remedy='give the jobs that a release wants on = ["release"]'
            )
        elif name not in EVENTS:
            remedy = findings.suggestion(name, tuple(EVENTS)) or f"known here: {', '.join(EVENTS)}"
            findings.add("C103", f"`{name}` is no event that can be added", path, value=False, remedy=remedy)
        elif not EVENTS[name]:
            if raw is not True:
                findings.add("C102", f"`{name}` takes true, not {spoken(raw)}", path)
        else:
            word = EVENTS[name]
            shape = List(item=_LISTED[word], single=True, least=1, words=f"a {word} or a list of them")
            words: tuple[str, ...] | None = shape.read(raw, path, findings)
            return words
        return None

    def schema(self) -> dict[str, Any]:
        """An object with these events alone."""
        events = {
            name: List(item=_LISTED[word], single=True, least=1, words="").schema() if word else {"const": True}
            for name, word in EVENTS.items()
        }
        return {"type": "object", "properties": events, "additionalProperties": False}


_RIGHT = (
    Key(name="permission", shape=Choice(options=_RIGHTS), required=True, doc="What the token may touch."),
    Key(name="access", shape=Choice(options=("read", "write")), required=True, doc="And what it may do with it."),
    Key(name="reason", shape=CONDITION, required=True, doc="Why: a comment beside it."),
)
PERMISSION = (Key(name="job", shape=_JOB, required=True, doc="The generated job that gets it."), *_RIGHT)
STEP = (*ci_steps.KEYS, OF_JOBS, OF_RUNS)
JOB = (
    Key(
        name="steps", shape=ci_steps.steps(ci_steps.KEYS, least=1), required=True, doc="What it does, after a checkout."
    ),
    Key(name="needs", shape=List(item=_JOB, words="a list of jobs"), default="[]", doc="Jobs that come before it."),
    Key(
        name="required",
        shape=Flag(),
        default="true",
        doc="The verdict waits for it, and only its success will do. With `false` it decides nothing.",
    ),
    Key(name="runner", shape=_LABELS, default="`runner`", doc="Its runner."),
    Key(name="timeout", shape=Duration(), field="timeout_s", default="`timeout`", doc="Time for the whole job."),
    Key(name="if", shape=CONDITION, field="condition", default="always", doc="When it runs, if it is not required."),
    Key(name="environment", shape=ENVIRONMENT, default="{}", doc="Variables of all its steps."),
    Key(
        name="permissions",
        shape=List(
            item=Table(keys=_RIGHT, words="a table of `permission`, `access` and `reason`", where="a permission"),
            words="a list of tables",
            unique=False,
        ),
        default="[]",
        doc="What its token may do, beside reading the code.",
    ),
)
PIN = (
    Key(name="version", shape=VERSION, required=True, doc="The version, for readers."),
    Key(
        name="commit",
        shape=Text(words="a commit of 40 hex digits", pattern=r"^[0-9a-f]{40}$"),
        required=True,
        doc="The commit that it stands for.",
    ),
)
KEYS = (
    Key(
        name="runners",
        shape=Named(item=_LABELS, words="a table of jobs", keys=_JOB.pattern, key_words=_JOB.words),
        default="{}",
        doc='Runners of single jobs: `{ train = ["self-hosted", "gpu"] }`; with the system where it has several: '
        "`unit@macos`.",
    ),
    Key(
        name="systems",
        shape=Named(item=_LABELS, words="a table of systems", keys=r"^(?:linux|macos)$", key_words="linux or macos"),
        default='{ linux = `runner`, macos = "macos-15" }',
        doc="Runners of the `systems` of jobs.",
    ),
    Key(
        name="permissions",
        shape=List(
            item=Table(
                keys=PERMISSION, words="a table of `job`, `permission`, `access`, `reason`", where="a permission"
            ),
            words="a list of tables",
            unique=False,
        ),
        default="[]",
        doc="Further rights of generated jobs, each with its reason.",
    ),
    Key(
        name="before",
        shape=ci_steps.steps(STEP),
        default="[]",
        doc="Steps after the checkout, before penstock is set up and runs the jobs.",
    ),
    Key(name="after", shape=ci_steps.steps(STEP), default="[]", doc="Steps after penstock's own."),
    Key(
        name="jobs",
        shape=Named(
            item=Table(keys=JOB, words="a table with `steps`", where="a job of the host"),
            words="a table of jobs",
            keys=_JOB_ID,
            key_words="a name for a job of the host: letters, digits, `_` and `-`",
        ),
        default="{}",
        doc="Jobs that no plan knows, beside the generated ones.",
    ),
    Key(name="triggers", shape=Triggers(), default="{}", doc="Further events that start the workflow."),
    Key(
        name="pins",
        shape=Named(
            item=Table(keys=PIN, words="a table of `version` and `commit`", where="a pin"),
            words="a table of actions",
            keys=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_./-]+$",
            key_words="the name of an action",
        ),
        default="{}",
        doc="Actions at another commit than penstock's own table has.",
    ),
)
_PARTS = (("A step of `before` and `after`", STEP), ("A job of `jobs`", JOB))
PARTS = (*_PARTS, ("An entry of `permissions`", PERMISSION), ("An entry of `pins`", PIN))


def finished(values: dict[str, Any], path: KeyPath, findings: Findings) -> dict[str, Any]:
    """Raw readings turned into what the model holds; notes what does not fit together."""
    for key in ("before", "after"):
        if key in values:
            values[key] = ci_steps.made(values[key], (*path, key), findings)
    if "permissions" in values:
        values["permissions"] = tuple(Permission(**each) for each in values["permissions"])
    if "pins" in values:
        values["pins"] = tuple(Raised(action=name, **each) for name, each in values["pins"])
    if "jobs" in values:
        values["jobs"] = tuple(_job(name, each, (*path, "jobs", name), findings) for name, each in values["jobs"])
    return values


def _job(name: str, values: dict[str, Any], path: KeyPath, findings: Findings) -> ExtraJob:
    steps = ci_steps.made(values.pop("steps"), (*path, "steps"), findings)
    rights = tuple(Permission(job=name, **each) for each in values.pop("permissions", ()))
    job = ExtraJob(name=name, steps=steps, permissions=rights, **values)
    if job.condition and job.required:
        message = f"`{name}` is required, and `if` lets it be skipped: the verdict takes nothing but its success"
        findings.add("C212", message, (*path, "if"), remedy="leave `if` out, or say required = false")
    return job
