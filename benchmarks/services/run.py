"""What Redis and PostgreSQL for one job cost: penstock beside a shell script that does the same, in one run.

    python benchmarks/services/run.py [--rounds 7] [--json FILE] [--write docs/how-to/services.md]

Both make a new data folder and cluster with the same settings, start both servers at free ports, wait until both answer
in their own protocol, run `true` with the variables set, end the servers and remove the folder. Each round runs the
two, and penstock's job without services, in random order; printed are medians and the smallest values of wall time and
of the CPU of the whole process tree, and the medians of what penstock adds to the script in the same round. Both
servers have to be installed (`make services`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import page  # ../page.py

# As a person writes it: the servers side by side, asked every 10 ms.
SCRIPT = r"""
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
folder=$(mktemp -d); chmod 711 "$folder"
port() { python3 -ISc 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
as=(); if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid postgres --regid postgres --clear-groups); fi
redis_port=$(port); pg_port=$(port)
mkdir "$folder/redis" "$folder/pg"
if [ "$(id -u)" = 0 ]; then chown postgres "$folder/pg"; fi
redis-server --bind 127.0.0.1 --port "$redis_port" --dir "$folder/redis" --save "" --appendonly no \
  >"$folder/redis.log" 2>&1 &
redis=$!
(cd "$folder/pg" && exec "${as[@]}" "$bin/initdb" --pgdata="$folder/pg/d" --auth=trust --username=postgres \
  --encoding=UTF8 --no-locale --no-sync) >"$folder/initdb.log" 2>&1
(cd "$folder/pg" && exec "${as[@]}" "$bin/postgres" -D "$folder/pg/d" -h 127.0.0.1 -p "$pg_port" -k "$folder/pg" \
  -c fsync=off -c synchronous_commit=off -c full_page_writes=off) >"$folder/pg.log" 2>&1 &
pg=$!
until redis-cli -p "$redis_port" ping >/dev/null 2>&1; do sleep 0.01; done
until "$bin/pg_isready" -q -h 127.0.0.1 -p "$pg_port"; do sleep 0.01; done
REDIS_URL=redis://127.0.0.1:$redis_port/0 DATABASE_URL=postgresql://postgres@127.0.0.1:$pg_port/postgres true
kill "$redis"; kill -INT "$pg"; wait "$redis" "$pg" || true
rm -rf "$folder"
"""
PROJECT = """
[jobs]
with = { run = "true", services = ["redis", "postgres"] }
without = { run = "true", cache = false }
"""


class Cost(NamedTuple):
    """Seconds."""

    wall_s: float
    cpu_s: float


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table between its markers in this page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="services-") as place:
        root = Path(place)
        (root / "penstock.toml").write_text(PROJECT)
        (root / "script").write_text(SCRIPT)
        penstock = (sys.executable, "-m", "penstock", "run", "-q")
        commands = {
            "shell script": ("bash", str(root / "script")),
            "penstock, with both": (*penstock, "with"),
            "penstock, without": (*penstock, "without"),
        }
        for argv in commands.values():  # what is made once: the environment, the plan
            spend(argv, root)
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for number in range(options.rounds):
            names = list(commands)
            random.shuffle(names)
            for name in names:
                costs[name].append(spend(commands[name], root))
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
    text = table(costs)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(costs, indent=1))
    if options.write:
        page.put(options.write, "services", text)
    return 0


def spend(argv: tuple[str, ...], root: Path) -> Cost:
    """Run it once; what it took. Ends the program if it fails."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(argv, cwd=root, capture_output=True, check=False)
    wall_s, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{argv[0]} … ended with {done.returncode}:\n{done.stdout.decode()}{done.stderr.decode()}")
    return Cost(wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def table(costs: dict[str, list[Cost]]) -> str:
    """The costs, and what the services cost beside the script."""
    lines = ["| | wall, s | least | CPU, s | least |", "| --- | --- | --- | --- | --- |"]
    for name, those in costs.items():
        walls, cpus = [cost.wall_s for cost in those], [cost.cpu_s for cost in those]
        figures = (statistics.median(walls), min(walls), statistics.median(cpus), min(cpus))
        lines.append(f"| {name} | {' | '.join(f'{figure:.2f}' for figure in figures)} |")
    pairs = list(zip(costs["penstock, with both"], costs["penstock, without"], costs["shell script"], strict=True))
    own = statistics.median(with_.wall_s - without.wall_s - script.wall_s for with_, without, script in pairs)
    ratio = statistics.median((with_.wall_s - without.wall_s) / script.wall_s for with_, without, script in pairs)
    rounds = f"{len(pairs)} rounds, {os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f} at the end"
    return "\n".join(
        [*lines, "", f"The services of a job beside the script: {own:+.2f} s, ratio {ratio:.2f} ({rounds})."]
    )


if __name__ == "__main__":
    sys.exit(main())
