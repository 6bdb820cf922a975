def test():
    from bits import test_bits
    return test_bits.run()
