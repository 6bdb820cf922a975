import warnings

warnings.warn("an old name", DeprecationWarning)
warnings.warn("of ours", UserWarning)


def test_one():
    warnings.warn("in a test", UserWarning)


def test_two():
    pass


def test_left_out():
    pass
