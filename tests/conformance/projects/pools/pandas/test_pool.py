import numpy as np
import pandas as pd
import pytest

D = pd.DataFrame(np.random.rand(20000, 4))
D.dot(D.T.iloc[:, :50])


@pytest.mark.parametrize("i", range(6))
def test_groups(i):
    D.groupby((D[0] * 5).astype(int)).sum()
    D.dot(D.T.iloc[:, :50])
