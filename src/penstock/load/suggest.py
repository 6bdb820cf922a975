"""What the user may have meant by a word that we do not know."""

from __future__ import annotations

from collections.abc import Iterable

# The word that other tools (GitHub Actions, CircleCI, GitLab, tox, nox, pytest) use for what a key of ours says.
ELSEWHERE = {
    "after": "needs",
    "artifacts": "outputs",
    "branch": "branches",
    "cmd": "run",
    "command": "run",
    "commands": "run",
    "cpu": "cpus",
    "dependencies": "requirements",
    "dependency_groups": "groups",
    "depends": "needs",
    "depends_on": "needs",
    "deps": "requirements",
    "env": "environment",
    "envs": "environment",
    "event": "on",
    "events": "on",
    "if": "when",
    "markers": "marker",
    "only": "when",
    "operating_systems": "systems",
    "os": "systems",
    "platforms": "systems",
    "python_version": "python",
    "python_versions": "python",
    "pythons": "python",
    "requires": "needs",
    "retry": "retries",
    "reruns": "retries",
    "script": "run",
    "set_env": "environment",
    "setenv": "environment",
    "steps": "run",
    "strategy": "matrix",
    "tests": "test",
    "testpaths": "test",
    "timeout_minutes": "timeout",
    "triggers": "on",
    "variables": "environment",
}
MASKS = frozenset({"continue_on_error", "ignore_errors", "ignore_outcome", "allow_errors", "ignore_exit_code"})


def normal(word: str) -> str:
    """One spelling for `test-timeout`, `testTimeout` and `Test_Timeout`."""
    spaced = "".join(f"_{letter}" if letter.isupper() else letter for letter in word)
    return spaced.replace("-", "_").replace(" ", "_").strip("_").lower().replace("__", "_")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most likely stands for, or None. Costs an import of difflib."""
    candidates = tuple(known)
    spelled = normal(word[:100])
    by_spelling = {normal(candidate): candidate for candidate in candidates}
    if spelled in by_spelling:
        return by_spelling[spelled]
    if ELSEWHERE.get(spelled) in candidates:
        return ELSEWHERE[spelled]
    from difflib import get_close_matches

    close = get_close_matches(spelled, by_spelling, n=1, cutoff=0.6)
    return by_spelling[close[0]] if close else None
