from __future__ import annotations

from pathlib import Path

import pytest

from penstock.run import memory


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(memory, "_GROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(memory, "_MOUNT", tmp_path / "fs")
    monkeypatch.setattr(memory, "_MACHINE", tmp_path / "vmstat")
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_version_2(machine: Path) -> None:
    write(machine / "cgroup", "0::/user.slice/x\n")
    write(machine / "fs/user.slice/x/memory.events", "low 0\nhigh 0\nmax 7\noom 4\noom_kill 3\noom_group_kill 1\n")
    assert memory.kills() == 3


def test_version_2_in_a_container(machine: Path) -> None:
    write(machine / "cgroup", "0::/docker/not-mounted-here\n")
    write(machine / "fs/memory.events", "oom_kill 2\n")
    assert memory.kills() == 2


def test_version_1(machine: Path) -> None:
    write(machine / "cgroup", "5:cpu,cpuacct:/\n4:memory:/jobs/7\n0::/\n")
    write(machine / "fs/memory/jobs/7/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    assert memory.kills() == 5


def test_the_machine_where_the_group_has_no_counter(machine: Path) -> None:
    write(machine / "cgroup", "0::/\n")
    write(machine / "vmstat", "nr_free_pages 1\noom_kill 9\n")
    assert memory.kills() == 9


def test_nothing_is_known(machine: Path) -> None:
    assert memory.kills() == 0
