"""What can be wrong with a run: docs/reference/troubleshooting.md, and what `penstock explain E202` prints.

Problems of the configuration (Cxxx) have a table of their own in `load.codes`. The first entry whose words fit is
taken, so what says more comes first.
"""

from penstock.report.troubles.before import BEFORE
from penstock.report.troubles.ends import ENDS
from penstock.report.troubles.host import HOST
from penstock.report.troubles.stops import STOPS
from penstock.report.troubles.tests import TESTS

TROUBLES = (*BEFORE, *ENDS, *TESTS, *HOST, *STOPS)
