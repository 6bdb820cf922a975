"""A tiny HTTP service with bad habits, as a script: `python http_service.py PORT [HABIT]…`. Standard library only.

Habits: `never` is ready · `deaf` to TERM · `child` beside it in a session of its own, deaf, too · `mortal`: dies at the
tenth request · `late`: is ready after 0.3 s · `slow`: 50 ms a request · `flaky`: every fifth `/predict` is a 500.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HABITS = frozenset(sys.argv[2:])
BORN = time.monotonic()
SEEN = {"all": 0, "/predict": 0}
CHILD = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('child', flush=True); time.sleep(60)"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        SEEN["all"] += 1
        if "mortal" in HABITS and SEEN["all"] >= 10:
            print("out of order", flush=True)
            os._exit(7)
        if self.path == "/health":
            ready = "never" not in HABITS and ("late" not in HABITS or time.monotonic() - BORN > 0.3)
            self.answer(200 if ready else 503, {"ready": ready})
        elif self.path.startswith("/predict"):
            self.predict()
        elif self.path == "/moved":
            self.answer(302, {}, Location="/health")
        else:
            self.answer(404, {"error": "no such thing"})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mark = {"type": self.headers.get("Content-Type"), "mark": self.headers.get("X-Mark")}
        self.answer(201, {"sent": json.loads(sent) if sent else None, **mark})

    def predict(self) -> None:
        SEEN["/predict"] += 1
        if "slow" in HABITS:
            time.sleep(0.05)
        bad = "flaky" in HABITS and SEEN["/predict"] % 5 == 0
        self.answer(500 if bad else 200, {"label": "cat"})

    def answer(self, status: int, content: object, **headers: str) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass


def main() -> None:
    if "deaf" in HABITS:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "child" in HABITS:
        subprocess.Popen([sys.executable, "-S", "-c", CHILD], start_new_session=True)
    print(f"listening, PORT is {os.environ.get('PORT')}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
