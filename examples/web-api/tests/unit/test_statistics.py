"""Figures over the months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shares.balance import Expense
from shares.statistics import monthly, trend, unusual


def spent(*given: tuple[str, int]) -> list[Expense]:
    return [Expense("ann", amount, ("ann", "bob"), date.fromisoformat(day)) for day, amount in given]


def test_months_without_expenses_count() -> None:
    expenses = spent(("2025-11-30", 100), ("2026-02-01", 300), ("2025-11-01", 50))
    assert monthly(expenses) == {"2025-11": 150, "2025-12": 0, "2026-01": 0, "2026-02": 300}


def test_a_steady_rise_is_the_trend() -> None:
    assert trend(spent(("2026-01-05", 100), ("2026-02-05", 300), ("2026-03-05", 500))) == pytest.approx(200)
    assert trend(spent(("2026-01-05", 100))) == 0


def test_one_large_expense_is_unusual() -> None:
    usual = [(f"2026-01-{day:02d}", 1000 + 10 * day) for day in range(1, 21)]
    assert unusual(spent(*usual, ("2026-01-31", 90000))) == spent(("2026-01-31", 90000))
    assert unusual(spent(*usual)) == []


def test_nothing_is_unusual_about_nothing_or_about_equals() -> None:
    assert monthly([]) == {}
    assert unusual([]) == []
    assert unusual(spent(*[("2026-01-01", 500)] * 9, ("2026-01-02", 9000))) == []


@pytest.mark.parametrize("seed", range(12))
def test_many_years_add_up(seed: int) -> None:
    first = date(1990 + seed, 1, 1)
    expenses = [Expense("ann", 1 + day % 97, ("ann",), first + timedelta(days=day)) for day in range(20_000)]
    assert sum(monthly(expenses).values()) == sum(expense.amount for expense in expenses)
    assert abs(trend(expenses)) < 100
