"""The built-in services: one file each, and this table. Pure: `scan` finds their programs, `run` starts them."""

from __future__ import annotations

from penstock.model.services import Recipe
from penstock.services.memcached import MEMCACHED
from penstock.services.mysql import MYSQL
from penstock.services.postgres import POSTGRES
from penstock.services.redis import REDIS

SERVICES: dict[str, Recipe] = {recipe.name: recipe for recipe in (MEMCACHED, MYSQL, POSTGRES, REDIS)}

# Other names for the same.
ALIASES = {"mariadb": "mysql", "postgresql": "postgres", "valkey": "redis"}

NAMES = (*SERVICES, *ALIASES)
