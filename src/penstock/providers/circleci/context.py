"""What CircleCI says of a run. It does not say whether a branch is protected.

https://circleci.com/docs/reference/variables/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from penstock.model.run_context import RunContext
from penstock.model.trust import Trust

_REQUEST = re.compile(r"https://[^/]+/[^/]+/[^/]+/pull/([0-9]{1,18})")


def container(environ: Mapping[str, str]) -> tuple[int, int]:
    """The number of this container, from 0, and how many equal ones the job has. Raises ValueError."""
    index, count = int(environ.get("CIRCLE_NODE_INDEX", "0")), int(environ.get("CIRCLE_NODE_TOTAL", "1"))
    if not 0 <= index < count:
        raise ValueError(f"container {index} of {count}")
    return index, count


def of(environ: Mapping[str, str], protected: Callable[[str], bool]) -> RunContext:
    """What is known of this run. `protected`: which branches are. A pull request's branch never is."""
    number = environ.get("CIRCLE_PR_NUMBER", "")  # set for forks alone
    fork = bool(number) or bool(environ.get("CIRCLE_PR_USERNAME"))
    requests = " ".join(environ.get(name, "") for name in ("CIRCLE_PULL_REQUEST", "CIRCLE_PULL_REQUESTS"))
    found = _REQUEST.search(requests)
    proposed = fork or bool(requests.strip())
    works_on = "" if fork else environ.get("CIRCLE_BRANCH", "")  # of a fork it is called pull/7
    branch = "" if proposed else works_on
    guarded = protected(branch)
    owner, name = environ.get("CIRCLE_PROJECT_USERNAME", ""), environ.get("CIRCLE_PROJECT_REPONAME", "")
    commit = environ.get("CIRCLE_SHA1", "")
    return RunContext(
        provider="circleci",
        trust=Trust.LOCAL if fork else Trust.PROTECTED if branch and guarded else Trust.BRANCH,
        repository=f"{owner}/{name}" if owner and name else "",
        branch=branch,
        works_on=works_on,
        pull_request=int(number) if number.isdecimal() else int(found[1]) if found else 0,
        fork=fork,
        commit=commit,
        head=commit if proposed else "",
        order=int(environ.get("CIRCLE_BUILD_NUM", "0")) if environ.get("CIRCLE_BUILD_NUM", "0").isdecimal() else 0,
        attempt=1,
        url=environ.get("CIRCLE_BUILD_URL", ""),
    )
