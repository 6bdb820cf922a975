"""What a group's expenses come to, and few payments that settle them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from typing import NamedTuple

from shares.money import divided, weighed

_EXACT = 10  # people up to which every group is looked at


class Expense(NamedTuple):
    """`payer` paid `amount` cents for `people`, in equal parts or by `weights`."""

    payer: str
    amount: int
    people: tuple[str, ...]
    day: date
    weights: tuple[int, ...] = ()
    what: str = ""

    def parts(self) -> dict[str, int]:
        """What each owes of it, in cents."""
        if self.weights:
            return weighed(self.amount, dict(zip(self.people, self.weights, strict=True)))
        return divided(self.amount, self.people)


class Payment(NamedTuple):
    """`amount` cents."""

    sender: str
    receiver: str
    amount: int


def balances(expenses: Iterable[Expense]) -> dict[str, int]:
    """By name, in cents: more than 0 gets, less than 0 owes. They add up to 0."""
    found: Counter[str] = Counter()
    for expense in expenses:
        found[expense.payer] += expense.amount
        found.subtract(expense.parts())
    return dict(sorted(found.items()))


def settled(balance: Mapping[str, int]) -> list[Payment]:
    """Payments after which nobody owes: few of them.

    A group of n whose balances add up to 0 needs n - 1 payments; every part of it that adds up to 0 by itself saves one.
    """
    open_ones = {name: amount for name, amount in balance.items() if amount}
    payments: list[Payment] = []
    for part in _apart(open_ones):
        payments += _chain({name: open_ones[name] for name in part})
    return payments


def _apart(balance: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Groups that each add up to 0, the smallest first: nearly always as many as there can be."""
    left, found = tuple(sorted(balance)), []
    size = 2
    while len(left) <= _EXACT and size <= len(left) // 2:
        part = next((each for each in combinations(left, size) if not sum(balance[name] for name in each)), None)
        if part is None:
            size += 1
            continue
        found.append(part)
        left = tuple(name for name in left if name not in part)
    return [*found, left] if left else found


def _chain(balance: dict[str, int]) -> list[Payment]:
    """Whoever owes most pays whoever gets most, until nobody is left."""
    payments: list[Payment] = []
    while any(balance.values()):
        sender = min(balance, key=lambda name: (balance[name], name))
        receiver = max(balance, key=lambda name: (balance[name], name))
        amount = min(-balance[sender], balance[receiver])
        payments.append(Payment(sender, receiver, amount))
        balance[sender] += amount
        balance[receiver] -= amount
    return payments
