"""`[tool.penstock.ci.circleci]` becomes a CircleCI; the names in it are held against what there is."""

from __future__ import annotations

from collections.abc import Iterable

from penstock.load import on_runners
from penstock.load.findings import Findings
from penstock.load.locate import KeyPath
from penstock.load.named import Named
from penstock.load.shapes import NAME, List
from penstock.load.table import Key, Table, read_table
from penstock.load.types import Choice, Duration, Flag, Text
from penstock.model.circleci import EXECUTORS, RESOURCE_CLASSES, CircleCI

_IMAGE = r"^[A-Za-z0-9][\w./-]*(?::(?!latest$)(?!latest@)[\w][\w.-]*)(?:@sha256:[0-9a-f]{64})?$"
_CLASS = Text(words='a resource class such as "large"', pattern=r"^[A-Za-z0-9][A-Za-z0-9.+/_-]*$")
_CONTEXT = Text(words="the name of a context", pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")
CIRCLECI = (
    Key(
        name="image",
        shape=Text(
            words='an image with its tag, such as "cimg/python:3.13.13", and best with its digest, too (`@sha256:…`)',
            pattern=_IMAGE,
            hint="`latest` is another image tomorrow",
        ),
        default='"cimg/python:3.13.13"',
        doc="The container of the executors `standard` and `performance`. It holds a Python with pip, and git.",
    ),
    Key(
        name="machine",
        shape=Text(words='an image of a virtual machine such as "ubuntu-2404:current"', pattern=r"^[\w.-]+:[\w.-]+$"),
        default='"ubuntu-2404:current"',
        doc="The virtual machine of the executor `machine`: jobs with `image` or `services` run on it.",
    ),
    Key(
        name="gpu",
        shape=Text(words='an image of a virtual machine such as "linux-cuda-12:default"', pattern=r"^[\w.-]+:[\w.-]+$"),
        default='"linux-cuda-12:default"',
        doc="The virtual machine of the executor `gpu`: what says `gpus` runs there.",
    ),
    Key(
        name="resource_classes",
        shape=Table(
            keys=tuple(
                Key(name=name, shape=_CLASS, default=f'"{given}"', doc=f"Of the executor `{name}`.")
                for name, given in RESOURCE_CLASSES.items()
            ),
            words='a table such as { standard = "large", gpu = "gpu.nvidia.small.multi" }',
            where="`resource_classes`",
        ),
        default=", ".join(f'{name} = "{given}"' for name, given in RESOURCE_CLASSES.items()),
        doc="What an executor is given.",
    ),
    Key(
        name="executors",
        shape=Named(
            item=Choice(options=EXECUTORS),
            words='a table such as { full = "performance" }',
            keys=NAME.pattern,
            key_words=NAME.words,
        ),
        default="{}",
        doc="The executor of a job, a stage or a runner, by name: `standard`, `performance`, `machine` or `gpu`.",
    ),
    Key(
        name="contexts",
        shape=Named(
            item=List(item=_CONTEXT, single=True, least=1, words="a context or a list of contexts"),
            words='a table such as { integ = "keys", production = ["deploy", "slack"] }',
            keys=NAME.pattern,
            key_words=NAME.words,
        ),
        default="{}",
        doc="Contexts (groups of variables) of a job, `plan`, `verdict` or a deployment, by name. No other gets them.",
    ),
    Key(
        name="layer_cache",
        shape=Flag(),
        default="false",
        doc="Layers of container images are kept from run to run, for the executor `machine`. CircleCI charges for it.",
    ),
    Key(
        name="branch",
        shape=Text(words="a branch", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]*$"),
        default='"main"',
        doc="The default branch. Caches and the history of runs are written on it alone.",
    ),
    Key(
        name="timeout",
        shape=Duration(),
        field="quiet_s",
        default='"30m"',
        doc="For how long a runner may say nothing, where its jobs have no `timeout` of their own.",
    ),
    *on_runners.keys(".circleci"),
)


def read_circleci(raw: object, path: KeyPath, findings: Findings) -> CircleCI | None:
    """The settings in the table `ci`; None where nothing is said, or something wrong."""
    told = raw.get("circleci") if isinstance(raw, dict) else None
    if not isinstance(told, dict):
        return None
    before = len(findings)
    values = read_table(told, CIRCLECI, "`ci.circleci`", (*path, "circleci"), findings)
    for key in ("resource_classes", "executors", "contexts"):  # the order in the file means nothing
        if key in values:
            values[key] = tuple(sorted(dict(values[key]).items()))
    return CircleCI(**values) if len(findings) == before else None


def check(
    declared: CircleCI | None,
    *,
    jobs: Iterable[str],
    stages: Iterable[str],
    deployments: Iterable[str],
    findings: Findings,
) -> None:
    """Note names that nothing has: a misspelled one would give nobody its executor, or its secrets."""
    if declared is None:
        return
    work = (*jobs, "quality")
    for key, names, known in (
        ("executors", declared.executors, (*work, *stages, "plan", "verdict")),
        ("contexts", declared.contexts, (*work, *deployments, "plan", "verdict")),
    ):
        for name, _ in names:
            if name not in known:
                remedy = findings.suggestion(name, known) or f"there are: {', '.join(dict.fromkeys(known))}"
                message = f"nothing on CircleCI is called `{name}`"
                findings.add("C223", message, ("ci", "circleci", key, name), value=False, remedy=remedy)
