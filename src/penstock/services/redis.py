"""Redis, or Valkey, which is the same to its clients. Nothing is written to disk: the data end with the job."""

from __future__ import annotations

from penstock.model.services import Recipe, Server

_SETTINGS = ("--bind", "{host}", "--port", "{port}", "--dir", "{folder}", "--unixsocket", "{socket}/redis.sock")
_NOTHING_KEPT = ("--save", "", "--appendonly", "no", "--daemonize", "no")

REDIS = Recipe(
    name="redis",
    servers=tuple(
        Server(programs=(program,), command=(program, *_SETTINGS, *_NOTHING_KEPT))
        for program in ("redis-server", "valkey-server")
    ),
    health=("redis",),
    exports=(
        ("REDIS_HOST", "{host}"),
        ("REDIS_PORT", "{port}"),
        ("REDIS_URL", "redis://{host}:{port}/0"),
    ),
    install="apt-get install redis-server",
    image="docker.io/library/redis:7",
    port=6379,
)
