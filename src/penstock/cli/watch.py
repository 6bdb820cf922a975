"""`penstock run --watch`: run again whenever the tree changes; a run that a change supersedes is cancelled."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from penstock.cli import signals
from penstock.cli.surroundings import Surroundings
from penstock.errors import ExitCode
from penstock.scan import files, git

_LOOK_EVERY_S = 0.5  # a person saves, looks up, and expects it to have begun


def watch(surroundings: Surroundings, argv: Sequence[str]) -> int:
    """Run `penstock *argv` in a process of its own after every change, until interrupted. Gives the last exit code."""
    gc.enable()  # see __main__: this process lives for hours
    code = int(ExitCode.VERIFIED)
    command = [sys.executable, "-m", "penstock", *argv]
    process: subprocess.Popen[bytes] | None = None
    seen: object = None
    try:
        while True:
            now = _tree(surroundings)
            if now != seen:
                seen = now
                _supersede(process, surroundings)
                process = subprocess.Popen(command, cwd=surroundings.root)
            if process is not None and (ended := process.poll()) is not None:
                code, process = ended, None
                surroundings.out.progress("watching for changes; Ctrl-C ends it")
            time.sleep(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        if process is not None:
            code = process.wait()  # the terminal's Ctrl-C has reached it as well
    except signals.Terminated:
        code = int(ExitCode.TERMINATED)
        if process is not None:
            process.terminate()
            process.wait()
    return code


def _tree(surroundings: Surroundings) -> object:
    root, processes, environ = surroundings.root, surroundings.processes, surroundings.environ
    checkout = git.read(root, processes, environ)
    return files.digests(root, surroundings.state, processes, checkout, environ)


def _supersede(process: subprocess.Popen[bytes] | None, surroundings: Surroundings) -> None:
    if process is None or process.poll() is not None:
        return
    surroundings.out.progress("the tree changed: this run is superseded")
    os.kill(process.pid, signal.SIGINT)
    process.wait()
