"""A resource that one process may have: here a file lock, elsewhere a database or a port."""

import fcntl
import os

HELD = []


def claim(name):
    """Fails if another process has it."""
    file = open(f"claim-{name}", "a")
    HELD.append(file)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return name, os.getpid()
