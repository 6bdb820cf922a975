"""Runs one notebook by nbclient, in this interpreter (run as a script, where nbclient and ipykernel are).

    python penstock_notebook.py PATH SECONDS FOLDER TOLD

The notebook runs in its own folder, and is not written. FOLDER: for Jupyter's and IPython's own files, so that nothing
of the user's configuration takes part. TOLD gets JSON where it fails: {"message", "traceback"}.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any

_KERNEL = "penstock"
_COLOR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LONGEST = 700  # characters of a traceback in a finding; all of it is in the log


def private(folder: str) -> None:
    """Let Jupyter and IPython find nothing but a kernel of this interpreter."""
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        os.environ[name] = os.path.join(folder, name.lower())
    os.environ["JUPYTER_PATH"] = os.path.join(folder, "jupyter")
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the kernel's debugger warns of frozen modules
    kernel = os.path.join(folder, "jupyter", "kernels", _KERNEL)
    os.makedirs(kernel)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    with open(os.path.join(kernel, "kernel.json"), "w", encoding="utf-8") as stream:
        json.dump({"argv": argv, "display_name": _KERNEL, "language": "python"}, stream)


class Progress:
    """Which cell runs, and how much time is left."""

    def __init__(self, cells: list[Any], seconds: float) -> None:
        self._numbers: dict[int, int] = {}
        for index, cell in enumerate(cells):
            if cell.get("cell_type") == "code":
                self._numbers[index] = len(self._numbers) + 1
        self._until_s = time.monotonic() + seconds
        self.at = 0

    def start(self, cell: Any, cell_index: int) -> None:
        """A cell begins."""
        del cell
        self.at = cell_index

    def left(self, cell: Any) -> int:
        """Seconds, at least one."""
        del cell
        return max(1, round(self._until_s - time.monotonic()))

    @property
    def place(self) -> str:
        """`In [3]`: as a notebook counts that is run from its top."""
        return f"In [{self._numbers.get(self.at, self.at + 1)}]"


def arrow(text: str) -> str:
    """`, line 2` of the last line that a traceback points at in the cell itself, "" if there is none."""
    found = re.findall(r"(?m)^-+> (\d+) ", text)
    return f", line {found[0]}" if found else ""


def main(path: str, seconds: str, folder: str, told: str) -> int:
    """Run it."""
    private(folder)
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = nbformat.read(path, as_version=4)
    progress = Progress(notebook.cells, float(seconds))
    client = NotebookClient(
        notebook,
        kernel_name=_KERNEL,
        timeout_func=progress.left,
        on_cell_start=progress.start,
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        traceback = _COLOR.sub("", error.traceback)
        message = f"{progress.place}{arrow(traceback)}: {error.ename}: {error.evalue}"
    except CellTimeoutError:
        message, traceback = f"{progress.place}: the notebook did not end within {seconds} s", ""
    except DeadKernelError as error:
        message, traceback = f"{progress.place}: its kernel died: {error}", ""
    else:
        return 0
    print(traceback or message)
    with open(told, "w", encoding="utf-8") as stream:
        json.dump({"message": message, "traceback": traceback.strip()[-_LONGEST:]}, stream)
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
