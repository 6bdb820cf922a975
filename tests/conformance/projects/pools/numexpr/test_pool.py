import numexpr as ne
import numpy as np
import pytest

A = np.arange(2e6)
ne.evaluate("A * 2 + 1")


@pytest.mark.parametrize("i", range(6))
def test_evaluates(i):
    assert ne.evaluate("A * 2 + 1", local_dict={"A": A})[1] == 3
