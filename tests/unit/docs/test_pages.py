"""What can be held of the documentation without running it: links, configuration, and the reading of its consoles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from penstock.load.file import read
from tests import console
from tests.conftest import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md"))
)
_LINK = re.compile(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    text = _CODE.sub("", (ROOT / name).read_text(encoding="utf-8"))
    for found in _LINK.finditer(text):
        target, _, anchor = (found[1] or found[2]).partition("#")
        if "://" in target:
            continue
        file = (ROOT / name).parent / target if target else ROOT / name
        assert file.exists(), f"{name} links to {target}"
        if anchor and file.suffix == ".md":
            assert anchor in _anchors(file), f"{name} links to {target}#{anchor}"


def _anchors(file: Path) -> set[str]:
    """The anchors that a host makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_configuration_that_is_shown_is_one(name: str, tmp_path: Path) -> None:
    for info, body in console.blocks((ROOT / name).read_text(encoding="utf-8")):
        language, _, file = info.partition(" file=")
        if language == "toml":
            source = tmp_path / (file or "pyproject.toml")
            source.write_text(body, encoding="utf-8")
            read(tmp_path)  # raises with every problem
            source.unlink()


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    shelved = {page for page in pages if page.startswith("design/")} | {"README.md"}
    assert [page for page in sorted(pages - shelved) if f"({page})" not in index] == []


def test_every_design_note_is_in_its_index() -> None:
    folder = ROOT / "docs" / "design"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [note.name for note in sorted(folder.glob("0*.md")) if f"({note.name})" not in index] == []


SHOWN = """\
<!-- project: examples/demo -->
```toml file=a/b.toml
x = 1
```
```console
$ first &&
> second
one  1.5s  run 0a1b2c
…
unit@3.12, unit@3.11 are told
$ third
```
"""


def test_a_page_is_read_as_steps() -> None:
    page = console.read(SHOWN)
    assert page.project == "examples/demo"
    assert page.steps[0] == (Path("a/b.toml"), "x = 1\n")
    assert page.steps[1:] == (
        console.Step("first &&\nsecond", ("one  1.5s  run 0a1b2c", "…", "unit@3.12, unit@3.11 are told")),
        console.Step("third", ()),
    )


def test_what_differs_from_run_to_run_compares_equal_and_nothing_else_does() -> None:
    step = next(step for step in console.read(SHOWN).steps if isinstance(step, console.Step))
    real = "before\none    20.0s  run ffffff\nunit@3.11, unit@3.12 are told\n"
    assert console.missing(step, real) is None
    assert console.missing(step, real.replace("one", "two")) == "one  1.5s  run 0a1b2c"
    assert console.missing(step, real.replace("3.12", "3.13")) == "unit@3.12, unit@3.11 are told"


def test_commands_are_run_in_one_shell_and_files_are_written_in_their_place(tmp_path: Path) -> None:
    page = console.read("```txt file=in/side\nhello\n```\n```console\n$ cd in\n$ cat side; false\n$ echo $?\n```\n")
    assert [output.strip() for output in console.play(page, tmp_path)] == ["", "hello", "1"]
