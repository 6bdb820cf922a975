"""Every key of the configuration, declared once: parser, JSON Schema and reference page are made from these tables.

A key with `later` is known, checked for its type, and then refused as "not supported by this version": silence about
a wish that nothing fulfils would be a lie. Giving it meaning = removing `later` here and reading it in its room.
"""

from __future__ import annotations

from penstock.load.folders import Folder
from penstock.load.gate_keys import FLAG, RATCHET
from penstock.load.kinds import SPECIALS
from penstock.load.occasions import BRANCHES, ON
from penstock.load.secrets import REQUIRE, SECRETS
from penstock.load.shapes import GLOB, INSIDE, NAME, PYTHONS, VARIABLE, Argv, Axes, LegTables, List, Or, Scalars
from penstock.load.table import Key, Table
from penstock.load.types import Choice, Day, Duration, Flag, Size, Text, Whole
from penstock.model.pipeline import IN_A_COPY, RUNNING, JobKind

_SUITES = (JobKind.TEST,)
_COMMANDS = (JobKind.RUN,)
_INSTALLED = (
    JobKind.TEST,
    JobKind.RUN,
    JobKind.TYPES,
    JobKind.AUDIT,
    JobKind.DEPENDENCIES,
    JobKind.FRESHNESS,
    JobKind.LICENSES,
    *RUNNING,
)  # jobs that stand on the project's own dependencies
_ANALYSES = (JobKind.LINT, JobKind.TYPES, JobKind.COMPLEXITY, JobKind.SECURITY)
_FILES = (*_ANALYSES, JobKind.ANNOTATIONS, JobKind.DEPENDENCIES)  # jobs that look at files
_ABOUT = (JobKind.AUDIT, JobKind.DEPENDENCIES)  # jobs about the dependencies
RATCHETED = (JobKind.LINT, JobKind.TYPES)  # jobs whose findings may be held against a baseline
RATCHETED_WORDS = " and ".join(f"`{kind.value}`" for kind in RATCHETED)
_CHOSEN = (*_ANALYSES, JobKind.AUDIT)  # of which there are several tools
_MADE = (JobKind.TEST, JobKind.RUN, JobKind.BUILD, *RUNNING)  # jobs that leave files

KIND_KEYS = {"test": JobKind.TEST, "run": JobKind.RUN} | {special.key.name: special.kind for special in SPECIALS}
BUILT_IN = {kind.value: kind for kind in JobKind if kind.value not in KIND_KEYS}
KINDS_LATER = ("bench",)
LINTERS = ("ruff", "black", "isort", "flake8", "pylint")
TYPE_CHECKERS = ("mypy", "pyright", "ty")
AUDITORS = ("uv-audit", "pip-audit")
KIND_OF_TOOL = {
    **dict.fromkeys(LINTERS, JobKind.LINT),
    **dict.fromkeys(TYPE_CHECKERS, JobKind.TYPES),
    **dict.fromkeys(AUDITORS, JobKind.AUDIT),
    "bandit": JobKind.SECURITY,
    "radon": JobKind.COMPLEXITY,
}
TOOLS_BESIDE = {JobKind.SECURITY: ("ruff",), JobKind.COMPLEXITY: ("ruff",)}  # that are of another kind by themselves

TOLERANCE = (
    Key(name="reason", shape=Text(), required=True, doc="Why it may fail; it stands in every verdict."),
    Key(name="until", shape=Day(), required=True, doc="The last day on which it may fail."),
)


MEASURED = (
    Key(name="file", shape=Text(pattern=INSIDE), required=True, doc="The file, relative to the project's root."),
    Key(
        name="flag",
        shape=Text(pattern=FLAG),
        required=True,
        doc="Which measurement it is, such as `rust`. That of the tests is `python`.",
    ),
)


def _names(words: str) -> List:
    return List(item=NAME, words=words)


