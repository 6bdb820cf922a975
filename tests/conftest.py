"""What all tests share: golden files and `--update-golden`; how hard Hypothesis tries; nothing of an outer penstock."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files instead of comparing them")
    parser.addoption("--browser", action="store_true", help="fail where there is no Chromium, instead of skipping")
    parser.addoption("--thorough", action="store_true", help="let Hypothesis try 40 times as many examples")


# What a process has written is there for every other, whether it is on the disk or not; to wait for that costs seconds.
_SYNC = pytest.MonkeyPatch()
_HOST = ("CI", "GITHUB_ACTIONS", "CIRCLECI", "FORCE_COLOR", "NO_COLOR")


def pytest_configure(config: pytest.Config) -> None:
    # No deadline: a busy machine would fail tests that are right.
    settings.register_profile("fast", max_examples=25, deadline=None)
    settings.register_profile("thorough", max_examples=1000, deadline=None)
    settings.load_profile("thorough" if config.getoption("--thorough") else "fast")
    _SYNC.setattr(os, "fsync", os.fstat)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what tests start compiles nothing twice
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job hands that on to all it starts
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # penstock, or a CI host, may be what runs these tests: they start runs of their own, which must not see it.
    for name in [name for name in os.environ if name.startswith("PENSTOCK_") or name in _HOST]:
        del os.environ[name]


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden("docs/reference/x.md", text)`: the committed file (relative to the repository) says just `text`."""

    def compare(path: str, actual: str) -> None:
        file = ROOT / path
        if request.config.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(actual, encoding="utf-8")
        expected = file.read_text(encoding="utf-8") if file.exists() else ""
        assert actual == expected, f"{path} is not current: run `pytest --update-golden` and look at the difference"

    return compare
