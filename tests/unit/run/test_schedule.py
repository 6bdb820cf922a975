import pytest

from penstock.run.schedule import Schedule, Task


def task(name: str, *needs: str, cpus: int = 1, estimate_s: float = 1.0, patient: bool = False) -> Task:
    return Task(id=name, needs=needs, cpus=cpus, estimate_s=estimate_s, patient=patient)


def ready(schedule: Schedule) -> list[str]:
    return [found.id for found in schedule.ready()]


def start(schedule: Schedule) -> list[str]:
    started = []
    for found in schedule.ready():
        schedule.started(found.id)
        started.append(found.id)
    return started


def test_nothing_to_do_is_done() -> None:
    assert Schedule((), 1).done


def test_longest_remaining_path_starts_first() -> None:
    tasks = (
        task("lint", estimate_s=5),
        task("wheel", estimate_s=1),
        task("environment", "wheel", estimate_s=1),
        task("unit", "environment", estimate_s=4),
        task("docs", estimate_s=2),
    )
    schedule = Schedule(tasks, 2)
    assert start(schedule) == ["wheel", "lint"]
    assert schedule.ended("wheel", ok=True) == []
    assert start(schedule) == ["environment"]
    assert schedule.running == ("environment", "lint")


def test_equal_paths_keep_the_given_order() -> None:
    assert start(Schedule((task("b"), task("a"), task("c")), 3)) == ["b", "a", "c"]


def test_asking_again_offers_the_same_until_it_is_started() -> None:
    schedule = Schedule((task("a"), task("b"), task("c")), 2)
    assert ready(schedule) == ready(schedule) == ["a", "b"]
    assert start(schedule) == ["a", "b"]
    assert ready(schedule) == []


def test_small_tasks_go_past_a_wide_one_that_does_not_fit() -> None:
    tasks = (task("wide", cpus=3, estimate_s=9), task("one", estimate_s=2), task("two", estimate_s=1))
    schedule = Schedule((*tasks, task("first", estimate_s=20)), 3)
    assert start(schedule) == ["first", "one", "two"]
    for name in ("first", "one", "two"):
        schedule.ended(name, ok=True)
    assert start(schedule) == ["wide"]


def test_task_wider_than_the_machine_gets_all_of_it() -> None:
    schedule = Schedule((task("wide", cpus=99), task("one")), 2)
    assert start(schedule) == ["wide"]
    schedule.ended("wide", ok=True)
    assert start(schedule) == ["one"]


def test_failure_skips_all_that_stands_on_it_and_names_the_nearest_cause() -> None:
    tasks = (task("unit"), task("lint"), task("integ", "unit", "lint"), task("deploy", "integ"), task("other", "lint"))
    schedule = Schedule(tasks, 2)
    start(schedule)
    assert schedule.ended("unit", ok=False) == [("integ", "needs unit"), ("deploy", "needs integ")]
    assert schedule.ended("lint", ok=False) == [("other", "needs lint")]
    assert schedule.done


def test_cancelling_leaves_the_running_ones() -> None:
    schedule = Schedule((task("a"), task("b"), task("c", "a")), 1)
    assert start(schedule) == ["a"]
    assert schedule.cancel_pending("interrupted") == ["b", "c"]
    assert schedule.running == ("a",)
    assert ready(schedule) == []
    assert schedule.ended("a", ok=True) == []
    assert ready(schedule) == []
    assert schedule.done
    assert schedule.cancel_pending("again") == []


def test_what_is_cancelled_while_the_ready_ones_are_started_is_not_offered() -> None:
    schedule = Schedule((task("a"), task("b"), task("c")), 3)
    offered = []
    for found in schedule.ready():
        schedule.started(found.id)
        offered.append(found.id)
        schedule.ended(found.id, ok=False)
        schedule.cancel_pending("-x")
    assert offered == ["a"]
    assert schedule.done


def test_task_that_ends_at_once_makes_room_in_the_same_pass() -> None:
    schedule = Schedule((task("a"), task("b", "a"), task("c")), 1)
    offered = []
    for found in schedule.ready():
        schedule.started(found.id)
        offered.append(found.id)
        schedule.ended(found.id, ok=True)
    assert offered == ["a", "b", "c"]