JOB = (
    Key(
        name="test",
        shape=Or(
            constant=True,
            meaning=(),
            constant_words="true (the tests that were detected)",
            shape=List(item=GLOB, single=True, least=1, words="a path or a list of paths"),
        ),
        kinds=_SUITES,
        doc="The job runs tests: those under these paths, or with `true` the ones that were detected.",
    ),
    Key(
        name="run",
        shape=Argv(),
        kinds=_COMMANDS,
        doc="The job runs this command. A string is split as a shell would split it, and no shell runs it.",
    ),
    Key(
        name="shell",
        shape=Flag(),
        default="false",
        kinds=_COMMANDS,
        doc="`run` is a script for `bash -eo pipefail`.",
    ),
    *(special.key for special in SPECIALS),
    Key(name="needs", shape=_names("a list of jobs"), default="[]", doc="Jobs that must pass before this one starts."),
    Key(name="stage", shape=NAME, default="the first stage", doc="The stage of `stages` that it belongs to."),
    Key(
        name="python",
        shape=Or(
            constant="*",
            meaning=("*",),
            constant_words='"*" (every Python of the pipeline)',
            shape=List(item=PYTHONS, single=True, least=1, words='a version such as "3.12", or a list of them'),
        ),
        default="the newest of the pipeline",
        kinds=_INSTALLED,
        doc="The Pythons to run on: one leg each.",
    ),
    Key(
        name="matrix",
        shape=Axes(),
        kinds=(JobKind.TEST, JobKind.RUN),
        doc="Further axes, crossed with `python`: one leg a combination.",
    ),
    Key(
        name="systems",
        shape=List(
            item=Choice(options=("linux", "macos"), later=("windows",)),
            least=1,
            words='a list of operating systems such as ["linux", "macos"]',
        ),
        kinds=(JobKind.TEST, JobKind.RUN),
        default="the one it runs on",
        doc="The operating systems to run on: one leg each, by the axis `system`. A leg of another system than this "
        "machine's is not verified here.",
    ),
    Key(
        name="include",
        shape=LegTables(),
        kinds=(JobKind.TEST, JobKind.RUN),
        default="[]",
        doc="Legs to add to the matrix; each names every axis.",
    ),
    Key(
        name="exclude",
        shape=LegTables(),
        kinds=(JobKind.TEST, JobKind.RUN),
        default="[]",
        doc="Legs to take out of the matrix: those that agree with one of these tables in all that it names.",
    ),
    Key(
        name="paths",
        shape=List(item=GLOB, words="a list of paths"),
        kinds=_FILES,
        default="as detected",
        doc="What to examine.",
    ),
    Key(name="marker", shape=Text(), kinds=_SUITES, doc="Only tests whose marks fit this expression (`pytest -m`)."),
    Key(name="keyword", shape=Text(), kinds=_SUITES, doc="Only tests whose names fit this expression (`-k`)."),
    Key(
        name="args",
        shape=Argv(least=0, words="arguments as a string or as a list"),
        kinds=(*_SUITES, *_ANALYSES, *_ABOUT),
        default="[]",
        doc="Handed to the job's tool as they are.",
    ),
    Key(
        name="runner",
        shape=Choice(options=("pytest", "unittest")),
        kinds=_SUITES,
        default="as detected",
        doc="What runs the tests.",
    ),
    Key(
        name="tool",
        shape=Choice(options=tuple(KIND_OF_TOOL)),
        kinds=_CHOSEN,
        default="those that the project configures",
        doc="The one tool to use. In a job that is not built in, it says of which kind the job is: `lint`, `types`, "
        "`audit`, `security` (bandit; the built-in one takes ruff, too) or `complexity` (radon, or ruff).",
    ),
    Key(
        name="database",
        shape=Text(
            words='the address of a service such as "https://api.osv.dev"',
            pattern=r"^https?://[^\s/?#@]+(?:/[^\s?#@]*)?$",
            hint="the root of a service that speaks OSV's API; it holds no password",
        ),
        kinds=(JobKind.AUDIT,),
        default='"https://api.osv.dev"',
        doc="The database of vulnerabilities that is asked.",
    ),
    Key(
        name="extras",
        shape=_names("a list of extras"),
        kinds=_INSTALLED,
        default="as detected",
        doc="Extras of the project to install.",
    ),
    Key(
        name="groups",
        shape=_names("a list of dependency groups"),
        kinds=_INSTALLED,
        default="as detected",
        doc="Dependency groups to install.",
    ),
    Key(
        name="requirements",
        shape=List(item=Text(words="a requirement line or a file as `-r FILE`"), words="a list of requirements"),
        kinds=_INSTALLED,
        default="as detected",
        doc="Further requirements (PEP 508), or files of them as `-r FILE`.",
    ),
    Key(
        name="environment",
        shape=Scalars(words="a table of variables", keys=VARIABLE, key_words="the name of a variable"),
        default="{}",
        doc="Variables for the job's processes, part of its cache key. Others are withheld, but for a short list.",
    ),
    Key(
        name="inputs",
        shape=List(item=GLOB, least=1, words="a list of patterns"),
        default="every file that git tracks",
        doc="The files that the result depends on: nothing else makes the job run again.",
    ),
    Key(
        name="outputs",
        shape=List(item=GLOB, words="a list of patterns"),
        kinds=_MADE,
        default="[]",
        doc="Files that the job leaves and that are kept with its result.",
    ),
    Key(
        name="coverage",
        shape=Table(keys=MEASURED, words='a table such as { file = "rust.lcov", flag = "rust" }', where="`coverage`"),
        field="measured",
        kinds=_COMMANDS,
        doc="Coverage that the command measures and writes, as LCOV or Cobertura's XML. It is an output of the job; "
        "the coverage job joins it with that of the tests.",
    ),
    Key(
        name="caches",
        shape=List(item=Folder(), words="a list of folders"),
        kinds=_MADE,
        default="[]",
        doc="Folders that the job's own programs keep from run to run: relative, absolute, or from `~/`. They are no "
        'input of the job. With `{ path = "…", max = "5GiB", age = "30d" }`, `penstock clean` prunes one.',
    ),
    Key(
        name="workspace",
        shape=Choice(options=("shared", "copy")),
        kinds=(*_INSTALLED, JobKind.BUILD, JobKind.IMAGE),
        default='"shared"; "copy" for ' + " and ".join(f"`{kind.value}`" for kind in JobKind if kind in IN_A_COPY),
        doc='`"copy"`: the job runs in a copy of the tree, so that what it writes disturbs no other.',
    ),
    Key(
        name="cpus",
        shape=Whole(minimum=1, maximum=4096),
        default="1; 2 where times are measured (`http`, `model`)",
        doc="Processors that the job keeps busy.",
    ),
    Key(name="timeout", shape=Duration(), field="timeout_s", default="none", doc="Time for the whole job."),
    Key(
        name="cache",
        shape=Flag(),
        default="true; false with services or secrets",
        doc="Whether a result may be used again while nothing changed.",
    ),
    RATCHET,
    Key(
        name="allow_failure",
        shape=Table(
            keys=TOLERANCE, words='a table such as { reason = "…", until = 2027-03-01 }', where="`allow_failure`"
        ),
        field="tolerance",
        default="not allowed",
        doc="A declared permission to fail, with a reason and a last day. It is listed in every verdict.",
    ),
    ON,
    BRANCHES,
    Key(
        name="when",
        shape=List(item=GLOB, single=True, least=1, words="a pattern or a list of patterns"),
        default="always",
        doc="The job is wanted only when a changed file matches one of these patterns.",
    ),
    Key(
        name="services",
        shape=_names("a list of services"),
        kinds=(JobKind.TEST, JobKind.RUN, *RUNNING),
        default="[]",
        doc="Services that are up while the job runs: built-in ones, or those that `services` declares.",
    ),
    Key(
        name="secrets",
        shape=SECRETS,
        default="[]",
        doc="Variables of the surroundings that only this job gets, and that nobody sees: names, or tables such as "
        '`{ name = "CERT", required = false, file = "~/.cert.pem" }`. A missing required one: the job is not verified.',
    ),
    Key(
        name="require",
        shape=REQUIRE,
        default="[]",
        doc="Variables of the surroundings that are no secrets and that the job needs: it gets them, they are part of "
        "its cache key, and without one it is not verified.",
    ),
    Key(
        name="retries",
        shape=Or(
            constant="auto",
            meaning=(),
            constant_words='"auto" (as often as needed to tell a flaky test from a broken one)',
            shape=Whole(minimum=0, maximum=5),
        ),
        kinds=_SUITES,
        default='"auto"',
        doc="How often a failed test is tried again, in a fresh process. What the change added or edited never is.",
    ),
    Key(
        name="shards",
        shape=Or(constant="auto", meaning=0, constant_words='"auto"', shape=Whole(minimum=1, maximum=1000)),
        kinds=_SUITES,
        default="1",
        doc="Over how many jobs the tests are spread, each of which a runner of its own can take (`--shard 2/4`). "
        '`"auto"`: as many as `target` needs by the durations of earlier runs, 4 while none are known.',
    ),
    Key(
        name="test_timeout",
        shape=Duration(),
        field="test_timeout_s",
        kinds=_SUITES,
        default="none",
        doc="Time for one test: it is then ended with its processes, and has timed out. A lower limit of its own "
        "(`pytest.mark.timeout`) counts instead.",
    ),
    Key(
        name="target",
        shape=Duration(),
        field="target_s",
        kinds=_SUITES,
        default='"3m"',
        doc='How long one shard should take at most, for `shards = "auto"`.',
    ),
    Key(
        name="memory",
        shape=Size(),
        field="memory_bytes",
        default="not limited",
        doc="Memory that the job's processes may use together: it starts where that is free beside the running jobs, "
        "is ended when it uses more, and is not verified on a machine that has less.",
    ),
    Key(
        name="gpus",
        shape=Whole(minimum=0, maximum=64),
        default="0",
        doc="NVIDIA GPUs that the job gets for itself, by `CUDA_VISIBLE_DEVICES`. Where there are fewer, it is not "
        "verified.",
    ),
)

