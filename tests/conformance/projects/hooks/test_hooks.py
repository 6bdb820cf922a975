import pytest


@pytest.mark.only_high
def test_only_high():
    pass


def test_refused():
    raise AssertionError


def test_hook_fails():
    pass


def test_turned():
    raise AssertionError("the hook says passed")


@pytest.mark.parametrize("i", range(4))
def test_special(i):
    assert i != 2


def test_flow(flow):
    pass


def test_property(record_property, record_testsuite_property):
    record_property("head", 12.5)
    record_testsuite_property("river", "Rhine")


def test_option(request):
    assert request.config.getini("colour") == "grey"
