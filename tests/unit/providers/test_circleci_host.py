"""The host that plays CircleCI in tests: it does what the configuration says, good or bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.circleci import Host
from tests.fakes.repository import call as git
from tests.fakes.repository import save

HEAD = """\
version: 2.1
parameters:
  occasion: {type: enum, enum: [change, nightly], default: change}
jobs:
  first:
    parameters:
      letter: {type: string}
    parallelism: 2
    steps:
      - checkout
      - run:
          name: write
          environment: {LETTER: << parameters.letter >>}
          command: |
            mkdir -p out
            if [ "$LETTER" = "x" ]; then circleci-agent step halt; fi
            echo "$LETTER" > "out/$LETTER-$CIRCLE_NODE_INDEX"
      - run: test "$(git rev-parse HEAD)" = "$CIRCLE_SHA1"
      - persist_to_workspace: {root: out, paths: [.]}
  fails:
    steps:
      - checkout
      - run: "false"
      - run: echo never
      - run: {command: mkdir out && touch out/late, when: always}
      - persist_to_workspace: {root: out, paths: [.], when: always}
  clash:
    parallelism: 2
    steps:
      - run: mkdir out && touch out/same
      - persist_to_workspace: {root: out, paths: [.]}
  last:
    steps:
      - attach_workspace: {at: in}
      - run: ls in
"""


def host(tmp_path: Path, workflows: str) -> tuple[Host, Path]:
    root = tmp_path / "project"
    (root / ".circleci").mkdir(parents=True)
    (root / ".circleci" / "config.yml").write_text(f"{HEAD}workflows:\n{workflows}")
    git(root, "init", "-q", "-b", "main")
    save(root)
    return Host(tmp_path / "host"), root


def test_cells_and_containers_hand_on_their_files_and_a_halted_one_nothing(tmp_path: Path) -> None:
    played, root = host(
        tmp_path,
        """\
  ci:
    jobs:
      - first:
          name: first-<< matrix.letter >>
          matrix: {alias: all, parameters: {letter: [a, x]}}
      - last: {requires: [all]}
""",
    )
    ran = played.run(root)
    assert ran.jobs == {"first-a": "success", "first-x": "success", "last": "success"}
    assert ran.output["last"].split() == ["a-0", "a-1"]


def test_a_failure_stops_what_needs_it_and_not_what_waits_for_any_end(tmp_path: Path) -> None:
    played, root = host(
        tmp_path,
        """\
  ci:
    jobs:
      - fails
      - last: {name: after, requires: [fails]}
      - last: {name: always, requires: [{fails: terminal}, {after: terminal}]}
""",
    )
    ran = played.run(root)
    assert ran.jobs == {"fails": "failed", "after": "not_run", "always": "success"}
    assert "never" not in ran.output["fails"]
    assert ran.output["always"].split() == ["late"]
    assert played.run(root, cancel=["fails"]).jobs["fails"] == "canceled"


def test_files_of_the_same_name_from_two_containers_are_refused(tmp_path: Path) -> None:
    played, root = host(tmp_path, "  ci: {jobs: [clash, last: {requires: [clash]}]}\n")
    assert played.run(root).jobs == {"clash": "success", "last": "failed"}


@pytest.mark.parametrize(("branch", "names"), [("main", {"clash", "hold"}), ("gpu/a", {"fails", "clash"})])
def test_filters_and_approvals(tmp_path: Path, branch: str, names: set[str]) -> None:
    played, root = host(
        tmp_path,
        """\
  ci:
    jobs:
      - clash
      - fails: {filters: 'pipeline.git.branch starts-with "gpu/"'}
      - hold: {type: approval, requires: [clash], filters: 'pipeline.git.branch == "main"'}
      - last: {name: behind, requires: [hold]}
""",
    )
    if branch != "main":
        git(root, "branch", branch)
    ran = played.run(root, branch=branch)
    assert set(ran.jobs) == names  # what waits for a job that is filtered away is not run, either
    assert ran.jobs.get("hold", "on_hold") == "on_hold"
    if branch == "main":
        assert "behind" in played.run(root, approve=["hold"]).jobs


def test_a_workflow_that_is_not_meant_does_not_run(tmp_path: Path) -> None:
    when = "when: {equal: [nightly, << pipeline.parameters.occasion >>]}"
    played, root = host(tmp_path, f"  night:\n    {when}\n    jobs: [clash]\n")
    assert played.run(root).jobs == {}
    assert played.run(root, parameters={"occasion": "nightly"}).jobs == {"clash": "success"}
