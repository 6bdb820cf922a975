import polars as pl
import pytest

D = pl.DataFrame({"a": list(range(20000)), "b": [i % 7 for i in range(20000)]})
D.lazy().group_by("b").agg(pl.col("a").sum()).collect()


@pytest.mark.parametrize("i", range(6))
def test_groups(i):
    assert D.lazy().group_by("b").agg(pl.col("a").sum()).sort("b").collect().height == 7
