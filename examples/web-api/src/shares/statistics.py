"""What a group spends, month by month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shares.balance import Expense

_UNUSUAL = 3.5  # modified z-score of Iglewicz and Hoaglin


def monthly(expenses: Sequence[Expense]) -> dict[str, int]:
    """Cents by month (`2026-03`), from the first to the last, months without expenses included."""
    if not expenses:
        return {}
    numbers = np.array([expense.day.year * 12 + expense.day.month - 1 for expense in expenses])
    amounts = np.array([expense.amount for expense in expenses])
    first = int(numbers.min())
    sums = np.bincount(numbers - first, weights=amounts)
    return {f"{(first + n) // 12}-{(first + n) % 12 + 1:02d}": round(float(total)) for n, total in enumerate(sums)}


def trend(expenses: Sequence[Expense]) -> float:
    """By how many cents a month more is spent than in the month before, by least squares; 0 for less than two."""
    totals = list(monthly(expenses).values())
    if len(totals) < 2:
        return 0.0
    return float(np.polyfit(np.arange(len(totals)), totals, 1)[0])


def unusual(expenses: Sequence[Expense]) -> list[Expense]:
    """Those that are far from the median of all."""
    amounts = np.array([expense.amount for expense in expenses], dtype=float)
    if amounts.size == 0:
        return []
    away = np.abs(amounts - np.median(amounts))
    spread = float(np.median(away))
    if spread == 0:
        return []
    return [expense for expense, far in zip(expenses, 0.6745 * away / spread, strict=True) if far > _UNUSUAL]
