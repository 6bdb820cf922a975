"""The web API."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shares import statistics, store
from shares.balance import Expense, balances, settled
from shares.money import cents, spelled


class Refused(ValueError):
    """What a client sent is no expense; the message is for the client."""


def read(given: Any) -> Expense:
    """An expense as a client sends it. Raises Refused, or ValueError, with what is wrong."""
    if not isinstance(given, dict):
        raise Refused("an expense is an object")
    people = tuple(_names(given.get("people"), "people"))
    payer = next(_names([given.get("payer")], "payer"))
    amount = cents(str(given.get("amount")))
    if amount == 0:
        raise Refused("an expense is more than nothing")
    weights = given.get("weights", [])
    if not isinstance(weights, list) or not all(type(each) is int for each in weights):
        raise Refused("weights are whole numbers")
    if weights and len(weights) != len(people):
        raise Refused("each of the people has a weight, or none has")
    expense = Expense(payer, amount, people, _day(given.get("day")), tuple(weights), str(given.get("what", "")))
    expense.parts()
    return expense


def _names(given: object, what: str) -> Any:
    if not isinstance(given, list) or not given or not all(isinstance(each, str) and each for each in given):
        raise Refused(f"{what}: names are wanted")
    if len(set(given)) != len(given):
        raise Refused(f"{what}: a name is there twice")
    return iter(given)


def _day(given: object) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise Refused(f"{given!r} is no day such as 2026-03-01") from error


async def health(_: Request) -> JSONResponse:
    """Whether it can answer."""
    return JSONResponse({"ready": True})


async def add(request: Request) -> JSONResponse:
    """Keep an expense."""
    try:
        expense = read(await request.json())
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
    await run_in_threadpool(_kept(request).add, request.path_params["group"], expense)
    return JSONResponse({"owed": {name: spelled(part) for name, part in expense.parts().items()}}, 201)


async def balance(request: Request) -> JSONResponse:
    """Who gets, and who owes."""
    return JSONResponse({name: spelled(amount) for name, amount in balances(await _expenses(request)).items()})


async def settle(request: Request) -> JSONResponse:
    """Who pays whom how much."""
    payments = settled(balances(await _expenses(request)))
    return JSONResponse([payment._asdict() | {"amount": spelled(payment.amount)} for payment in payments])


async def figures(request: Request) -> JSONResponse:
    """What is spent."""
    expenses = await _expenses(request)
    return JSONResponse(
        {
            "months": {month: spelled(amount) for month, amount in statistics.monthly(expenses).items()},
            "trend": spelled(round(statistics.trend(expenses))),
            "unusual": [expense.what or expense.day.isoformat() for expense in statistics.unusual(expenses)],
        }
    )


def _kept(request: Request) -> store.Store:
    found: store.Store = request.app.state.store
    return found


async def _expenses(request: Request) -> list[Expense]:
    found = await run_in_threadpool(_kept(request).of, request.path_params["group"])
    if not found:
        raise HTTPException(404, "nobody of this group has spent anything")
    return found


def application(kept: store.Store | None = None) -> Starlette:
    """The API over a store: by itself, over the one that the environment names."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.store = store.chosen(os.environ) if kept is None else kept
        yield
        app.state.store.close()

    return Starlette(
        lifespan=lifespan,
        routes=[
            Route("/health", health),
            Route("/groups/{group}/expenses", add, methods=["POST"]),
            Route("/groups/{group}/balance", balance),
            Route("/groups/{group}/settle", settle),
            Route("/groups/{group}/figures", figures),
        ],
    )


app = application()
