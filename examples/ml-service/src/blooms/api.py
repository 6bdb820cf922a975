"""The web API."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, Field

from blooms import model, store

Centimetres = Annotated[float, Field(gt=0, lt=100)]


class Flower(BaseModel):
    """What is measured."""

    sepal_length: Centimetres
    sepal_width: Centimetres
    petal_length: Centimetres
    petal_width: Centimetres


class Answer(BaseModel):
    """What it is."""

    species: str
    sure: float


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.store = store.of(os.environ)
    yield
    if app.state.store is not None:
        app.state.store.close()


app = FastAPI(title="blooms", lifespan=_lifespan)
_model = model.load()


@app.get("/health")
async def health() -> dict[str, bool]:
    """Whether it can answer."""
    return {"ready": True}


@app.get("/species")
async def species() -> list[str]:
    """What it knows."""
    return list(_model.species)


@app.post("/predict")
def predict(flower: Flower, request: Request) -> Answer:
    """Name a flower."""
    kept: store.Store | None = request.app.state.store
    measured = flower.model_dump()
    known = kept.remembered(measured) if kept is not None else None
    if known is None:
        known = model.predict(_model, measured)
        if kept is not None:
            kept.keep(measured, known)
    return Answer.model_validate(known)


@app.get("/counts")
def counts(request: Request) -> dict[str, int]:
    """How often each species was the answer."""
    kept: store.Store | None = request.app.state.store
    if kept is None:
        raise HTTPException(503, "nothing is kept: REDIS_URL and DATABASE_URL are not set")
    return kept.counts()
