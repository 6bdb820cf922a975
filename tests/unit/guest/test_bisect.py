import pytest

from penstock.guest.penstock_bisect import next_list, shortest

TESTS = tuple(f"t.py::test_{number}" for number in range(200))


def search(culprits: set[str], tests: tuple[str, ...] = TESTS, most: int = 1000) -> tuple[tuple[str, ...], int]:
    """What is found, and after how many tries, where a test fails behind all of `culprits`."""
    answers: dict[tuple[str, ...], bool] = {}
    while (tried := next_list(tests, answers, most)) is not None:
        answers[tried] = culprits <= set(tried)
    return shortest(tests, answers), len(answers)


@pytest.mark.parametrize("number", [0, 1, 77, 198, 199])
def test_one_culprit_is_found_by_halving(number: int) -> None:
    found, tries = search({TESTS[number]})
    assert found == (TESTS[number],)
    assert tries <= 16


def test_culprits_that_only_disturb_together_are_found() -> None:
    assert search({TESTS[3], TESTS[150]})[0] == (TESTS[3], TESTS[150])


def test_what_no_list_reproduces_ends_with_all_of_them() -> None:
    answers: dict[tuple[str, ...], bool] = {}
    while (tried := next_list(TESTS[:8], answers)) is not None:
        answers[tried] = False
    assert shortest(TESTS[:8], answers) == TESTS[:8]


def test_the_number_of_tries_is_bounded() -> None:
    found, tries = search({TESTS[3], TESTS[70], TESTS[150]}, most=12)
    assert tries == 12
    assert {TESTS[3], TESTS[70], TESTS[150]} <= set(found)


@pytest.mark.parametrize("tests", [(), TESTS[:1]])
def test_there_is_nothing_to_try_for_one_predecessor_or_none(tests: tuple[str, ...]) -> None:
    assert next_list(tests, {}) is None
    assert shortest(tests, {}) == tests
