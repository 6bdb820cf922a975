"""Amounts."""

from __future__ import annotations

import pytest

from shares.money import cents, divided, spelled, weighed


@pytest.mark.parametrize(
    ("text", "amount"), [("0", 0), ("7", 700), ("12.50", 1250), ("0.05", 5), ("999999999.99", 99999999999)]
)
def test_an_amount_is_read_and_written(text: str, amount: int) -> None:
    assert cents(text) == amount
    assert cents(spelled(amount)) == amount


@pytest.mark.parametrize("text", ["", "-1", "1.5", "1,50", "1.505", " 1", "1e3", "٣", "0x10", "1.50 EUR"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        cents(text)


def test_a_debt_is_written_with_its_sign() -> None:
    assert [spelled(each) for each in (-5, -100, -1234)] == ["-0.05", "-1.00", "-12.34"]


@pytest.mark.parametrize("people", range(1, 12))
@pytest.mark.parametrize("amount", [0, 1, 99, 100, 1000, 12345])
def test_no_cent_is_lost_in_equal_parts(amount: int, people: int) -> None:
    parts = list(divided(amount, [f"p{number}" for number in range(people)]).values())
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= 1
    assert parts == sorted(parts, reverse=True)


@pytest.mark.parametrize("weights", [(1, 1, 1), (1, 2, 3), (0, 5, 1), (7, 11, 13)])
@pytest.mark.parametrize("amount", [1, 100, 999, 10007])
def test_no_cent_is_lost_by_weight(amount: int, weights: tuple[int, ...]) -> None:
    given = dict(zip("abc", weights, strict=True))
    parts = weighed(amount, given)
    assert sum(parts.values()) == amount
    assert all(abs(parts[name] - amount * weight / sum(weights)) < 1 for name, weight in given.items())


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": -1, "b": 3}])
def test_nothing_is_divided_by_no_weights(weights: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="weights are whole numbers|empty"):
        weighed(100, weights)


def test_somebody_has_to_pay() -> None:
    with pytest.raises(ValueError, match="nobody"):
        divided(100, [])
