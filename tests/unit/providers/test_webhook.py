"""A message to a webhook: it arrives, or it is said why not, and the address stands nowhere."""

from __future__ import annotations

import pytest

from penstock.errors import PublishError
from penstock.providers import webhook
from penstock.util.web import Answer, NoAnswerError, Request
from tests.fakes.clock import FakeClock
from tests.fakes.web import FakeWeb

ADDRESS = "https://hooks.slack.com/services/T000/B000/s3cretXXXXXXXX"


def deliver(*answers: Answer | Exception, address: str = ADDRESS) -> tuple[list[Request], float]:
    """What was asked, and for how long it waited."""
    left = list(answers)
    web, clock = FakeWeb(lambda _: left.pop(0)), FakeClock()
    before_s = clock.monotonic_s()
    webhook.deliver(web, clock, address, b'{"text": "x"}')
    assert left == []
    return web.asked, clock.monotonic_s() - before_s


def test_it_is_posted_as_json() -> None:
    ((request,), waited_s) = deliver(Answer(status=200, body=b"ok"))
    assert (request.method, request.url, request.body, waited_s) == ("POST", ADDRESS, b'{"text": "x"}', 0)
    assert dict(request.headers)["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("answers", "waited_s"),
    [
        ([Answer(status=429, headers={"retry-after": "7"})], 7),
        ([Answer(status=503)], 2),
        ([Answer(status=500), Answer(status=502, headers={"retry-after": "soon"})], 4),
    ],
)
def test_it_tries_again_where_that_may_help(answers: list[Answer], waited_s: float) -> None:
    assert deliver(*answers, Answer(status=200))[1] == waited_s


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([Answer(status=404, body=b"no_service")], "it answers 404: no_service"),
        ([Answer(status=403, body=b"\x1b[2J")], "it answers 403"),
        ([Answer(status=302, headers={"location": "https://elsewhere.example/"})], "it answers 302"),
        ([Answer(status=429, headers={"retry-after": "3600"})], "it answers 429"),
        ([Answer(status=500)] * 3, "it answers 500"),
        ([TimeoutError("no answer within 10 s")], "it does not answer: no answer within 10 s"),
        ([NoAnswerError("connection refused")], "it does not answer: connection refused"),
        ([Answer(status=400, body=f"no {ADDRESS} here".encode())], "it answers 400: no *** here"),
        (
            [Answer(status=400, body=b"Cannot POST /services/T000/B000/s3cretXXXXXXXX")],
            "it answers 400: Cannot POST /***",
        ),
        ([Answer(status=400, body=b"bad token s3cretXXXXXXXX")], "it answers 400: bad token ***"),
    ],
)
def test_what_does_not_arrive_is_told(answers: list[Answer | Exception], words: str) -> None:
    with pytest.raises(PublishError) as caught:
        deliver(*answers)
    assert caught.value.message == words
    assert "s3cret" not in f"{caught.value!r} {caught.value.remedy}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hooks.slack.com/s3cret",
        "http://hooks.slack.com/s3cret",
        "https://x/s3cret\nX: y",
        "ftp://x/s3cret",
        "https://é/s3cret",
    ],
)
def test_what_is_no_address_is_not_asked(address: str) -> None:
    with pytest.raises(PublishError) as caught:
        deliver(address=address)
    assert "s3cret" not in f"{caught.value!r} {caught.value.remedy}"
