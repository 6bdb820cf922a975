"""PostgreSQL: a cluster of its own, made anew, that trusts whoever reaches it and does not wait for the disk."""

from __future__ import annotations

from penstock.model.services import Recipe, Server

_CLUSTER = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync")
_NOT_FOR_KEEPS = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")

POSTGRES = Recipe(
    name="postgres",
    servers=(
        Server(
            programs=("postgres", "initdb"),
            first=(("initdb", "--pgdata={folder}", *_CLUSTER),),
            command=("postgres", "-D", "{folder}", "-h", "{host}", "-p", "{port}", "-k", "{socket}", *_NOT_FOR_KEEPS),
            users=("postgres", "nobody"),
            stop="INT",  # "fast": TERM would wait for clients that forgot to say goodbye
            # Debian and Ubuntu; Fedora has it on PATH; Homebrew.
            places=("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"),
        ),
    ),
    health=("postgres",),
    exports=(
        ("DATABASE_URL", "postgresql://postgres@{host}:{port}/postgres"),
        ("PGHOST", "{host}"),
        ("PGPORT", "{port}"),
        ("PGUSER", "postgres"),
        ("PGDATABASE", "postgres"),
    ),
    install="apt-get install postgresql",
    image="docker.io/library/postgres:17",
    port=5432,
    variables=(("POSTGRES_HOST_AUTH_METHOD", "trust"),),
)
