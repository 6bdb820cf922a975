from test_loop import LOOP, test_loop
