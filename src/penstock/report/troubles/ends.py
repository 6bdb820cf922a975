"""E2xx: how a job can end other than well."""

from __future__ import annotations

from penstock.report.troubles.trouble import trouble

ENDS = (
    trouble(
        "E201",
        "a time limit",
        "The job ran longer than its `timeout`; its whole process tree was ended. What its tests had said is kept.",
        "See what it waited for: its log ends there. If the work is that long, raise `jobs.NAME.timeout`; to find the "
        "one test that hangs, set `jobs.NAME.test_timeout`.",
        "ran longer than its limit 600 s",
        "ran longer than its limit",
        "ran into its time limit",
    ),
    trouble(
        "E202",
        "out of memory",
        "The kernel killed a process of the job because the machine, or its container, had no memory left.",
        "Give the job fewer workers or the machine more memory; `memory_bytes` in the run's JSON has the peak of each "
        "job. Run it alone to see whether it is the neighbours: `penstock run JOB`.",
        "killed by SIGKILL, out of memory in tests/test_big.py::test_load",
        ", out of memory",
    ),
    trouble(
        "E203",
        "killed from outside",
        "Somebody or something else than penstock sent the signal: a person, a CI host that cancels, a watchdog.",
        "Run it again. On a CI host, look whether a newer push or the host's own time limit cancelled it.",
        "killed from outside by SIGTERM",
        "killed from outside by",
    ),
    trouble(
        "E204",
        "a crash",
        "The process died of a signal of its own: a fault in native code, or `abort()`.",
        "Where a test is named, it died there, and `penstock repro` replays it. `PYTHONFAULTHANDLER=1` in the job's "
        "`environment` writes the Python lines that led there.",
        "killed by SIGSEGV in tests/test_native.py::test_parse",
        "killed by ",
    ),
    trouble(
        "E205",
        "the tests ended early",
        "The process left before its finish record: `os._exit()`, `sys.exit()` in a thread, or a plugin that ends the "
        "session. What was not told did not happen: an exit code of 0 proves nothing.",
        "Look for what leaves in the test that is named last.",
        "the tests ended early with 0: the process left without its finish record, in tests/test_a.py::test_exit",
        "the tests ended early with 0",
        "before its finish record",
    ),
    trouble(
        "E206",
        "a program is missing",
        "The command of the job is not on its PATH, or may not be executed.",
        "Install it on the machine, or name what brings it in the job's `requirements`, `extras` or `groups`.",
        "mkdocs could not be started: No such file or directory",
        " could not be started",
        "a program was not found (127)",
        "a program could not be executed (126)",
    ),
    trouble(
        "E207",
        "declared outputs are not there",
        "The command ended with 0 and did not write the files that `outputs` or `coverage` name.",
        "Correct the pattern, or have the command write them: paths are relative to the project.",
        "its declared outputs are not there: site/**",
        "its declared outputs are not there",
        "what is there is from before",
    ),
    trouble(
        "E208",
        "a tool looked at nothing, or at less than it should",
        "No file, or fewer than git lists, was examined: a clean answer over nothing is none.",
        "Give the job `paths` that hold Python files, or say in the tool's own configuration what to leave out.",
        "ruff examined no file",
        " examined no file",
        "see its log for the files that it passed over",
    ),
    trouble(
        "E209",
        "a file cannot be parsed",
        "A tool could not read a file, so it did not examine it.",
        "Mend the file, or leave it out in the tool's own configuration.",
        "ruff could not parse src/demo/a.py:3:1: Expected an expression",
        " could not parse ",
    ),
    trouble(
        "E210",
        "a tool did not work",
        "It ended with an exit code that is no answer: it crashed, or its configuration is wrong.",
        "Read the end of its log: `penstock run JOB -s` shows what it writes.",
        "mypy ended with exit code 2, and without a finding",
        ", and without a finding",
        " was ended by signal ",
    ),
    trouble(
        "E211",
        "it is unknown to penstock",
        "The job names a tool that penstock has no adapter for.",
        "Call it in a job of your own: `run = …`.",
        "penstock does not know the tool pyroma",
        "penstock does not know the tool",
    ),
    trouble(
        "E212",
        "a variable that jobs do not get",
        "Jobs get an allow-list of the variables around them. One that is set here, and was not handed on, is named "
        "by the output of a job that failed.",
        'Declare it where it belongs: `environment = { NAME = "value" }` in the job.',
        "KeyError: 'DATABASE_URL', and DATABASE_URL is set where penstock was started",
    ),
    trouble(
        "E213",
        "a service of the job failed",
        "A server that the job uses did not get healthy in time, died, or found its port taken. A job whose service "
        "failed is never green.",
        "The last lines of the service's log stand at the end of the job's. If it only starts slowly, raise "
        "`services.NAME.timeout`.",
        "the service db: it was not healthy after 60 s",
        "the service ",
    ),
    trouble(
        "E214",
        "over the job's own memory",
        "The job's processes together held more than its `memory` allows, and were ended.",
        "Raise `memory`, give the job fewer workers, or find out what holds it ([resources](../how-to/resources.md)).",
        "went over its memory limit of 2 GiB: 2.3 GiB",
        "went over its memory limit of ",
    ),
    trouble(
        "E215",
        "an output holds a secret",
        "A file that the job hands on (`outputs`) holds a secret. It is not changed: it would not be what was built.",
        "Do not write the secret into what others get, or leave the file out of `outputs` "
        "([secrets](../how-to/secrets.md)).",
        "its outputs hold secrets, and are not kept: site/config.js (API_KEY)",
        "its outputs hold secrets, and are not kept",
    ),
)
