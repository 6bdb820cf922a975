"""ports.Web: the same promises from real connections and from the fake that stands in for them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from penstock.ports import Web
from penstock.util.web import LARGEST_BYTES, Answer, NoAnswerError, Request, SystemWeb
from tests.fakes.web import FakeWeb, listening

SECRET = "T0P/s3cret"


def serve(request: Request) -> Answer | Exception:
    """What both answer with, by the path."""
    path = request.url.partition("://")[2].partition("/")[2]
    headers = {name.lower(): value for name, value in request.headers}
    if path == "echo":
        told = f"{request.method} {headers['x-name']} ".encode() + request.body
        return Answer(status=201, headers={"link": '<http://x/?a=1>; rel="next"'}, body=told)
    if path == "elsewhere":
        return Answer(status=307, headers={"location": "/echo"})
    if path.startswith("lost/"):
        return NoAnswerError("the connection was cut")
    return Answer(status=int(path), body=b"no")


@pytest.fixture(params=["real", "fake"])
def web(request: pytest.FixtureRequest) -> Iterator[tuple[Web, str]]:
    if request.param == "fake":
        yield FakeWeb(serve), "http://server"
        return
    with listening(serve) as address:
        yield SystemWeb(), address


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_method_headers_and_body_arrive_and_so_does_the_answer(web: tuple[Web, str], method: str) -> None:
    door, address = web
    body = b"" if method == "GET" else b'{"\xc3\xa9": 1}'
    answer = door.ask(Request(method=method, url=f"{address}/echo", headers=(("X-Name", "v"),), body=body))
    assert (answer.status, answer.body) == (201, f"{method} v ".encode() + body)
    assert answer.headers["link"] == '<http://x/?a=1>; rel="next"'


@pytest.mark.parametrize("status", [200, 404, 429, 500])
def test_every_status_is_an_answer(web: tuple[Web, str], status: int) -> None:
    door, address = web
    assert door.ask(Request(method="GET", url=f"{address}/{status}")).status == status


def test_no_redirection_is_followed(web: tuple[Web, str]) -> None:
    door, address = web
    assert door.ask(Request(method="GET", url=f"{address}/elsewhere")).status == 307


def test_a_connection_that_is_cut_is_no_answer(web: tuple[Web, str]) -> None:
    door, address = web
    with pytest.raises(NoAnswerError) as caught:
        door.ask(Request(method="POST", url=f"{address}/lost/{SECRET}", headers=(("X-Key", SECRET),), body=b"x"))
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:1/{SECRET}",
        f"http://nowhere.invalid/{SECRET}",
        f"http://127.0.0.1:port/{SECRET}",
        f"http://127.0.0.1/{SECRET} \n",
        f"ftp://127.0.0.1/{SECRET}",
        f"file:///{SECRET}",
        f"{SECRET}",
    ],
)
def test_what_leads_nowhere_is_no_answer_and_quotes_nothing(url: str) -> None:
    with pytest.raises(NoAnswerError) as caught:
        SystemWeb().ask(Request(method="GET", url=url, headers=(("Authorization", SECRET),)), timeout_s=5)
    assert str(caught.value)
    assert SECRET not in f"{caught.value!r}"


def test_a_header_that_is_none_is_not_quoted() -> None:
    with pytest.raises(NoAnswerError) as caught:
        SystemWeb().ask(Request(method="GET", url="http://127.0.0.1:1/", headers=(("X-Key", f"{SECRET}\nX: y"),)))
    assert SECRET not in f"{caught.value!r}"


def _raw(answer: list[bytes], pause_s: float) -> tuple[socket.socket, str]:
    """A server that writes these pieces, with a pause after each."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            for piece in answer:
                try:
                    connection.sendall(piece)
                except OSError:
                    return
                time.sleep(pause_s)

    threading.Thread(target=run, daemon=True).start()
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_a_server_that_drips_is_given_up() -> None:
    listener, address = _raw([b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 40], 0.05)
    with listener:
        started_s = time.monotonic()
        with pytest.raises(TimeoutError):
            SystemWeb().ask(Request(method="GET", url=address), timeout_s=0.3)
        assert time.monotonic() - started_s < 1.5


def test_an_answer_that_is_cut_off_is_none() -> None:
    listener, address = _raw([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"], 0)
    with listener, pytest.raises(NoAnswerError, match="cut off"):
        SystemWeb().ask(Request(method="GET", url=address), timeout_s=5)


def test_an_answer_without_end_is_none() -> None:
    piece = b"x" * (1 << 20)
    listener, address = _raw([b"HTTP/1.1 200 OK\r\n\r\n", *[piece] * (LARGEST_BYTES // len(piece) + 1)], 0)
    with listener, pytest.raises(NoAnswerError, match="too large"):
        SystemWeb().ask(Request(method="GET", url=address), timeout_s=20)
