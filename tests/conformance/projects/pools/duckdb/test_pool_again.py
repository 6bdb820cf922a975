from test_pool import *
