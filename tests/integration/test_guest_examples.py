"""The guest of `examples` jobs, on small programs that are really started."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from penstock.guest.penstock_programs import compiled, of_markdown, of_notebook
from tests.fakes.guest_runs import GUEST, write


def told(folder: Path, files: dict[str, str], *, marks: dict[str, Any] | None = None, **options: Any) -> Any:
    """The report. `marks`: by path, what is said of a file."""
    write(folder, files)
    words = [json.dumps({"path": path, "not_run": None, "needs": [], **(marks or {}).get(path, {})}) for path in files]
    argv = [sys.executable, "-I", f"{GUEST}/penstock_examples.py", str(folder / "report.json")]
    settings = json.dumps({"timeout": 20.0, "workers": 2, "own": False, **options})
    subprocess.run([*argv, settings, *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return json.loads((folder / "report.json").read_text())


PAGE = """\
# Page
```python
x = 20
```
text
- in a list:
  ```py
  y = x + 1
  ```
```console
$ not python
```
```python no-run
import nothing_of_that_name
```
```python
>>> z = y * 2
>>> z
42
```
```python
assert z == 42
```
"""


def test_programs_and_pages_that_end_well_pass(tmp_path: Path) -> None:
    files = {"a.py": "print(1)\n", "docs/p.md": PAGE, "docs/none.md": "# nothing\n"}
    report = told(tmp_path, files)
    assert report["findings"] == []
    assert report["measures"] == {"files": 2, "passed": 2, "failed": 0, "unverified": 0, "not_run": 0}
    assert report["notes"]["summary"] == "2 of 2 examples passed"
    assert not {"failed", "problem"} & report.keys()


BROKEN = {
    "a.py": ("x = (\n", "syntax", 1, "SyntaxError"),
    "b.py": ("import os\n\nraise ValueError('no')\n", "run", 3, "ended with 1: ValueError: no"),
    "c.py": ("import os; os.kill(os.getpid(), 9)\n", "run", 0, "was ended by signal 9"),
    "p.md": ("text\n```python\nx = 1\nassert x == 2\n```\n", "run", 4, "AssertionError"),
    "q.md": ("text\n```python\nx = = 1\n```\n", "syntax", 3, "SyntaxError"),
    "n.ipynb": ('{"cells": 1', "syntax", 0, "it cannot be read"),
}


def test_each_way_of_being_broken_is_found_with_its_line(tmp_path: Path) -> None:
    report = told(tmp_path, {path: text for path, (text, *_) in BROKEN.items()})
    found = {path: (rule, line, message) for path, line, rule, message in report["findings"]}
    for path, (_, rule, line, message) in BROKEN.items():
        assert found[path][:2] == (rule, line), path
        assert message in found[path][2]
    assert report["failed"] == "6 of 6 examples: a.py (syntax), b.py (run), c.py (run), 3 more"


def test_what_does_not_end_in_its_time_is_found(tmp_path: Path) -> None:
    report = told(tmp_path, {"a.py": "import time; time.sleep(60)\n"}, timeout=0.3)
    assert report["findings"] == [["a.py", 0, "run", "did not end within 0.3 s"]]


def test_what_is_declared_not_to_run_is_still_looked_at(tmp_path: Path) -> None:
    files = {"a.py": "import json\nraise SystemExit(1)\n", "b.py": "pass\n"}
    marks = {"a.py": {"not_run": "it opens a window"}}
    report = told(tmp_path, files, marks=marks)
    assert report["measures"]["not_run"] == 1
    assert report["notes"]["summary"] == "1 of 2 examples passed, 1 not run, as declared"
    assert not {"failed", "problem"} & report.keys()
    files["a.py"] = "import json\nfrom json import no_such_name\n"
    report = told(tmp_path, files, marks=marks)
    ((where, at, found, said),) = report["findings"]
    assert (where, at, found) == ("a.py", 2, "import")
    assert "no_such_name" in said


def test_where_nothing_was_run_nothing_is_verified(tmp_path: Path) -> None:
    report = told(tmp_path, {"a.py": "pass\n"}, marks={"a.py": {"not_run": "why"}})
    assert report["problem"] == "none of 1 examples was run"
    assert "none of 1 Markdown pages" in told(tmp_path, {"p.md": "# no code\n"})["problem"]


@pytest.mark.parametrize(
    ("need", "text", "why"),
    [
        ("NO_SUCH_KEY", "raise SystemExit(1)\n", "needs NO_SUCH_KEY, which is not set"),
        ("network", "raise OSError('[Errno -2] Name or service not known')\n", "needs the network"),
    ],
)
def test_what_lacks_what_it_needs_is_not_verified_and_never_passed(
    tmp_path: Path, need: str, text: str, why: str
) -> None:
    report = told(tmp_path, {"a.py": text, "b.py": "pass\n"}, marks={"a.py": {"needs": [need]}})
    assert report["problem"].startswith("1 of 2 examples not verified: a.py (")
    assert why in report["problem"]
    assert report["told"][0][:3] == ["a.py", 0, "not-verified"]
    assert report["measures"]["unverified"] == 1
    assert "failed" not in report


def test_what_needs_the_network_and_fails_for_anything_else_fails(tmp_path: Path) -> None:
    report = told(tmp_path, {"a.py": "assert False\n"}, marks={"a.py": {"needs": ["network"]}})
    assert "failed" in report


def test_a_notebook_of_another_kernel_is_not_verified(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": "x <- 1"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": {"language": "R", "name": "ir"}}, "nbformat": 4}
    report = told(tmp_path, {"n.ipynb": json.dumps(notebook)})
    assert "its kernel is r" in report["problem"]


def test_an_example_runs_in_the_root_or_in_its_own_folder(tmp_path: Path) -> None:
    files = {"examples/a.py": "open('there.txt', 'w').close()\n"}
    assert "failed" not in told(tmp_path, files)
    assert (tmp_path / "there.txt").exists()
    assert "failed" not in told(tmp_path, files, own=True)
    assert (tmp_path / "examples/there.txt").exists()


def test_a_notebook_is_one_program_whose_lines_know_their_cells() -> None:
    cells = [
        {"cell_type": "markdown", "source": "# hi"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "files = !ls\n", "x = 1"]},
        {"cell_type": "code", "source": "%%bash\nls | wc"},
        {"cell_type": "code", "source": "await f(x)\nprint('100 %')"},
    ]
    program = of_notebook(json.dumps({"cells": cells}))
    assert program.parts == 3
    assert program.place(2) == "In [1], line 2"
    assert program.place(7) == "In [3], line 2"
    compiled("n.ipynb", program)
    with pytest.raises(ValueError, match="no notebook"):
        of_notebook("{}")


def test_the_blocks_of_a_page_stand_in_their_lines() -> None:
    lines = of_markdown(PAGE).text.splitlines()
    assert lines[2] == "x = 20"
    assert lines[7] == "y = x + 1"
    assert lines[16:19] == ["z = y * 2", "z", ""]
    assert "nothing_of_that_name" not in of_markdown(PAGE).text
    assert of_markdown("~~~~python\n```\n1\n~~~~\n").text.splitlines()[1:3] == ["```", "1"]
