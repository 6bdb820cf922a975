"""A database of vulnerabilities that speaks as much of OSV's API as `uv audit` and pip-audit ask for.

POST /v1/querybatch, POST /v1/query, GET /v1/vulns/ID: https://google.github.io/osv.dev/api/. Both tools were held
against it (uv 0.13.9, pip-audit 2.10.1); the slow tests still do.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def entry(
    name: str, version: str, label: str, fixed: str = "", severity: str = "", aliases: tuple[str, ...] = ()
) -> dict[str, Any]:
    """One vulnerability of one version."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    package = {"name": name, "ecosystem": "PyPI", "purl": f"pkg:pypi/{name}"}
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    return {
        "id": label,
        "aliases": list(aliases),
        "summary": f"what is wrong with {name}",
        "details": "at length",
        "modified": "2023-11-08T04:00:00Z",
        "published": "2019-04-07T00:29:00Z",
        "affected": [{"package": package, "ranges": ranges, "versions": [version]}],
        "references": [{"type": "WEB", "url": "https://example.org/"}],
        "schema_version": "1.6.0",
        "database_specific": {"severity": severity} if severity else {},
    }


CANARY = entry("jinja2", "2.10", "PYSEC-2019-217", "2.10.1", aliases=("CVE-2019-10906", "GHSA-462w-v97r-4m45"))
CANARY_BY_GITHUB = {**CANARY, "id": "GHSA-462w-v97r-4m45", "database_specific": {"severity": "HIGH"}, "affected": []}


class Database:
    """What is served. `asked`: the (name, version) pairs that were, `paths`: every request's."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        self.entries = {each["id"]: each for each in entries}
        self.asked: list[tuple[str, str]] = []
        self.paths: list[str] = []
        self.url = ""

    def of(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """The entries for one query."""
        name, version = query["package"]["name"], query["version"]
        self.asked.append((name, version))
        return [
            each
            for each in self.entries.values()
            if any(one["package"]["name"] == name and version in one["versions"] for one in each["affected"])
        ]

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a request; None for one that it does not know."""
        self.paths.append(path)
        if path == "/v1/querybatch":
            every = [self.of(query) for query in body["queries"]]
            return {
                "results": [
                    {"vulns": [{"id": one["id"], "modified": one["modified"]} for one in found]} if found else {}
                    for found in every
                ]
            }
        if path == "/v1/query":
            found = self.of(body)
            return {"vulns": found} if found else {}
        return self.entries.get(path.removeprefix("/v1/vulns/"))


@contextmanager
def serving(*entries: dict[str, Any]) -> Iterator[Database]:
    """A database on this machine, at `.url`, until the block ends."""
    database = Database(*entries)

    class Requests(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(database.answer(self.path, {}))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            self._send(database.answer(self.path, json.loads(content)))

        def _send(self, answer: dict[str, Any] | None) -> None:
            content = json.dumps({"code": 5, "message": "Bug not found."} if answer is None else answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    database.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield database
    finally:
        server.shutdown()
        server.server_close()
