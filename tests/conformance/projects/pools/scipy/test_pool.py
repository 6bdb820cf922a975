import numpy as np
import pytest
import scipy.fft
import scipy.linalg

A = np.random.rand(500, 500)
scipy.linalg.lu(A)
scipy.fft.fft2(A, workers=2)


@pytest.mark.parametrize("i", range(6))
def test_factors(i):
    scipy.linalg.lu(A)
    scipy.fft.fft2(A, workers=2)
