"""What is declared for CircleCI: `[tool.penstock.ci.circleci]` as a value."""

from __future__ import annotations

from collections.abc import Mapping

from penstock.value import Value

STANDARD, PERFORMANCE, MACHINE, GPU = "standard", "performance", "machine", "gpu"
# What an executor is given where nothing is declared: 4 CPUs and 8 GB; 8 and 16; a virtual machine of 4 and 15, which
# has a container engine; 2 GPUs, 4 CPUs and 15 GB. https://circleci.com/docs/guides/execution-managed/resource-class-overview/
RESOURCE_CLASSES = {STANDARD: "large", PERFORMANCE: "xlarge", MACHINE: "large", GPU: "gpu.nvidia.small.multi"}
EXECUTORS = tuple(RESOURCE_CLASSES)


class CircleCI(Value, frozen=True, kw_only=True):
    """How the configuration of CircleCI is written.

    `image`: of the executors that are containers; `machine`, `gpu`: of those that are virtual machines. `executors`:
    of a job, a stage or a runner, by name. `contexts`: those that a runner, `plan`, `verdict` or a deployment gets.
    `branch`: the default one: caches are written on it alone. `quiet_s`: for how long a runner may
    say nothing, where its jobs have no limit of their own. `penstock`, `from_checkout`: as on GitHub.
    """

    image: str = "cimg/python:3.13.13"
    machine: str = "ubuntu-2404:current"
    gpu: str = "linux-cuda-12:default"
    resource_classes: tuple[tuple[str, str], ...] = ()
    executors: tuple[tuple[str, str], ...] = ()
    contexts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    layer_cache: bool = False
    branch: str = "main"
    quiet_s: float = 1800.0
    penstock: str = ".circleci/penstock.txt"
    from_checkout: bool = False
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def classes(self) -> Mapping[str, str]:
        """Executor -> its resource class."""
        return RESOURCE_CLASSES | dict(self.resource_classes)
