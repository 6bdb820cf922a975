import app


def test_app():
    assert app.ANSWER == 42
