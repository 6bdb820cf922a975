"""Servers: one that does not exist, and one that listens on this machine. Both answer by the same function."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from penstock.util.web import Answer, Request

Serve = Callable[[Request], Answer | Exception]


class FakeWeb:
    """See `ports.Web`. `asked`: every request so far; an exception that `serve` gives is raised."""

    def __init__(self, serve: Serve) -> None:
        self.asked: list[Request] = []
        self._serve = serve

    def ask(self, request: Request, *, timeout_s: float = 30.0) -> Answer:
        self.asked.append(request)
        answer = self._serve(request)
        if isinstance(answer, Exception):
            raise answer
        return answer


@contextmanager
def listening(serve: Serve) -> Iterator[str]:
    """A real server; gives its address, `http://127.0.0.1:PORT`. An exception cuts the connection off."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(
                method=self.command,
                url=f"http://{self.headers['Host']}{self.path}",
                headers=tuple(self.headers.items()),
                body=body,
            )
            answer = serve(request)
            if isinstance(answer, Exception):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "content-length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _any  # noqa: N815 - the names that the base class calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
