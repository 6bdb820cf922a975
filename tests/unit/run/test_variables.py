from __future__ import annotations

from penstock.run.variables import keyed, named_but_withheld, of_job, passed

OUTSIDE = {
    "PATH": "/bin",
    "HOME": "/home/x",
    "LANG": "de_DE.UTF-8",
    "LC_ALL": "C",
    "TZ": "UTC",
    "https_proxy": "p",
    "PIP_INDEX_URL": "i",
    "UV_INDEX_INTERNAL_USERNAME": "u",
    "AWS_SECRET_ACCESS_KEY": "s",
    "PYTHONPATH": "/x",
    "VIRTUAL_ENV": "/other",
    "DATABASE_URL": "d",
    "PATHX": "n",
    "XPATH": "n",
}


def variables(**fields: object) -> dict[str, str]:
    how: dict[str, object] = {
        "scripts": "/env/bin",
        "virtual_environment": "/env",
        "temporary": "/tmp/j",
        "declared": (),
        "own": {},
    }
    return dict(of_job(OUTSIDE, **(how | fields)))  # type: ignore[arg-type]  # of their own types


def test_only_what_is_listed_gets_in() -> None:
    assert set(passed(OUTSIDE)) == {
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "https_proxy", "PIP_INDEX_URL", "UV_INDEX_INTERNAL_USERNAME",
    }  # fmt: skip


def test_what_changes_what_programs_print_is_part_of_the_key() -> None:
    assert keyed(OUTSIDE) == {"LANG": "de_DE.UTF-8", "LC_ALL": "C", "TZ": "UTC"}


def test_the_environment_comes_first_and_the_temporary_folder_is_the_jobs_own() -> None:
    made = variables()
    assert (made["PATH"], made["VIRTUAL_ENV"], made["TMPDIR"]) == ("/env/bin:/bin", "/env", "/tmp/j")
    bare = variables(scripts=None, virtual_environment=None)
    assert bare["PATH"] == "/bin"
    assert "VIRTUAL_ENV" not in bare


def test_what_is_declared_overrules_and_what_penstock_needs_overrules_that() -> None:
    made = variables(declared=(("HOME", "/declared"), ("A", "1"), ("A", "2"), ("P", "theirs")), own={"P": "ours"})
    assert (made["HOME"], made["A"], made["P"]) == ("/declared", "2", "ours")


def test_without_any_surroundings_a_job_still_finds_programs_and_speaks_utf_8() -> None:
    made = dict(of_job({}, scripts="/env/bin", virtual_environment=None, temporary="/t", declared=(), own={}))
    assert made["PATH"] == "/env/bin:/usr/bin:/bin"
    assert made["LANG"] == "C.UTF-8"


def test_a_job_that_inherits_gets_everything_with_the_callers_own_temporary_folder() -> None:
    made = variables(scripts=None, virtual_environment=None, inherits=True, declared=(("TZ", "x"),), own={"P": "ours"})
    assert made == {**OUTSIDE, "TZ": "x", "P": "ours"}


def test_withheld_variables_are_found_as_whole_words() -> None:
    output = b"KeyError: 'DATABASE_URL' \xff\x00 AWS_SECRET_ACCESS_KEYS HOME"
    assert named_but_withheld(OUTSIDE, passed(OUTSIDE), output) == ("DATABASE_URL",)
    assert named_but_withheld(OUTSIDE, OUTSIDE, output) == ()
    assert named_but_withheld({}, {}, b"") == ()
