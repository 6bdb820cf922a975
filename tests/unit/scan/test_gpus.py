"""Which GPUs there are to give."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.scan import gpus
from tests.fakes.processes import FakeProcesses

# As NVIDIA's MIG user guide shows what `nvidia-smi -L` prints, with other serial numbers.
TWO = b"""GPU 0: A100-SXM4-40GB (UUID: GPU-3a2f9d10-0000-4000-8000-000000000001)
GPU 1: A100-SXM4-40GB (UUID: GPU-4b2f9d10-0000-4000-8000-000000000002)
"""
DIVIDED = b"""GPU 0: A100-SXM4-40GB (UUID: GPU-3a2f9d10-0000-4000-8000-000000000001)
  MIG 3g.20gb     Device  0: (UUID: MIG-11111111-0000-5000-8000-000000000001)
  MIG 3g.20gb     Device  1: (UUID: MIG-22222222-0000-5000-8000-000000000002)
GPU 1: A100-SXM4-40GB (UUID: GPU-4b2f9d10-0000-4000-8000-000000000002)
"""
FIRST = "GPU-3a2f9d10-0000-4000-8000-000000000001"
SECOND = "GPU-4b2f9d10-0000-4000-8000-000000000002"
PARTS = ("MIG-11111111-0000-5000-8000-000000000001", "MIG-22222222-0000-5000-8000-000000000002")


@pytest.mark.parametrize(
    ("listed", "visible", "found"),
    [
        (TWO, None, (FIRST, SECOND)),
        (TWO, "", ()),
        (TWO, "1", (SECOND,)),
        (TWO, "1,0,1", (SECOND, FIRST)),
        (TWO, "GPU-4b2f", (SECOND,)),
        (TWO, "0,7,1", (FIRST,)),  # CUDA stops at the first one that is not there
        (TWO, "-1", ()),
        (DIVIDED, None, (*PARTS, SECOND)),
        (DIVIDED, PARTS[1], (PARTS[1],)),
        (b"No devices found.\n", None, ()),
    ],
)
def test_what_the_driver_lists_as_far_as_it_is_allowed(
    tmp_path: Path, listed: bytes, visible: str | None, found: tuple[str, ...]
) -> None:
    processes = FakeProcesses().says("nvidia-smi", "-L", stdout=listed)
    environ = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert gpus.read(processes, environ, tmp_path) == found


def test_without_the_program_the_device_files_count(tmp_path: Path) -> None:
    (tmp_path / "dev").mkdir()
    for name in ("nvidia1", "nvidia0", "nvidia10", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / "dev" / name).touch()
    assert gpus.read(FakeProcesses(), {}, tmp_path) == ("0", "1", "10")
    assert gpus.read(FakeProcesses(), {"CUDA_VISIBLE_DEVICES": "10"}, tmp_path) == ("10",)


@pytest.mark.parametrize("answer", [TimeoutError("30 s"), PermissionError("nvidia-smi")])
def test_a_driver_that_does_not_answer_has_none(tmp_path: Path, answer: Exception) -> None:
    assert gpus.read(FakeProcesses().script("nvidia-smi", answer=answer), {}, tmp_path) == ()


def test_a_driver_that_fails_has_none(tmp_path: Path) -> None:
    assert gpus.read(FakeProcesses().says("nvidia-smi", "-L", stdout=TWO, exit_code=9), {}, tmp_path) == ()
