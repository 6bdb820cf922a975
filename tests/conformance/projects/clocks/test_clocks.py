import datetime
import time

import pytest


@pytest.mark.parametrize("i", range(6))
def test_freezegun(i):
    from freezegun import freeze_time

    with freeze_time("2012-01-01"):
        assert datetime.datetime.now().year == 2012
        time.time()


@pytest.mark.parametrize("i", range(6))
def test_time_machine(i):
    import time_machine

    with time_machine.travel("1985-10-26", tick=False):
        assert datetime.date.today().year == 1985


def test_stays_frozen():
    from freezegun import freeze_time

    freezer = freeze_time("2031-05-01")
    freezer.start()
    try:
        assert time.time() > 1.9e9
    finally:
        freezer.stop()


@pytest.fixture
def far_away():
    from freezegun import freeze_time

    with freeze_time("1999-12-31"):
        yield


def test_frozen_over_the_report(far_away):
    assert datetime.date.today().year == 1999


def test_runs_again():
    assert datetime.date.today().year > 2020