def test_needs_said_twice_count_once() -> None:
    schedule = Schedule((task("a"), task("b", "a", "a")), 1)
    start(schedule)
    schedule.ended("a", ok=True)
    assert start(schedule) == ["b"]


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ((task("a"), task("a")), "two tasks have the same id"),
        ((task("a", "b"),), "a needs b, which is no task"),
        ((task("a", "b"), task("b", "a"), task("c")), "tasks need each other: a, b"),
    ],
)
def test_impossible_tasks(tasks: tuple[Task, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Schedule(tasks, 1)


def test_wrong_steps_are_refused() -> None:
    schedule = Schedule((task("a"), task("b", "a"), task("c")), 1)
    with pytest.raises(ValueError, match="b cannot start now"):
        schedule.started("b")
    schedule.started("a")
    for name in ("a", "c"):
        with pytest.raises(ValueError, match="cannot start now"):
            schedule.started(name)
    with pytest.raises(ValueError, match="c is not running"):
        schedule.ended("c", ok=True)


def test_one_patient_task_runs_in_the_background_while_every_cpu_is_taken() -> None:
    tasks = (task("unit", estimate_s=9), task("lint", estimate_s=1, patient=True), task("types", patient=True))
    schedule = Schedule((*tasks, task("docs", estimate_s=2)), 1)
    assert start(schedule) == ["unit", "lint"]
    assert (schedule.in_background("unit"), schedule.in_background("lint")) == (False, True)
    schedule.ended("lint", ok=True)
    assert start(schedule) == ["types"]
    schedule.ended("unit", ok=True)
    assert start(schedule) == ["docs"]
    schedule.ended("docs", ok=True)
    assert schedule.running == ("types",)
    schedule.ended("types", ok=True)
    assert schedule.done


def test_a_patient_task_takes_a_free_cpu_like_any_other() -> None:
    schedule = Schedule((task("unit", estimate_s=9), task("lint", patient=True)), 2)
    assert start(schedule) == ["unit", "lint"]
    assert not schedule.in_background("lint")


def test_nothing_runs_beside_what_asks_for_several_cpus() -> None:
    schedule = Schedule((task("measure", cpus=2, estimate_s=9), task("lint", patient=True)), 2)
    assert start(schedule) == ["measure"]
    with pytest.raises(ValueError, match="cannot start"):
        schedule.started("lint")


def test_a_patient_task_waits_for_its_needs() -> None:
    tasks = (task("unit", estimate_s=9), task("environment", patient=True), task("lint", "environment", patient=True))
    schedule = Schedule(tasks, 1)
    assert start(schedule) == ["unit", "environment"]
    assert schedule.ended("environment", ok=False) == [("lint", "needs environment")]
    assert start(schedule) == []


def test_what_does_not_fit_into_the_memory_beside_the_others_waits() -> None:
    tasks = (
        Task(id="a", memory_bytes=6, estimate_s=9),
        Task(id="b", memory_bytes=5, estimate_s=8),
        Task(id="c", memory_bytes=2, estimate_s=7),
        Task(id="d", estimate_s=1),
    )
    schedule = Schedule(tasks, 4, memory_bytes=8)
    assert start(schedule) == ["a", "c", "d"]
    with pytest.raises(ValueError, match="b cannot start now"):
        schedule.started("b")
    schedule.ended("d", ok=True)
    assert start(schedule) == []
    schedule.ended("a", ok=True)
    assert start(schedule) == ["b"]


def test_gpus_are_handed_out_one_by_one() -> None:
    schedule = Schedule(tuple(Task(id=name, gpus=1) for name in "abc"), 8, gpus=2)
    assert start(schedule) == ["a", "b"]
    schedule.ended("a", ok=False)
    assert start(schedule) == ["c"]


def test_an_offer_that_is_not_taken_keeps_its_memory_in_that_pass() -> None:
    schedule = Schedule((Task(id="a", memory_bytes=6, estimate_s=2), Task(id="b", memory_bytes=6)), 4, memory_bytes=8)
    assert ready(schedule) == ["a"]


def test_more_than_there_is_counts_as_all_of_it() -> None:
    schedule = Schedule((Task(id="a", memory_bytes=99, gpus=9, cpus=9), Task(id="b")), 2, memory_bytes=8, gpus=1)
    assert start(schedule) == ["a"]
    schedule.ended("a", ok=True)
    assert start(schedule) == ["b"]
