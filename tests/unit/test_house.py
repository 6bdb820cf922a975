"""The house's own limits, where no tool knows them."""

from __future__ import annotations

from tests.conftest import ROOT

MOST_LINES = 400


def test_no_module_is_longer_than_a_reader_holds_in_mind() -> None:
    sizes = {path.relative_to(ROOT): len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}
    assert {path: lines for path, lines in sizes.items() if lines > MOST_LINES} == {}
