import random
import uuid

import pytest


@pytest.mark.parametrize("i", range(10))
def test_more(i):
    pass
