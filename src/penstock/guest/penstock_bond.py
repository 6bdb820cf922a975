"""A worker ends with its leader, wherever it is: the leader may be killed, and a test may last for hours.

PYTEST_DONT_REWRITE

Linux sends a signal of one's choice when the parent ends (prctl, PR_SET_PDEATHSIG). Python reaches prctl through
_ctypes: 1 to 2 ms to load, so once before the forks. (A pipe that the leader holds open and that signals its end by
O_ASYNC needs no such module, but on Linux before 5.6 any worker's end would have killed all the others.) Elsewhere a
worker finds out between two tests. What a test has started outlives its worker, as it does plain pytest's end.
Standard library only, Python >= 3.9.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PDEATHSIG = 1  # PR_SET_PDEATHSIG, <linux/prctl.h>


def bond() -> Callable[[int], None]:
    """What a worker is to call first, with its leader's pid; it does not return where the leader is gone already."""
    try:
        native = __import__("_ctypes")
        address = native.dlsym(native.dlopen(None, 0), "prctl")
        call = native.call_cdeclfunction
    except (ImportError, AttributeError, OSError):  # not Linux, or not CPython
        return _nothing

    def tie(leader: int) -> None:
        call(address, (_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0))
        if os.getppid() != leader:  # it ended before the system was asked
            os._exit(0)

    return tie


def _nothing(_leader: int) -> None:
    return
