"""What this process may use, from the files of the kernel as several machines show them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from penstock.scan import platform

MEMINFO = "MemTotal:       16384 kB\nMemFree: 1 kB\n"


def machine(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in {"proc/meminfo": MEMINFO, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_without_groups_it_is_the_affinity_and_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 2, 5}, raising=False)
    found = platform.read(machine(tmp_path, {}))
    assert (found.cpus, found.memory_bytes) == (3, 16 << 20)


@pytest.mark.parametrize(
    ("files", "cpus", "memory_mib"),
    [
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2, 16),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "150000 100000"}, 2, 16),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000"}, 8, 16),
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "10000 100000"}, 1, 16),
        ({"proc/self/cgroup": "0::/../x\n", "sys/fs/cgroup/memory.max": f"{4 << 20}\n"}, 8, 4),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/x\n3:memory:/docker/x\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "300000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes": f"{8 << 20}\n",
            },
            3,
            8,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n3:memory:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
            8,
            16,
        ),
        ({"proc/self/cgroup": "nonsense\n\n::\n", "sys/fs/cgroup/cpu.max": "0 0"}, 8, 16),
    ],
)
def test_a_groups_limits_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: Mapping[str, str], cpus: int, memory_mib: int
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    found = platform.read(machine(tmp_path, files))
    assert (found.cpus, found.memory_bytes) == (cpus, memory_mib << 20)


def test_this_machine_has_something(tmp_path: Path) -> None:
    found = platform.read()
    assert found.cpus >= 1
    assert found.memory_bytes >= 1 << 20
    assert found.tag == f"{found.system}-{found.machine}"
