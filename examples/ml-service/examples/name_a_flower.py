"""Name one flower without the web API."""

from __future__ import annotations

from blooms import model

answer = model.predict(
    model.load(),
    {"sepal_length": 6.0, "sepal_width": 2.7, "petal_length": 4.2, "petal_width": 1.3},
)
print(f"{answer['species']} ({answer['sure']:.0%} sure)")
