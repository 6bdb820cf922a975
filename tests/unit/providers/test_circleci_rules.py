"""The rules over CircleCI's YAML: each finds the mistake that it is about, and nothing in a sound file."""

from __future__ import annotations

import pytest

from tests.fakes.circleci_rules import findings

SOUND = """\
version: 2.1
parameters:
  night: {type: boolean, default: false}
executors:
  small:
    docker:
      - image: cimg/python:3.13.13
    resource_class: medium
commands:
  work:
    parameters:
      name: {type: string}
    steps:
      - restore_cache:
          keys:
            - a-v1-{{ arch }}-
      - run:
          environment:
            NAME: << parameters.name >>
            NUMBER: "3.10"
          command: |
            echo "$NAME" > "out/$CIRCLE_NODE_INDEX"
      - save_cache:
          key: a-v1-{{ arch }}-{{ .Revision }}
          paths: [~/.cache]
      - persist_to_workspace:
          root: out
          paths: [.]
jobs:
  one:
    parameters:
      python: {type: string}
    executor: small
    parallelism: 2
    steps:
      - checkout
      - work:
          name: one-<< parameters.python >>
  two:
    executor: small
    steps:
      - checkout
      - attach_workspace:
          at: out
      - run: ls out
workflows:
  ci:
    when:
      not: << pipeline.parameters.night >>
    jobs:
      - one:
          name: one-<< matrix.python >>
          matrix:
            alias: one
            parameters:
              python: ["3.12", "3.13"]
      - two:
          requires:
            - one: terminal
"""


def test_a_sound_file_has_no_findings() -> None:
    assert findings(SOUND) == []


@pytest.mark.parametrize(
    ("there", "instead", "rule"),
    [
        ("-{{ .Revision }}", "-{{ .Revision }", "template"),
        ("-{{ .Revision }}", "-{{ .Commit }}", "template"),
        ("a-v1-{{ arch }}-{{ .Revision }}", "a-v1", "constant"),
        ("      - run: ls out", "      - save_cache: {key: 'a-v1-{{ arch }}-x-{{ epoch }}', paths: [x]}", "family"),
        ("cimg/python:3.13.13", "cimg/python", "image"),
        ("cimg/python:3.13.13", "cimg/python:latest", "image"),
        ("resource_class: medium", "resource_class: gpu.nvidia.small", "class"),
        ("    executor: small\n    parallelism", "    executor: large\n    parallelism", "executor"),
        ("    executor: small\n    parallelism", "    parallelism", "executor"),
        ("    executor: small\n    steps", "    executor: small\n    machine: true\n    steps", "executor"),
        ("    parallelism: 2", "    parallel: 2", "unknown"),
        ("      - run: ls out", "      - runs: ls out", "unknown"),
        ("          root: out", "          root: out\n          always: true", "unknown"),
        ("          name: one-<< parameters.python >>", "          nam: x", "unknown"),
        ("          name: one-<< parameters.python >>", "          nam: x", "missing"),
        ("      - two:", "      - three:", "unknown"),
        ("NAME: << parameters.name >>", "NAME: << parameters.nam >>", "parameter"),
        ("<< pipeline.parameters.night >>", "<< pipeline.parameters.nights >>", "parameter"),
        ("<< pipeline.parameters.night >>", "<< pipeline.git.bransh >>", "parameter"),
        ('echo "$NAME"', "cat << EOF", "heredoc"),
        ('echo "$NAME"', "echo << pipeline.git.branch >>", "pasted"),
        ('"out/$CIRCLE_NODE_INDEX"', "out/x", "containers"),
        ("      - checkout\n      - work", "      - work", "checkout"),
        ('["3.12", "3.13"]', '["3.12", 3.13]', "float"),
        ("parameters:\n              python:", "parameters:\n              pyton:", "matrix"),
        ("name: one-<< matrix.python >>", "name: one", "matrix"),
        ("name: one-<< matrix.python >>", "name: << matrix.python >>-<< matrix.os >>", "matrix"),
        ("            alias: one", "            alias: one\n            exclude: [{python: '3.9'}]", "matrix"),
        ("- one: terminal", "- ones: terminal", "requires"),
        ("- one: terminal", "- one: cancelled", "requires"),
        ("- one: terminal", "- one: terminal\n          filters: {tags: {only: /v.*/}}", "tags"),
        ("- one: terminal", "- one: terminal\n          filters: {branches: {only: '/[/'}}", "filter"),
        ("      - two:", "      - two: {name: one-x}\n      - two:\n          name: one-x", "twice"),
        ("      not: <<", "      nor: <<", "logic"),
        ('NUMBER: "3.10"', "API_TOKEN: abcdef", "secret"),
        ("  ci:\n", "  ci:\n    triggers: [{schedule: {cron: '0 2 * *', filters: {}}}]\n", "schedule"),
        ("  ci:\n", "  ci:\n    triggers: [{schedule: {cron: '0 2 * * *'}}]\n", "schedule"),
    ],
)
def test_a_mistake_is_found(there: str, instead: str, rule: str) -> None:
    assert there in SOUND
    assert rule in {finding.partition(":")[0] for finding in findings(SOUND.replace(there, instead, 1))}
