import pytest

from tides import SYNODIC_MONTH_DAYS, is_spring_tide, moon_age_days, tidal_range_m


@pytest.mark.parametrize("month", range(12))
def test_the_moon_comes_back(month: int) -> None:
    assert moon_age_days(3 + month * SYNODIC_MONTH_DAYS) == pytest.approx(3)


def test_spring_tide_at_new_moon() -> None:
    assert tidal_range_m(2.0, 0) == pytest.approx(2.6)
    assert is_spring_tide(0)


def test_neap_tide_at_first_quarter() -> None:
    assert tidal_range_m(2.0, SYNODIC_MONTH_DAYS / 4) == pytest.approx(1.4)
    assert not is_spring_tide(SYNODIC_MONTH_DAYS / 4)


def test_a_range_is_a_length() -> None:
    with pytest.raises(ValueError, match="negative"):
        tidal_range_m(-1, 0)
