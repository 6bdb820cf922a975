import pytest

pytest.importorskip("no_such_module_of_ours")


def test_never():
    pass
