"""The questions that have a name: SQL over the history's tables.

Parameters: `$since_s` (epoch seconds), `$job` ("" = all; a job's name or one of its legs), `$most` (rows).

A run of `penstock test` is what somebody wanted to know at that moment: a few tests, of code that is being written.
Where runs are held against each other it counts only if its job is asked for.
"""

from __future__ import annotations

from penstock.record.tables import ALONE

# By itself, after its call. Nearly every row is one: a function is asked once of each value, IN compares row by row,
# which takes a fifth of a question over all rows.
_ENDED = "contains('|passed|failed|xfailed|xpassed|', '|' || outcome || '|')"
_GOOD = "outcome IN ('passed', 'xfailed', 'xpassed')"
_BAD = "outcome IN ('failed', 'errored', 'timed_out', 'crashed')"
_OF_JOB = "($job = '' OR job = $job OR name = $job)"
_COMPARED = f"($job <> '' OR name <> '{ALONE}')"
_ASKED = f"wall_s >= $since_s AND {_OF_JOB}"

SLOWEST = f"""
WITH tested AS (
  SELECT quantile_cont(setup_s + call_s + teardown_s, [0.5, 0.95]) AS seconds, count(*) FILTER (attempt = 1) AS runs,
         job, test
  FROM tests WHERE {_ASKED} AND {_ENDED} GROUP BY job, test
)
SELECT seconds[1] AS median_s, seconds[2] AS p95_s, runs, job, test
FROM tested ORDER BY median_s DESC, job, test LIMIT $most
"""

FILES = f"""
SELECT sum(median_s) AS seconds, count(*) AS tests, max(median_s) AS slowest_s, job, split_part(test, '::', 1) AS file
FROM (
  SELECT median(setup_s + call_s + teardown_s) AS median_s, job, test
  FROM tests WHERE {_ASKED} AND {_ENDED} GROUP BY job, test
)
GROUP BY job, file ORDER BY seconds DESC, job, file LIMIT $most
"""

# Coverage: of a day's last run that measured. Tests: by what each job told at its end.
TRENDS = f"""
WITH asked AS (
  SELECT day, run, job, outcome, cached_from, duration_s, measures
  FROM jobs WHERE {_ASKED} AND {_COMPARED} AND kind = 'test'
), by_run AS (
  SELECT day, run, sum(measures['passed']) AS passed,
         sum(measures['failed'] + measures['errored'] + measures['crashed'] + measures['timed_out']) AS failed
  FROM asked GROUP BY day, run
), covered AS (
  SELECT day, run, wall_s, 100.0 * (sum(covered) + sum(covered_branches)) / nullif(sum(statements) + sum(branches), 0)
           AS percent
  FROM coverage WHERE wall_s >= $since_s GROUP BY day, run, wall_s
), by_day AS (
  SELECT day, count(*) AS runs, 100.0 * count(*) FILTER (conclusion = 'passed') / count(*) AS passed_percent,
         median(duration_s) AS median_s
  FROM runs WHERE wall_s >= $since_s AND if($job = '', command <> 'test', run IN (SELECT run FROM asked)) GROUP BY day
)
SELECT strftime(by_day.day, '%Y-%m-%d') AS day, runs, passed_percent AS runs_passed_percent, median_s AS median_run_s,
       (SELECT median(passed + failed)::BIGINT FROM by_run WHERE by_run.day = by_day.day) AS tests,
       (SELECT 100.0 * sum(passed) / nullif(sum(passed + failed), 0) FROM by_run WHERE by_run.day = by_day.day)
         AS tests_passed_percent,
       (SELECT median(duration_s) FROM asked WHERE asked.day = by_day.day AND cached_from = '') AS median_test_job_s,
       (SELECT arg_max(percent, wall_s) FROM covered WHERE covered.day = by_day.day) AS coverage_percent
FROM by_day ORDER BY by_day.day DESC LIMIT $most
"""

RUNS = f"""
SELECT strftime(moment, '%Y-%m-%d %H:%M:%S') AS moment, run, conclusion, duration_s,
       (SELECT count(*) FROM jobs WHERE jobs.run = runs.run) AS jobs,
       (SELECT sum(measures['ran'])::BIGINT FROM jobs WHERE jobs.run = runs.run AND kind = 'test') AS tests,
       command, scope, branch, commit[:10] AS commit
FROM runs WHERE wall_s >= $since_s AND ($job = '' OR run IN (SELECT run FROM jobs WHERE {_OF_JOB}))
ORDER BY wall_s DESC, run DESC LIMIT $most
"""

TEST = f"""
SELECT strftime(moment, '%Y-%m-%d %H:%M:%S') AS moment, run, job, outcome, attempt, setup_s, call_s, teardown_s,
       message, test
FROM tests WHERE {_ASKED} AND (test = $test OR ends_with(test, $test))
ORDER BY wall_s DESC, run DESC, job, test, attempt LIMIT $most
"""

