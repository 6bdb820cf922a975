"""Hooks that projects write: each must be called as often as without workers, or the results differ."""

import os

import pytest


def note(*words):
    descriptor = os.open(os.path.join(os.path.dirname(__file__), "hooks.log"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (" ".join(map(str, words)) + "\n").encode())
    os.close(descriptor)


def pytest_addoption(parser):
    parser.addoption("--level", default="low")
    parser.addini("colour", "of the water", default="grey")


def pytest_configure(config):
    config.addinivalue_line("markers", "only_high: runs on the high level")
    config.seen = []


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.name, reverse=True)
    for item in items:
        if item.get_closest_marker("only_high") and config.getoption("--level") != "high":
            item.add_marker(pytest.mark.skip(reason="needs the high level"))


def pytest_runtest_setup(item):
    if item.name == "test_refused":
        pytest.skip("refused by the hook")
    if item.name == "test_hook_fails":
        raise RuntimeError("the hook")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    report.sections.append(("of the hook", f"seen {item.name} {report.when}"))
    if item.name == "test_turned" and report.when == "call":
        report.outcome, report.longrepr = "passed", None
    item.stash_report = report


def pytest_runtest_logreport(report):
    if report.when == "call" and "PYTEST_XDIST_WORKER" not in os.environ:
        note("logreport", report.nodeid)


def pytest_report_teststatus(report, config):
    if report.when == "call" and report.passed and "special" in report.nodeid:
        return "special", "S", "SPECIAL"
    return None


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    passed = len(terminalreporter.stats.get("passed", ()))
    terminalreporter.line(f"HOOK-SUMMARY passed={passed} special={len(terminalreporter.stats.get('special', ()))}")


def pytest_sessionfinish(session, exitstatus):
    if not hasattr(session.config, "workerinput"):
        note("sessionfinish", int(exitstatus), session.testscollected, session.testsfailed)


@pytest.fixture(autouse=True)
def looks_at_the_report(request):
    yield
    assert request.node.stash_report.when in ("setup", "call")


def pytest_generate_tests(metafunc):
    if "flow" in metafunc.fixturenames:
        metafunc.parametrize("flow", range(metafunc.config.getoption("--level") == "high" and 4 or 2))
