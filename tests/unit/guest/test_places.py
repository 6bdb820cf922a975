"""Where a measured file lies in the tree, wherever it was measured."""

from __future__ import annotations

from pathlib import Path

import tests.fakes.guest_path  # noqa: F401 - for its effect: guests find one another
from penstock.guest.penstock_merge import Places
from tests.fakes.guest_runs import write


def test_what_was_measured_in_place_installed_or_in_our_own_copy_is_the_trees_file(tmp_path: Path) -> None:
    copy = ".penstock/work/da46/tree"
    write(tmp_path, {"src/demo/core.py": "", f"{copy}/src/demo/core.py": "", f"{copy}/src/demo/made.py": ""})
    places = Places(str(tmp_path), [["demo", "src/demo"]])
    for path in ("src/demo/core.py", f"{copy}/src/demo/core.py", "/env/lib/python3.12/site-packages/demo/core.py"):
        assert places.of(path) == "src/demo/core.py", path
    assert places.of(f"{copy}/src/demo/made.py") == "", "what only the copy has is no file of the tree"
