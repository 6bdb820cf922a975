import duckdb
import pytest

C = duckdb.connect()
C.sql("select sum(i) from range(3000000) t(i)").fetchall()


@pytest.mark.parametrize("i", range(6))
def test_sums(i):
    assert C.sql("select count(*), sum(i) from range(3000000) t(i) group by i % 3").fetchall()
