from test_clocks import far_away, test_freezegun, test_frozen_over_the_report, test_time_machine
