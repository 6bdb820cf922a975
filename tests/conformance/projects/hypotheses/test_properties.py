import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("k", range(10))
@given(st.integers())
def test_holds(k, x):
    assert x == x


@given(st.integers())
def test_does_not_hold(x):
    assert x < 1000


@settings(derandomize=True)
@given(st.lists(st.integers()))
def test_sorted(xs):
    assert sorted(xs) == xs


@given(st.text())
@settings(max_examples=20)
def test_health(tmp_path, text):
    pass
