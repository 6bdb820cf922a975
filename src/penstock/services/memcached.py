"""memcached."""

from __future__ import annotations

from penstock.model.services import Recipe, Server

MEMCACHED = Recipe(
    name="memcached",
    servers=(
        Server(
            programs=("memcached",),
            command=("memcached", "-l", "{host}", "-p", "{port}", "-U", "0"),
            users=("memcache", "nobody"),
        ),
    ),
    health=("memcached",),
    exports=(
        ("MEMCACHED_HOST", "{host}"),
        ("MEMCACHED_PORT", "{port}"),
        ("MEMCACHED_URL", "memcached://{host}:{port}"),
    ),
    install="apt-get install memcached",
    image="docker.io/library/memcached:1",
    port=11211,
)
