from importlib.metadata import version

import env_src


def test_version():
    assert version("env-src") == "1.2"
    assert env_src.ANSWER == 42