TOP = (
    Key(
        name="python",
        shape=Or(
            constant="*",
            meaning=("*",),
            constant_words='"*" (all that the project supports)',
            shape=List(item=PYTHONS, single=True, least=1, words='a list of versions such as ["3.11", "3.12"]'),
        ),
        default="what requires-python and the classifiers allow and this machine has",
        doc="The Pythons of the pipeline. Declared ones are required: a missing one makes the run not verified.",
    ),
    Key(
        name="environment",
        shape=Scalars(words="a table of variables", keys=VARIABLE, key_words="the name of a variable"),
        default="{}",
        doc="Variables for every job.",
    ),
)


TOP_TABLES = {
    "stages": 'Parts of the pipeline with their time budgets: `{ fast = "5m" }`, or a list of names.',
    "jobs": "The jobs, by name.",
    "gates": "The gates, by name.",
    "notify": "Whom to tell when a protected run fails, and when the next one is green again.",
    "services": "Servers that jobs use while they run, by name.",
    "quarantine": "Tests that run and are shown, and whose failures do not block for now: a list of tables.",
    "ci": "How `penstock ci` writes the configuration of CI hosts: `github` and `circleci`.",
    "deploy": "Where what was verified is put, by name: what `penstock deploy` does.",
}


def job_keys(kind: JobKind, *, with_later: bool = True) -> tuple[Key, ...]:
    """The keys of a kind of job."""
    return tuple(key for key in JOB if key.fits(kind) and (with_later or not key.later))
