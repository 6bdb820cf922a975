"""What retry policies do to simulated pull requests: penstock's posterior beside fixed reruns, in one run.

    python benchmarks/flaky/run.py [--requests 200000] [--seed 1] [--json FILE]

Nine of ten pull requests are clean; 6 of 100 bring a test that fails always, 4 of 100 one that fails at 10 to 70 %.
Two populations of tests on good code:

  fitted      what the policy assumes itself: a test is flaky with probability 0.05, and fails at Beta(0.2, 20); 116 of
              them a project, so that 5.6 % of the runs are red from flakiness alone, as in the recorded data
  heavy tail  the same with 1.4 % of the flaky tests failing at 40 to 75 %, 65 tests a project: made so that 5.6 %
              are red without reruns and about 0.5 % after three in fresh processes, as in the recorded data

Reruns in place: of the failures two thirds come from a state of the process, and fail again there at 95 %.
*False blocks*: clean requests that are red. *Missed*: of the requests whose new failure was seen in the first run,
those that went through. *Runs*: further runs of single tests a request, those at the base included.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from penstock.guest.penstock_retry import EXCUSED, EXTRA_RUNS, MADE_FLAKY, SUSPECT, Attempt, History, Policy

CLEAN, ALWAYS, NOW_AND_THEN = "clean", "always", "now and then"
MIX = ((0.90, CLEAN), (0.06, ALWAYS), (0.04, NOW_AND_THEN))
FLAKY, BETA = 0.05, (0.2, 20.0)
STICKY, AGAIN = 2 / 3, 0.95  # failures of a process's state, and how often they come back in it


class Population(NamedTuple):
    """`tests` a project; `tail`: the share of flaky tests that fail at `often`."""

    name: str
    tests: int
    tail: float = 0.0
    often: tuple[float, float] = (0.0, 0.0)


POPULATIONS = (Population("fitted", 116), Population("heavy tail", 65, 0.014, (0.40, 0.75)))


class Case(NamedTuple):
    """One test that failed in the first run: its failure rates on the base and here."""

    before: float
    now: float


class Answer(NamedTuple):
    """Whether a failure was excused, and after how many further runs; `compared`: held against the base."""

    excused: bool
    runs: int
    compared: bool = False


Rule = Callable[[random.Random, Case], Answer]


def no_rerun(_: random.Random, __: Case) -> Answer:
    """Every failure blocks."""
    return Answer(excused=False, runs=0)


def fixed(most: int, *, in_place: bool) -> Rule:
    """Rerun until a pass, `most` times."""

    def rule(rng: random.Random, case: Case) -> Answer:
        sticky = in_place and case.before == case.now and rng.random() < STICKY
        for count in range(1, most + 1):
            if rng.random() >= (AGAIN if sticky else case.now):
                return Answer(excused=True, runs=count)
        return Answer(excused=False, runs=most)

    return rule


def posterior(runs: int, base_runs: int) -> Rule:
    """The policy of penstock. `runs`: protected runs that are known; `base_runs`: runs of a suspect at the base."""

    def rule(rng: random.Random, case: Case) -> Answer:
        policy = Policy({}, {"t": History(runs, _failures(rng, runs, case.before))})
        attempts = [Attempt(passed=False)]
        while (decision := policy.after("t", attempts)).again:
            attempts.append(Attempt(passed=rng.random() >= case.now, mode=decision.mode))
        again = len(attempts) - 1
        if decision.action != SUSPECT:
            return Answer(excused=decision.action == EXCUSED, runs=again)
        failures, again = _failures(rng, EXTRA_RUNS, case.now), again + EXTRA_RUNS
        decision = policy.settle("t", failures)
        if not base_runs or decision.reason.startswith(MADE_FLAKY):
            return Answer(decision.action == EXCUSED, again, compared=True)
        base = _failures(rng, base_runs, case.before)
        if base < base_runs:  # else it tells nothing
            decision = policy.settle("t", failures, base_failures=base, base_runs=base_runs)
        return Answer(decision.action == EXCUSED, again + base_runs, compared=True)

    return rule


RULES: tuple[tuple[str, Rule], ...] = (
    ("no rerun", no_rerun),
    ("3 reruns in place", fixed(3, in_place=True)),
    ("3 reruns, fresh process", fixed(3, in_place=False)),
    ("5 reruns, fresh process", fixed(5, in_place=False)),
    *((f"posterior, {runs or 'no'} runs of history", posterior(runs, EXTRA_RUNS)) for runs in (0, 50, 200)),
    *((f"posterior, {runs or 'no'}, base not run", posterior(runs, 0)) for runs in (0, 50, 200)),
)


def _failures(rng: random.Random, runs: int, rate: float) -> int:
    return sum(rng.random() < rate for _ in range(runs)) if rate else 0


def rate(rng: random.Random, population: Population) -> float:
    """The failure rate of a flaky test."""
    return rng.uniform(*population.often) if rng.random() < population.tail else rng.betavariate(*BETA)


def request(rng: random.Random, population: Population) -> tuple[str, list[Case]]:
    """A pull request's kind and the tests that failed in its first run; the last of them is the one it broke."""
    kind = rng.choices([kind for _, kind in MIX], [share for share, _ in MIX])[0]
    flaky = (rate(rng, population) for _ in range(_binomial(rng, population.tests)))
    failed = [Case(each, each) for each in flaky if rng.random() < each]
    if kind is not CLEAN:
        now = 1.0 if kind is ALWAYS else rng.uniform(0.10, 0.70)
        before = rate(rng, population) if rng.random() < FLAKY else 0.0
        seen = rng.random() < now
        return (kind if seen else f"{kind}, not seen"), [*failed, *([Case(before, now)] if seen else [])]
    return kind, failed


