"""MariaDB, or MySQL: a data folder of its own, made anew, whose root has no password; with the database `test`."""

from __future__ import annotations

from penstock.model.services import Recipe, Server

_USERS = ("mysql", "nobody")
_COMMON = (
    "--no-defaults",
    "--datadir={folder}",
    "--bind-address={host}",
    "--port={port}",
    "--socket={socket}/mysql.sock",
    "--pid-file={socket}/mysql.pid",
    "--init-file={socket}/first.sql",
    "--innodb-flush-log-at-trx-commit=0",
)
_FILES = (("first.sql", "CREATE DATABASE IF NOT EXISTS test;\n"),)
_INSTALL = ("--no-defaults", "--datadir={folder}", "--auth-root-authentication-method=normal", "--skip-name-resolve")

MYSQL = Recipe(
    name="mysql",
    servers=(
        Server(
            programs=("mariadbd", "mariadb-install-db"),
            first=(("mariadb-install-db", *_INSTALL),),
            command=("mariadbd", *_COMMON),
            files=_FILES,
            users=_USERS,
        ),
        Server(
            programs=("mysqld",),
            first=(("mysqld", "--no-defaults", "--initialize-insecure", "--datadir={folder}"),),
            command=("mysqld", *_COMMON, "--mysqlx=OFF"),
            files=_FILES,
            users=_USERS,
        ),
    ),
    health=("mysql",),
    exports=(
        ("DATABASE_URL", "mysql://root@{host}:{port}/test"),
        ("MYSQL_HOST", "{host}"),
        ("MYSQL_PORT", "{port}"),
        ("MYSQL_USER", "root"),
        ("MYSQL_DATABASE", "test"),
    ),
    install="apt-get install mariadb-server",
    image="docker.io/library/mariadb:11",
    port=3306,
    variables=(("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD", "1"), ("MARIADB_DATABASE", "test")),
)
