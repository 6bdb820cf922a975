import os


def test_good():
    pass


def test_last_of_all():
    os._exit(0)
