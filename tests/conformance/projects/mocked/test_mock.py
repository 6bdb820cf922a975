import os

import pytest


@pytest.mark.parametrize("i", range(10))
def test_patched(mocker, i):
    fake = mocker.patch("os.getcwd", return_value="x")
    assert os.getcwd() == "x"
    fake.assert_called_once()


def test_restored():
    assert os.getcwd() != "x"


def test_asserts(mocker):
    mocker.stub().assert_called_once()


@pytest.fixture(scope="module")
def frozen(module_mocker):
    module_mocker.patch("os.getpid", return_value=-1)


def test_module_wide(frozen):
    assert os.getpid() == -1
