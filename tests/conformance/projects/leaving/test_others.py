import pytest
from test_leaving import FOLDER, test_folder_is_still_there


@pytest.mark.parametrize("i", range(10))
def test_nothing(i):
    pass