def _binomial(rng: random.Random, tests: int) -> int:
    return sum(rng.random() < FLAKY for _ in range(tests))


class Row(NamedTuple):
    """One rule's figures, in percent but for `runs` a request."""

    rule: str
    false_blocks: float
    always_missed: float
    now_and_then_missed: float
    runs: float
    compared: float


def measure(name: str, rule: Rule, requests: list[tuple[str, list[Case]]], seed: int) -> Row:
    """All requests under one rule."""
    rng = random.Random(seed)
    seen: dict[str, int] = {}
    bad: dict[str, int] = {}
    runs = compared = 0
    for kind, cases in requests:
        answers = [rule(rng, case) for case in cases]
        seen[kind] = seen.get(kind, 0) + 1
        wrong = (
            not all(answer.excused for answer in answers) if kind is CLEAN else bool(answers and answers[-1].excused)
        )
        bad[kind] = bad.get(kind, 0) + wrong
        runs += sum(answer.runs for answer in answers)
        compared += any(answer.compared for answer in answers)
    shares = [100 * bad.get(kind, 0) / max(1, seen.get(kind, 0)) for _, kind in MIX]
    return Row(name, *shares, runs / len(requests), 100 * compared / len(requests))


def table(population: Population, count: int, seed: int) -> Iterator[Row]:
    """A row a rule, all on the same requests."""
    rng = random.Random(seed)
    requests = [request(rng, population) for _ in range(count)]
    for name, rule in RULES:
        yield measure(name, rule, requests, seed)


def main() -> None:
    """Print a table a population."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: dict[str, list[dict[str, float | str]]] = {}
    for population in POPULATIONS:
        print(f"\n{population.name}: {options.requests} pull requests")
        print(f"{'policy':36}{'false blocks':>13}{'always':>9}{'now and then':>14}{'runs':>8}{'compared':>10}")
        print(f"{'':36}{'':>13}{'missed':>9}{'missed':>14}{'a request':>10}")
        for row in table(population, options.requests, options.seed):
            print(
                f"{row.rule:36}{row.false_blocks:12.2f}%{row.always_missed:8.2f}%{row.now_and_then_missed:13.1f}%"
                f"{row.runs:8.2f}{row.compared:9.2f}%",
                flush=True,
            )
            found.setdefault(population.name, []).append(row._asdict())
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
