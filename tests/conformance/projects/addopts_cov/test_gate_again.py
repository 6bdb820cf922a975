import subprocess
import sys

from test_gate import test_gate


def test_in_a_process():
    subprocess.run([sys.executable, "-c", "import gate; gate.gate(3)"], check=True)
