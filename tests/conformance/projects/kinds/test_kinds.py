"""Every way in which a test can end."""

import sys

import pytest


def test_passes():
    pass


def test_fails():
    assert [1, 2] == [1, 3]


def test_raises():
    {}["x"]


def test_own_type():
    class Burst(Exception):
        pass

    raise Burst("pipe")


def test_group():
    pytest.fail("said so")


def test_silent():
    pytest.fail("no trace", pytrace=False)


def test_leaves():
    sys.exit(0)


def test_leaves_badly():
    sys.exit("gone")


def test_generator_exit():
    raise GeneratorExit


def test_skips():
    pytest.skip("later")


@pytest.mark.skipif(True, reason="never")
def test_skipped():
    pass


@pytest.mark.xfail(reason="known")
def test_xfails():
    assert False


@pytest.mark.xfail(reason="known")
def test_xpasses():
    pass


@pytest.mark.xfail(strict=True)
def test_strict():
    pass


@pytest.mark.xfail(raises=KeyError)
def test_other_type():
    raise ValueError


@pytest.mark.xfail(run=False)
def test_not_run():
    raise AssertionError


def test_imperative():
    pytest.xfail("now")


@pytest.fixture
def fails_up():
    raise RuntimeError("up")


@pytest.fixture
def fails_down():
    yield
    raise RuntimeError("down")


@pytest.fixture
def skips_up():
    pytest.skip("no server")


def test_fails_up(fails_up):
    pass


def test_fails_down(fails_down):
    pass


def test_fails_and_fails_down(fails_down):
    assert False


def test_skips_up(skips_up):
    pass


def test_unknown_fixture(nowhere):
    pass


def test_recursion():
    def f():
        f()

    f()


def test_long_chain():
    try:
        raise ValueError("inner")
    except ValueError as error:
        raise TypeError("outer") from error


class Odd:
    def __repr__(self):
        raise RuntimeError("no repr")


def test_bad_repr():
    odd = Odd()
    assert odd == 1


def test_unicode():
    assert "\udc80" == "ü\x00"


@pytest.mark.parametrize("i", [])
def test_empty(i):
    pass
