"""The scales that measures and their gates share, each from the best to the worst."""

from __future__ import annotations

from collections.abc import Mapping

# Grades of cyclomatic complexity as radon gives them, with the highest number that has each:
# https://radon.readthedocs.io/en/latest/commandline.html#the-cc-command
GRADES: Mapping[str, float] = {"A": 5, "B": 10, "C": 20, "D": 30, "E": 40, "F": float("inf")}
# Notes of a job that lists licences begin so: of what the project's users install, too; of what only its makers do.
LICENSE_NOTES = ("license:", "license-development:")
UNKNOWN_LICENSE = "unknown"
OPAQUE = "opaque"  # the rule of what cannot be compared: a public name without source and stub
SEVERITIES = ("low", "medium", "high")  # of security findings, as bandit rates its tests
# Of vulnerabilities, as the GitHub Advisory Database rates them; it says "moderate" for medium.
VULNERABILITIES = ("low", "medium", "high", "critical")
UNAUDITED = "unaudited"  # the rule of a dependency that no database of them can be asked for
# Maintainability index, 0 to 100, from which on code is good to maintain: Coleman et al., IEEE Computer 27(8), 1994,
# say 85 of 171 points, which radon spreads over 100. Files below are told by name.
MAINTAINABLE = 50
