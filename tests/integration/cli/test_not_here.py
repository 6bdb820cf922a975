"""What a job needs and this machine has not: one message each, with what to do, before anything is made for the job."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.guest_runs import write
from tests.fakes.program import penstock

pytestmark = pytest.mark.slow  # the versions of what the jobs stand on are chosen

JOBS = """
[jobs]
secret = { run = "true", requirements = ["iniconfig"], secrets = ["API_KEY"] }
variable = { run = "true", requirements = ["iniconfig"], require = ["REGION"] }
server = { run = "true", requirements = ["iniconfig"], services = ["redis"] }
memory = { run = "true", requirements = ["iniconfig"], memory = "900TiB" }
after = { run = "true", requirements = ["iniconfig"], needs = ["secret"] }
there = { run = "true" }

[services.redis]
version = "0.1"
"""
SAID = {
    "the secret API_KEY is not set": "export API_KEY=… before penstock starts",
    "the variable REGION is not set": "export REGION=… before penstock starts",
    "the service redis needs redis-server or valkey-server 0.1, which is not on this machine": "apt-get install redis",
    "it asks for 900 TiB of memory, and this machine gives": "run it on a larger machine, or lower its `memory`",
}


def test_each_is_told_once_with_its_remedy_and_no_environment_is_made(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"penstock.toml": JOBS, "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\n"})
    done = penstock(root, "run", environ={"PATH": "/usr/bin:/bin"}, together=True)
    assert done.code == 3, done
    flat = " ".join(done.out.split())
    for why, remedy in SAID.items():
        block = flat.partition(f"could not be asked {why}")[2].partition("━━")[0]
        assert f" remedy {remedy}" in block, f"{why}: {remedy}\n{done.out}"
        assert flat.count(f"could not be asked {why}") == 1
    assert done.out.count("\n  remedy ") == len(SAID)
    made = {path.name for path in root.glob(".penstock/envs/*/lib/*/site-packages/*")}
    assert "iniconfig" not in made
    assert [path.parent.name for path in root.glob(".penstock/runs/*/jobs/*/output.log")] == ["there"]
