"""The web API."""

from __future__ import annotations

import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from moods import registry

MOST_ENTRIES = 100


async def health(_: Request) -> JSONResponse:
    """Whether it can answer: the network is loaded before it serves."""
    return JSONResponse({"ready": True, "moods": list(registry.load().moods)})


async def analyse(request: Request) -> JSONResponse:
    """The mood of each entry of `{"entries": […]}`."""
    _admit(request)
    try:
        entries = _entries(await request.json())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    return JSONResponse(await run_in_threadpool(registry.analyse, registry.load(), entries))


def _admit(request: Request) -> None:
    """Where a key is set, only with that key."""
    key = os.environ.get("SAMO_API_KEY", "")
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key and not hmac.compare_digest(key.encode(), given.encode()):
        raise HTTPException(401, "the key is another one")


def _entries(given: Any) -> list[str]:
    entries = given.get("entries") if isinstance(given, dict) else None
    if not isinstance(entries, list) or not all(isinstance(each, str) for each in entries):
        raise ValueError("entries: a list of texts is wanted")
    if not 1 <= len(entries) <= MOST_ENTRIES:
        raise ValueError(f"entries: from 1 to {MOST_ENTRIES} are wanted")
    return entries


@asynccontextmanager
async def _lifespan(_: Starlette) -> AsyncIterator[None]:
    registry.load()
    yield


app = Starlette(lifespan=_lifespan, routes=[Route("/health", health), Route("/analyse", analyse, methods=["POST"])])
