"""Every code of a configuration problem: stable, with its cause and remedy. docs/reference/problems.md is made of it.

C0xx: the file; C1xx: what stands in one place (the JSON Schema sees it, too); C2xx: what does not fit together;
C3xx: what does not fit the project (found when the pipeline is planned).
"""

from __future__ import annotations

from penstock.value import Value


class Code(Value, frozen=True, kw_only=True):
    """One kind of problem."""

    code: str
    title: str
    cause: str
    remedy: str


def _code(code: str, title: str, cause: str, remedy: str) -> Code:
    return Code(code=code, title=title, cause=cause, remedy=remedy)


CODES = (
    _code(
        "C001",
        "the file cannot be read",
        "The operating system refuses to open or read it.",
        "Look at its permissions and its disk.",
    ),
    _code(
        "C002",
        "not a file",
        "A folder, a device or a broken link stands in the place of the configuration file.",
        "Move it away, or put the file there.",
    ),
    _code(
        "C003",
        "the file is too large",
        "A configuration file over 1 MiB is a mistake or an attack; reading it could take minutes.",
        "Look at what wrote it. Lists of files belong into patterns.",
    ),
    _code(
        "C004",
        "not UTF-8",
        "TOML is UTF-8; the file holds other bytes, or begins with a byte order mark.",
        "Save it as UTF-8 without a byte order mark.",
    ),
    _code("C005", "a NUL byte", "The file holds a NUL byte, which is no text.", "Restore the file; it may be damaged."),
    _code(
        "C006",
        "not TOML",
        "The file does not follow the grammar of TOML, or says one key twice.",
        "Mend the place that is shown; what follows it was not read.",
    ),
    _code(
        "C007",
        "nested too deeply",
        "Tables, arrays or dotted keys are nested beyond what any configuration needs.",
        "Write it flatter.",
    ),
    _code(
        "C008",
        "declared in two places",
        "Both penstock.toml and [tool.penstock] in pyproject.toml exist, and one of them would be ignored.",
        "Keep one of them.",
    ),
    _code(
        "C009",
        "many problems",
        "There are more problems than anybody reads; the first thousand are listed.",
        "Begin with the first ones: the rest often follows from them.",
    ),
    _code(
        "C101",
        "unknown key",
        "The key does not exist here. It may be misspelled, or stand in the wrong table.",
        "Take the key that is suggested, or look it up in the reference of the configuration.",
    ),
    _code(
        "C102",
        "wrong type",
        "The value is of another type than the key takes: a string for a list, a number for a version.",
        "Write it as the message says.",
    ),
    _code(
        "C103",
        "not an allowed value",
        "The value has the right type, but is out of range or not of the form that the key takes.",
        "Write it as the message says.",
    ),
    _code(
        "C104",
        "not supported by this version",
        "penstock knows the key, and this version gives it no meaning yet. It is refused, because to ignore it would "
        "let you believe that it holds.",
        "Leave it out for now.",
    ),
    _code("C105", "a key is missing", "The table is not complete without the key.", "Add the key that is named."),
    _code(
        "C106",
        "a key that hides failures",
        "`continue-on-error` and its like make a failure look like success. There is no such key.",
        'Declare it: `allow_failure = { reason = "…", until = 2027-03-01 }`. The failure is then listed in every '
        "verdict, and the permission ends on its day.",
    ),
    _code(
        "C107",
        "a job without work",
        "The job is none of the built-in ones (lint, types, coverage, build) and says neither `test` nor `run`.",
        'Say what it does: `test = "tests"` or `run = "…"`.',
    ),
    _code(
        "C108",
        "a job with two kinds of work",
        "A job either runs tests or a command.",
        "Make two jobs of it; `needs` puts them in order.",
    ),
    _code(
        "C109",
        "a key of another kind of job",
        "The key exists, but means nothing for this kind of job.",
        "Leave it out, or move it to a job of the kind that is named.",
    ),
    _code("C110", "said twice", "A list names one value twice.", "Keep one of them."),
    _code(
        "C201",
        "not a name for a job",
        "Names of jobs are parts of ids, files and commands: letters, digits, `.`, `_` and `-`, at most 100.",
        "Choose another name.",
    ),
    _code(
        "C202", "an unknown job is needed", "`needs` names a job that is not declared.", "Declare it, or mend the name."
    ),
    _code("C203", "a cycle", "Jobs need each other in a circle, so that none can start.", "Remove one of the needs."),
    _code(
        "C204",
        "an unknown stage",
        "The job names a stage that `stages` does not declare.",
        "Declare it, or mend the name.",
    ),
    _code(
        "C205",
        "a matrix without a leg",
        "An axis has no value, or `exclude` takes every leg away: the job could never run, and would look green.",
        "Give the axis a value, or remove the job.",
    ),
    _code("C206", "a leg twice", "`include` adds a leg that the matrix has already.", "Remove it from `include`."),
    _code(
        "C207",
        "an exclusion of nothing",
        "`exclude` matches no leg: it is out of date or misspelled.",
        "Mend or remove it.",
    ),
    _code(
        "C208",
        "an axis is missing or unknown",
        "A table of `include` or `exclude` names an axis that the matrix does not have, or does not name all.",
        "Use the axes of `matrix`, and `python` where the job declares it.",
    ),
    _code("C209", "too many legs", "The matrix of one job has more than 10,000 legs.", "Make the axes shorter."),
    _code(
        "C210",
        "no job",
        "`jobs` is there, but declares nothing that runs; and nothing run is not success.",
        "Declare a job, or leave `jobs` out: then the detected jobs run.",
    ),
    _code(
        "C211",
        "not a requirement",
        "The line is neither a requirement as PEP 508 describes them nor `-r FILE`.",
        'Write it as in a requirements file: "pytest>=8".',
    ),
    _code(
        "C212",
        "keys that exclude each other",
        "Two keys of the job do not work together.",
        "Leave out the one that the message names.",
    ),
    _code(
        "C213",
        "not a plain command",
        "No shell splits a `run` string into arguments: quotes must be closed, and `&&`, `|`, `>` mean nothing.",
        "Say `shell = true`, or write one job a command.",
    ),
    _code(
        "C214",
        "a script that hides failures",
        "`|| true` and its like turn a failure into success.",
        'Leave it out and declare `allow_failure = { reason = "…", until = 2027-03-01 }` if it may fail.',
    ),
    _code(
        "C215",
        "one name for a job and a stage",
        "`penstock run NAME` could not tell which of them is meant.",
        "Rename one of them.",
    ),
    _code(
        "C216",
        "a number that nobody leaves",
        "A `metric` job reads a file; no job that it needs leaves that file, so what it reads could be of any age.",
        "Add the job that writes the file to `needs`, and the file to that job's `outputs`.",
    ),
    _code(
        "C217",
        "a key that means nothing alone",
        "The key asks for something that the job does not do: a limit of what nothing measures, or a way without a "
        "start.",
        "Add the key that the message names, or leave this one out.",
    ),
    _code(
        "C221",
        "an unknown service",
        "`services` of a job names neither a declared service nor a built-in one.",
        "Mend the name, or declare the service in `[tool.penstock.services]`.",
    ),
    _code(
        "C222",
        "a variable from two services",
        "Two services of one job hand over a variable of the same name, so that the job would see one of them only.",
        'Give one of them variables of its own: `exports = { CACHE_URL = "redis://{host}:{port}/0" }`.',
    ),
    _code(
        "C223",
        "a name that nothing on CircleCI has",
        "`executors` or `contexts` of `ci.circleci` names no job, stage, runner or deployment.",
        "Mend the name.",
    ),
    _code(
        "C224",
        "an unknown deployment",
        "`after` names a deployment that is not declared.",
        "Declare it in `deploy`, or mend the name.",
    ),
    _code(
        "C301",
        "a job without a leg",
        "With the Pythons that the project supports, the matrix of the job is empty.",
        "Look at `exclude`, or remove the job.",
    ),
    _code("C302", "one id twice", "Two legs get the same id.", "Rename the job or the values of its axes."),
    _code(
        "C303",
        "no such Python",
        "The job's `python` selects none of the pipeline's.",
        "Name one of them, or add it to `python` at the top.",
    ),
    _code(
        "C304",
        "an unknown job is needed",
        "`needs` names a job that is not in the pipeline.",
        "Mend the name or remove it.",
    ),
    _code("C305", "a cycle", "Jobs need each other in a circle, so that none can start.", "Remove one of the needs."),
    _code(
        "C306",
        "not a folder to prune",
        "A folder of `caches` holds the home, the project or the whole file system, so its old files are not rubbish.",
        "Name the folder that holds the cache alone.",
    ),
)
REMEDIES = {code.code: code.remedy for code in CODES}
