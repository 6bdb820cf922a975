"""Who owes whom."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from shares.balance import Expense, Payment, balances, settled

DAY = date(2026, 3, 1)


def test_balances_add_up_to_nothing() -> None:
    expenses = [
        Expense("ann", 1000, ("ann", "bob", "cid"), DAY),
        Expense("bob", 450, ("ann", "cid"), DAY, weights=(1, 2)),
    ]
    found = balances(expenses)
    assert found == {"ann": 1000 - 334 - 150, "bob": 450 - 333, "cid": -333 - 300}
    assert sum(found.values()) == 0


def test_two_pairs_settle_apart() -> None:
    assert settled({"ann": 500, "bob": -500, "cid": 70, "dan": -70}) == [
        Payment("bob", "ann", 500),
        Payment("dan", "cid", 70),
    ]


def test_who_owes_nothing_pays_nothing() -> None:
    assert settled({"ann": 0, "bob": 0}) == []
    assert settled({}) == []


def drawn(seed: int, people: int) -> dict[str, int]:
    """Balances that add up to 0."""
    source = random.Random(seed)
    amounts = [source.randint(-9, 9) * 100 for _ in range(people - 1)]
    return {f"p{number}": amount for number, amount in enumerate([*amounts, -sum(amounts)])}


def after(balance: Mapping[str, int], payments: list[Payment]) -> Counter[str]:
    left = Counter(balance)
    for payment in payments:
        assert payment.amount > 0
        left[payment.sender] += payment.amount
        left[payment.receiver] -= payment.amount
    return left


def partitions(names: list[str]) -> Iterator[list[list[str]]]:
    """Every way of putting them into groups."""
    if not names:
        yield []
        return
    first, *rest = names
    for found in partitions(rest):
        yield [[first], *found]
        for number, group in enumerate(found):
            yield [*found[:number], [first, *group], *found[number + 1 :]]


@pytest.mark.parametrize("people", [2, 5, 9, 12, 40])
@pytest.mark.parametrize("seed", range(8))
def test_payments_settle_everything(seed: int, people: int) -> None:
    balance = drawn(seed, people)
    payments = settled(balance)
    assert not any(after(balance, payments).values())
    assert len(payments) < max(people, 1)


@pytest.mark.parametrize("seed", range(16))
def test_a_small_group_needs_at_most_one_payment_more_than_the_fewest(seed: int) -> None:
    """Held against every way of cutting the group up: slow, and beyond doubt."""
    balance = {name: amount for name, amount in drawn(seed, 8).items() if amount}
    most = max(
        len(groups)
        for groups in partitions(sorted(balance))
        if all(not sum(balance[name] for name in group) for group in groups)
    )
    assert len(balance) - most <= len(settled(balance)) <= len(balance) - most + 1
