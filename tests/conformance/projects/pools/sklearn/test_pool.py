import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingRegressor

X = np.random.rand(3000, 5)
HistGradientBoostingRegressor(max_iter=3).fit(X, X[:, 0])


@pytest.mark.parametrize("i", range(6))
def test_fits(i):
    HistGradientBoostingRegressor(max_iter=3).fit(X, X[:, 0])
    KMeans(3, n_init=1).fit(X)
