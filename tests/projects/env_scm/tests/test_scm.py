from env_scm import __version__


def test_version():
    assert __version__
