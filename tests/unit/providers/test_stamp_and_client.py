"""The hidden stamp of a comment, and what of the environment a client takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penstock.errors import UsageError
from penstock.providers.github import stamp as stamps
from penstock.providers.github.client import checked, token_of
from penstock.providers.github.stamp import Stamp
from penstock.util import percent
from tests.fakes.payloads import PAYLOADS

PATHS = [payload for payload in PAYLOADS if len(payload) < 4096]  # no system has longer ones
MARK = "<!-- penstock: verdict -->"


@given(
    st.builds(
        Stamp,
        project=st.one_of(st.text(max_size=40), st.sampled_from(PATHS)).map(percent.quoted),
        provider=st.sampled_from(["github", "circleci", "local"]),
        order=st.integers(0, 10**17),
        attempt=st.integers(0, 1000),
        head=st.sampled_from(["", "a" * 40, "0" * 64]),
    )
)
def test_a_stamp_is_read_as_it_was_written(stamp: Stamp) -> None:
    written = stamps.stamped(f"{MARK}\nrest\n", stamp)
    mark, line, rest = written.split("\n", 2)
    assert (mark, rest) == (MARK, "rest\n")
    assert line.index("-->") == len(line) - 3, "it hides itself, and nothing that follows"
    assert stamps.read(written, MARK) == stamp


@given(st.text())
def test_any_other_text_has_none(text: str) -> None:
    assert stamps.read(text, MARK) is None
    assert stamps.read(f"{MARK}\n{text}", MARK) is None


def test_newer_is_what_is_known_to_be() -> None:
    old, new = (Stamp(provider="github", order=order, attempt=1) for order in (1, 2))
    assert (new.newer_than(old), old.newer_than(new), new.newer_than(new)) == (True, False, False)
    assert not new.newer_than(Stamp(provider="circleci", order=1)), "two hosts count apart"
    assert not new.newer_than(Stamp(provider="github")), "a run by hand is in no order"
    assert not Stamp(order=0, attempt=5).newer_than(Stamp(order=0))


@pytest.mark.parametrize(
    ("environ", "token"),
    [
        ({}, ""),
        ({"GITHUB_TOKEN": "  "}, ""),
        ({"GITHUB_TOKEN": "ghs_1\n"}, "ghs_1"),
        ({"GH_TOKEN": "ghp_2", "GITHUB_TOKEN": "ghs_1"}, "ghp_2"),
    ],
)
def test_the_token_comes_from_the_environment(environ: dict[str, str], token: str) -> None:
    assert token_of(environ) == token


@pytest.mark.parametrize("token", ["s3cret\r\nX-A: b", "s3cret x", "s3crét"])
def test_what_can_be_no_token_is_not_quoted(token: str) -> None:
    with pytest.raises(UsageError) as caught:
        token_of({"GITHUB_TOKEN": token})
    assert "s3cr" not in f"{caught.value!r} {caught.value.remedy}"


@pytest.mark.parametrize(
    "address",
    [
        "https://api.github.com",
        "https://git.acme.example/api/v3/",
        "http://127.0.0.1:8080",
        "http://localhost:1/api/v3",
    ],
)
def test_addresses_that_a_token_may_go_to(address: str) -> None:
    assert checked(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address",
    ["http://git.acme.example/api/v3", "ftp://x", "", "api.github.com", "https://a@b", "https://x/?q", "https://a b"],
)
def test_addresses_that_it_may_not_go_to(address: str) -> None:
    with pytest.raises(UsageError):
        checked(address)
