def test_path():
    pass
