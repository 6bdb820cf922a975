"""High and low water from the moon's age, good enough for a sandcastle."""

SYNODIC_MONTH_DAYS = 29.530588
_SPRING_FACTOR = 1.3
_NEAP_FACTOR = 0.7


def moon_age_days(days_since_new_moon: float) -> float:
    """Days since the last new moon, at least 0 and below one synodic month."""
    return days_since_new_moon % SYNODIC_MONTH_DAYS


def tidal_range_m(mean_range_m: float, days_since_new_moon: float) -> float:
    """The range of a day's tide in metres: larger near new and full moon, smaller between them."""
    if mean_range_m < 0:
        raise ValueError("the mean range cannot be negative")
    age = moon_age_days(days_since_new_moon)
    quarter = SYNODIC_MONTH_DAYS / 4
    distance = min(age % (2 * quarter), 2 * quarter - age % (2 * quarter)) / quarter
    return mean_range_m * (_SPRING_FACTOR + (_NEAP_FACTOR - _SPRING_FACTOR) * distance)


def is_spring_tide(days_since_new_moon: float) -> bool:
    """Whether the tide is larger than the mean."""
    return tidal_range_m(1.0, days_since_new_moon) > 1.0
