"""The rates under attack."""

from __future__ import annotations

import json
from pathlib import Path

from blooms import model, robustness


def test_a_push_makes_it_harder() -> None:
    known = model.load()
    rates = [robustness.pass_rate(known, push_cm=push) for push in (0.0, 0.3, 1.0)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 90


def test_the_rates_are_written(tmp_path: Path) -> None:
    assert robustness.main(["--out", str(tmp_path / "rates.json")]) == 0
    told = json.loads((tmp_path / "rates.json").read_text())
    assert 0 < told["adversarial"]["pass_rate"] < told["plain"]["pass_rate"] <= 100
