import os

import pytest


@pytest.mark.parametrize("i", range(6))
def test_variable(i):
    assert os.environ["FLOW"] == "low"
    assert os.environ["KEPT"] == "default"
