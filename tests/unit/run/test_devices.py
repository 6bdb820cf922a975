"""Which GPUs a job gets."""

from __future__ import annotations

from penstock.run.devices import Devices


def test_no_two_jobs_share_one() -> None:
    devices = Devices(("GPU-a", "GPU-b", "GPU-c"))
    assert devices.take("one", 2) == {"CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b"}
    assert devices.take("two", 1) == {"CUDA_VISIBLE_DEVICES": "GPU-c"}
    assert devices.take("none", 0) == {}
    devices.give_back("one")
    devices.give_back("none")
    assert devices.take("three", 2) == {"CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b"}
