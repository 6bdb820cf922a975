"""Operating-system locks: free the moment their holder dies, so never stale. The lock file itself stays."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock `path` (made if absent); wait for whoever has it. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as stream:
        try:
            import fcntl
        except ImportError:  # no flock on this platform: docs/explanation names what is not guaranteed there
            yield
            return
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
