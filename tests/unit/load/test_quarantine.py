import pytest

from penstock.errors import ConfigurationError
from penstock.load.locate import Locator
from penstock.load.parse import parse
from penstock.model.pipeline import Pipeline, Quarantine

ENTRY = """
[[quarantine]]
test = "tests/test_pool.py::test_close"
owner = "ops"
reason = "issue 12"
until = {until}
"""


def read(text: str) -> Pipeline:
    import tomllib

    return parse(tomllib.loads(text), Locator(text, "penstock.toml"))


def codes(text: str) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return [(problem.code, str(problem.place).partition(":")[2]) for problem in caught.value.problems]


@pytest.mark.parametrize("until", ["2027-03-01", '"2027-03-01"'])
def test_an_entry_names_the_test_its_owner_the_reason_and_the_last_day(until: str) -> None:
    (entry,) = read(ENTRY.format(until=until)).quarantine
    assert (entry.test, entry.owner, entry.reason) == ("tests/test_pool.py::test_close", "ops", "issue 12")
    assert entry.until == "2027-03-01"
    assert entry.place is not None
    assert entry.place.line == 2


def test_every_key_is_required_and_every_problem_is_told() -> None:
    assert codes("quarantine = [{ test = '*', owner = 'x', until = 'soon' }]") == [
        ("C105", "1:15"),
        ("C103", "1:24"),
        ("C103", "1:50"),
    ]


def test_it_is_a_list_of_tables_and_no_test_stands_in_it_twice() -> None:
    assert codes("quarantine = { test = 'x' }") == [("C102", "1:14")]
    assert codes("quarantine = ['x']") == [("C102", "1:15")]
    assert [code for code, _ in codes(ENTRY.format(until="2027-03-01") * 2)] == ["C110"]


def test_the_digest_depends_on_the_entries_and_not_on_their_lines() -> None:
    first, moved = ENTRY.format(until="2027-03-01"), "\n\n" + ENTRY.format(until="2027-03-01")
    assert read(first).digest == read(moved).digest
    assert read(first).digest != read(ENTRY.format(until="2027-03-02")).digest != read("").digest


def test_an_entry_covers_a_test_with_any_parameters() -> None:
    entry = Quarantine(test="t.py::test_x", owner="o", reason="r", until="2027-03-01")
    assert entry.covers("t.py::test_x[1]")
    assert not entry.covers("t.py::test_y")


@pytest.mark.parametrize(("value", "retries"), [('"auto"', None), ("0", 0), ("5", 5)])
def test_retries_are_a_number_or_left_to_the_policy(value: str, retries: int | None) -> None:
    (job,) = read(f"jobs = {{ unit = {{ test = true, retries = {value} }} }}").jobs or ()
    assert job.retries == retries


def test_what_only_the_pytest_runner_keeps_is_refused_for_unittest() -> None:
    text = "jobs = {{ unit = {{ test = true, runner = 'unittest', {} }} }}"
    assert [code for code, _ in codes(text.format("test_timeout = '2m', retries = 2"))] == ["C212", "C212"]
    assert codes("jobs = { unit = { test = true, retries = 6 } }") == [("C103", "1:42")]
