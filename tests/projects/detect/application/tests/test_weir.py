import weir


def test_height() -> None:
    assert weir.HEIGHT == 1
