from pathlib import Path

from setuptools import setup

lines = (Path(__file__).parent / "needs.txt").read_text().split()
setup(name="env-dynamic", version="1", py_modules=["env_dynamic"], install_requires=lines, extras_require={"test": lines[:1]})
