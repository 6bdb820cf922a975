from test_seeds import TestOne, test_seeded
