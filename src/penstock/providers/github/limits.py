"""When GitHub wants to be asked again, by what its answers say. Pure.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
"""

from __future__ import annotations

from collections.abc import Mapping

from penstock.util.web import Answer

_SECONDARY_S = 60.0  # "wait for at least one minute", where the answer names no time
_BROKEN = frozenset({500, 502, 503, 504})
_LIMITED = frozenset({403, 429})


def is_broken(answer: Answer) -> bool:
    """Whether the host itself is in trouble: nobody knows what it did."""
    return answer.status in _BROKEN


def wait_s(answer: Answer, now_s: float) -> float | None:
    """For how long it wants to be left alone, in seconds; None where no time is named and no limit reached."""
    named = _retry_after_s(answer.headers, now_s)
    if is_broken(answer) or answer.status not in _LIMITED:
        return named if is_broken(answer) else None
    if named is not None:
        return named
    if answer.headers.get("x-ratelimit-remaining") == "0":
        reset = answer.headers.get("x-ratelimit-reset", "")
        return max(0.0, float(reset) - now_s) + 1.0 if reset.isdecimal() and len(reset) < 12 else _SECONDARY_S
    told = answer.body[:4096].lower()
    secondary = answer.status == 429 or b"secondary rate limit" in told or b"abuse detection" in told
    return _SECONDARY_S if secondary else None


def _retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal() and len(value) < 9:
        return float(value)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now_s)
    except (ValueError, TypeError, OverflowError):
        return None
