"""The GPUs that a job may be given: NVIDIA's, as the driver lists them and CUDA_VISIBLE_DEVICES names them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from penstock.ports import Processes

_LIMIT_S = 30.0  # the driver of an idle machine is loaded by the first question
_GPU = re.compile(r"^GPU (\d+): .*\(UUID: (GPU-[0-9A-Za-z-]+)\)")
_PART = re.compile(r"^\s+MIG .*\(UUID: (MIG-[0-9A-Za-z/-]+)\)")


def read(processes: Processes, environ: Mapping[str, str], root: Path = Path("/")) -> tuple[str, ...]:
    """By UUID where `nvidia-smi` tells them, else by number, of what /dev lists and may be opened.

    Of a GPU that is divided (MIG), its parts. Where CUDA_VISIBLE_DEVICES is set outside, no others than it names.
    """
    listed = _listed(processes, environ)
    found = [(number, number) for number in _devices(root)] if listed is None else listed
    wanted = environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return tuple(name for _, name in found)
    return tuple(_allowed(wanted, found))


def _allowed(wanted: str, found: list[tuple[str, str]]) -> list[str]:
    """Those of `wanted` that are there: CUDA itself stops at the first one that is not."""
    allowed: list[str] = []
    for word in filter(None, (word.strip() for word in wanted.split(","))):
        name = next((name for number, name in found if word == number or (len(word) > 4 and name.startswith(word))), "")
        if not name:
            break
        allowed.append(name)
    return list(dict.fromkeys(allowed))


def _listed(processes: Processes, environ: Mapping[str, str]) -> list[tuple[str, str]] | None:
    """(number, UUID) of each; None where there is no `nvidia-smi`, or it does not answer."""
    try:
        done = processes.run(["nvidia-smi", "-L"], directory="/", environment=environ, timeout_s=_LIMIT_S)
    except (OSError, TimeoutError):
        return None
    if done.exit_code != 0:
        return None
    whole: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        if (gpu := _GPU.match(line)) is not None:
            whole[gpu[1]] = gpu[2]
        elif (part := _PART.match(line)) is not None and whole:
            parts.setdefault(next(reversed(whole)), []).append(part[1])
    return [
        (number if number not in parts else "", name)
        for number, uuid in whole.items()
        for name in parts.get(number, [uuid])
    ]


def _devices(root: Path) -> list[str]:
    """The numbers of the device files that this process may open."""
    try:
        names = sorted(path.name for path in (root / "dev").iterdir())
    except OSError:
        return []
    numbers = [match[1] for name in names if (match := re.fullmatch(r"nvidia(\d+)", name))]
    usable = [number for number in numbers if os.access(root / "dev" / f"nvidia{number}", os.R_OK | os.W_OK)]
    return sorted(usable, key=int)
