import env_native


def test_answer():
    assert env_native.answer() == 42
