import io

import pyarrow as pa
import pytest
from pyarrow import csv

T = pa.table({"a": list(range(20000)), "b": [i % 7 for i in range(20000)]})
T.group_by("b").aggregate([("a", "sum")])
csv.read_csv(io.BytesIO(b"a,b\n1,2\n" * 1000))


@pytest.mark.parametrize("i", range(6))
def test_groups(i):
    assert T.group_by("b").aggregate([("a", "sum")]).num_rows == 7
    csv.read_csv(io.BytesIO(b"a,b\n1,2\n" * 1000))