# METHODS §3.2: the median of the new points (ten at most) against the median of the twenty before, over
# max(4 MAD / sqrt(m), 4 %): suspected from three points on, confirmed at ten. `$least_s`: shorter tests are noise.
REGRESSED = f"""
WITH per_job AS (
  SELECT job, run, wall_s FROM jobs WHERE {_OF_JOB} AND {_COMPARED} AND kind = 'test' AND cached_from = ''
), near AS (
  SELECT job, run, wall_s >= $since_s AS new, CASE WHEN wall_s >= $since_s
           THEN row_number() OVER (PARTITION BY job, wall_s >= $since_s ORDER BY wall_s)
           ELSE row_number() OVER (PARTITION BY job, wall_s >= $since_s ORDER BY wall_s DESC) END AS place
  FROM per_job
), points AS (
  SELECT job, test, new, setup_s + call_s + teardown_s AS seconds
  FROM tests JOIN near USING (job, run)
  WHERE place <= CASE WHEN new THEN 10 ELSE 20 END AND outcome = 'passed' AND attempt = 1
), compared AS (
  SELECT job, test, median(seconds) FILTER (NOT new) AS before_s, median(seconds) FILTER (new) AS after_s,
         mad(seconds) FILTER (NOT new) AS mad_s, count(*) FILTER (new) AS points, count(*) FILTER (NOT new) AS earlier
  FROM points GROUP BY job, test
)
SELECT after_s / before_s AS ratio, before_s, after_s, points,
       CASE WHEN points >= 10 THEN 'confirmed' ELSE 'suspected' END AS status, job, test
FROM compared
WHERE points >= 3 AND earlier >= 5 AND after_s >= $least_s
  AND after_s - before_s > greatest(4 * mad_s / sqrt(points), 0.04 * before_s)
ORDER BY after_s - before_s DESC, job, test LIMIT $most
"""

# When the last `$runs` runs began: `ask` sets `$since_s` by it, so that files of earlier ones are not opened. Those of
# `penstock test` do not push the pipeline's out; they are counted where its job is asked for, or there are no others.
LAST_RUNS = f"""
WITH since AS (SELECT wall_s, command = 'test' AS alone FROM runs WHERE wall_s >= $since_s)
SELECT coalesce(min(wall_s), 0.0)
FROM (SELECT wall_s FROM since
      WHERE alone = ($job = '{ALONE}' OR (SELECT bool_and(alone) FROM since)) ORDER BY wall_s DESC LIMIT $runs)
"""

# METHODS §3.3: flaky = pass and fail of the same code in the same environment (a job's key). Failures are counted on
# such code alone: a broken commit makes no test flaky. Score: the failure rate to expect, with its prior Beta(0.2, 20).
FLAKY = f"""
WITH suspects AS (
  SELECT DISTINCT test FROM tests WHERE {_ASKED} AND {_BAD}
), attempts AS (
  SELECT job, test, if(key = '', run, key) AS code, run, wall_s, attempt, {_GOOD} AS good, {_BAD} AS bad, message
  FROM tests JOIN suspects USING (test) WHERE {_ASKED} AND ({_GOOD} OR {_BAD})
), ends AS (
  SELECT job, test, code, run, count(*) AS tries, bool_or(good) AS good, bool_or(bad) AS bad,
         bool_or(bad AND attempt = 1) AS failed, max(wall_s) FILTER (bad) AS last_s,
         arg_max(message, attempt) FILTER (bad) AS message
  FROM attempts GROUP BY job, test, code, run
), codes AS (
  SELECT job, test, sum(tries) AS tries, count(*) AS runs, count(*) FILTER (failed) AS failures,
         bool_or(bad) AS contradiction, max(last_s) AS last_s, arg_max(message, last_s) AS message
  FROM ends GROUP BY job, test, code HAVING bool_or(good)
)
SELECT (0.2 + sum(failures)) / (20.2 + sum(runs)) AS score,
       sum(failures)::BIGINT AS failures, sum(runs)::BIGINT AS runs, sum(tries)::BIGINT AS tries,
       count(*) FILTER (contradiction) AS contradictions,
       strftime(make_timestamp((max(last_s) * 1e6)::BIGINT), '%Y-%m-%d %H:%M:%S') AS last_seen,
       string_agg(DISTINCT job, ', ' ORDER BY job) FILTER (contradiction) AS jobs, test,
       arg_max(message, last_s) AS message
FROM codes GROUP BY test HAVING bool_or(contradiction)
ORDER BY score DESC, test LIMIT $most
"""

# How often a test's end changes from one run to the next: what the contradiction label is better than, and cheap.
FLIPS = f"""
WITH suspects AS (
  SELECT DISTINCT job, test FROM tests WHERE {_ASKED} AND {_COMPARED} AND {_BAD}
), ends AS (
  SELECT job, test, run, min(wall_s) AS wall_s, bool_or({_BAD}) AS bad
  FROM tests JOIN suspects USING (job, test) WHERE {_ASKED} AND ({_GOOD} OR {_BAD}) GROUP BY job, test, run
), steps AS (
  SELECT job, test, bad <> lag(bad) OVER (PARTITION BY job, test ORDER BY wall_s, run) AS flipped FROM ends
)
SELECT avg(flipped::INT) AS flip_rate, count(*) AS runs, job, test
FROM steps GROUP BY job, test HAVING bool_or(flipped) ORDER BY flip_rate DESC, job, test LIMIT $most
"""
