"""E3xx: what is wrong with tests, and what they lack."""

from __future__ import annotations

from penstock.report.troubles.trouble import trouble

TESTS = (
    trouble(
        "E301",
        "an import fails: a module is not installed",
        "The environment of the tests does not hold what a test or the project imports.",
        "Declare what brings it in the project's test extra or group, and give that to the job (`extras`, `groups`), "
        "or name it: `jobs.NAME.requirements`.",
        "2 files could not be collected: no module yaml",
        "lack a module that is not installed",
        "no test could be asked: there is no module ",
        ": no module ",
    ),
    trouble(
        "E302",
        "a fixture is not found",
        "The plugin that has the fixture is not installed in the tests' environment, or is switched off.",
        "Declare the plugin in the test extra or group.",
        "fixture 'mocker' not found",
    ),
    trouble(
        "E303",
        "a port is in use",
        "A test binds to a fixed port, and another process has it: a test in another worker, another job, a server "
        "that was left running.",
        "Bind to port 0 and ask which port it became. If there can only be one, keep the tests in one worker "
        "(`xdist_group`).",
        "OSError: [Errno 98] Address already in use",
    ),
    trouble(
        "E304",
        "a server is missing",
        "Nothing listens where the test connects.",
        'Declare the server that the job needs: `services = ["postgres"]`, see [services](../how-to/services.md); its '
        "address comes in `DATABASE_URL` and the like. If the test starts it, wait until it listens.",
        'connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
    ),
    trouble(
        "E305",
        "no GPU",
        "The test asks for a CUDA device, and none is seen here. Skipped GPU tests prove nothing either: a job of "
        "which all tests were skipped is not verified.",
        'Mark these tests, give them a job of their own (`marker = "gpu"`) and leave them out of the others '
        '(`marker = "not gpu"`); run that job where a GPU is.',
        "RuntimeError: No CUDA GPUs are available",
    ),
    trouble(
        "E306",
        "a test's time limit",
        "The test ran longer than `test_timeout`, or until the job's own limit; its worker was ended, the others went "
        "on.",
        "The failure shows where it was. If it needs that long, raise `jobs.NAME.test_timeout`.",
        "timed out: it ran longer than 30 s",
    ),
    trouble(
        "E307",
        "no test was run",
        "Nothing was collected, or the runner did not begin: a wrong path, a selection that fits nothing, an option "
        "that it does not know.",
        'Say where the tests are: `jobs.NAME.test = "tests"`; loosen `-k` and `-m`.',
        "no tests: all 12 were deselected",
        "no test was run: ended with",
        "no tests",
        "told of no test",
    ),
    trouble(
        "E308",
        "fewer tests than the files hold",
        "Less than half of the test functions in the files were run.",
        "Set `jobs.NAME.test` to all places that hold tests, or to those that are meant.",
        "3 test functions ran, 40 were counted in the files",
        " were counted in the files",
    ),
    trouble(
        "E309",
        "files that could not be collected",
        "A test file raised when it was imported; its tests did not run.",
        "Mend the import: the failure names the file and the error.",
        "1 file could not be collected: tests/test_a.py: ImportError: …",
        " could not be collected",
    ),
    trouble(
        "E310",
        "tests reach for a network that is not there",
        "Names cannot be resolved, or hosts cannot be reached, from where the tests run.",
        "Run them where the network is, or mark them and leave them out here.",
        "2 of 2 failures told of a network that cannot be reached from here",
        " told of a network that cannot be reached from here",
    ),
    trouble(
        "E311",
        "another interpreter than the leg names",
        "The tests proved a Python that is not the one in the job's name: something in the command starts its own.",
        "Let the command use the job's interpreter (`python`, first on its PATH).",
        "the tests ran on Python 3.11.7, not on 3.12",
        "the tests ran on Python ",
    ),
    trouble(
        "E312",
        "tests were skipped away",
        "All tests of a job were skipped, or half of them for a module that is not installed. A skipped test proves "
        "nothing, so the job is not verified.",
        "The reasons of the skips say what they lack: a GPU, a server, a module. Bring it, or run the job where it is.",
        "unit: all 12 tests were skipped",
    ),
)
