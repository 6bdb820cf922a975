import mill


def test_turns():
    assert mill.turns(4) == 8
