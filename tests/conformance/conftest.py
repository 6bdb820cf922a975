"""Checks of the conformance suite tell what differs, as test modules do."""

import pytest

pytest.register_assert_rewrite("tests.conformance.checks")
