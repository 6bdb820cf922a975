"""What taking secrets out of an output costs: MB/s of plain test output, beside other ways of looking for the same.

    python benchmarks/redaction/run.py [--megabytes 8] [--rounds 5]

Each round sends the same chunks of 64 KiB through every way, in turn; printed are medians. The output holds no secret,
as most does; `found`: one with a secret in every hundredth line.
"""

from __future__ import annotations

import argparse
import base64
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from penstock.guest.penstock_redaction import Redaction
from penstock.guest.penstock_spellings import spellings

CHUNK = 64 << 10
TOKEN = "sk-live-9f8e7d6c5b4a3210"
ODD = "p@ss/w'o\"rd&<x>\\+ 9f8e"
BODY = base64.encodebytes(bytes(number * 89 % 251 for number in range(1200))).decode()
KEY = f"-----BEGIN PRIVATE KEY-----\n{BODY}-----END PRIVATE KEY-----\n"
SECRETS = {"a token": [TOKEN], "three": [TOKEN, ODD, TOKEN[::-1]], "a key file": [KEY]}


def lines(source: Path) -> bytes:
    """Something like what tests print: the lines of our own tests, as verbose results."""
    names = re.findall(r"def (test_\w+)", source.read_text(encoding="utf-8"))
    return "".join(f"tests/unit/{source.stem}.py::{name} PASSED   [ 12%]\n" for name in names).encode()


def chunks(megabytes: int, secret: str = "") -> list[bytes]:
    """The output, cut."""
    folder = Path(__file__).parents[2] / "tests/unit"
    text = b"".join(lines(path) for path in sorted(folder.rglob("test_*.py"))) or b"a line of output\n"
    if secret:
        rows = text.splitlines(keepends=True)
        text = b"".join(row if number % 100 else row[:-1] + secret.encode() + b"\n" for number, row in enumerate(rows))
    whole = text * (megabytes * (1 << 20) // len(text) + 1)
    return [whole[at : at + CHUNK] for at in range(0, megabytes << 20, CHUNK)]


def ways(values: list[str]) -> dict[str, Callable[[bytes], object]]:
    """Each takes a chunk."""
    needles = sorted({each for value in values for each in spellings(value)}, key=len, reverse=True)
    pattern = re.compile(b"|".join(map(re.escape, needles)))
    stream = Redaction((f"K{number}", value) for number, value in enumerate(values)).stream()
    return {
        "penstock": stream.feed,
        "bytes.find": lambda chunk: [chunk.find(needle) for needle in needles],
        "re": lambda chunk: pattern.sub(b"***", chunk),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for name, values in SECRETS.items():
        plain, full = chunks(options.megabytes), chunks(options.megabytes, values[0])
        some = plain[: max(1, len(plain) // 16)]  # the slow ways need no more to be known
        measured: dict[str, list[float]] = {}
        for _ in range(options.rounds):
            for way, take in ways(values).items():
                for told, work in ((way, plain if way == "penstock" else some), (f"{way}, found", full[: len(some)])):
                    started_s = time.perf_counter()
                    for chunk in work:
                        take(chunk)
                    measured.setdefault(told, []).append(len(work) * CHUNK / 1e6 / (time.perf_counter() - started_s))
        count = len({each for value in values for each in spellings(value)})
        told = "  ".join(f"{way} {statistics.median(rates):.0f}" for way, rates in measured.items())
        print(f"{name} ({count} spellings), MB/s: {told}")


if __name__ == "__main__":
    main()
