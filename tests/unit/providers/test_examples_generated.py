"""The configuration that is committed with each example is what would be written now."""

from __future__ import annotations

import pytest

from penstock.cli import main
from tests.examples import FOLDER, HOSTS


@pytest.mark.parametrize(("name", "host"), [(name, host) for name, hosts in HOSTS.items() for host in hosts])
def test_nothing_would_be_written_otherwise(
    name: str, host: str, request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> None:
    project = ["-C", str(FOLDER / name)]
    if request.config.getoption("--update-golden"):
        assert main.run(["ci", "generate", host, *project]) == 0
    assert main.run(["ci", "check", host, *project]) == 0, capfd.readouterr().out
