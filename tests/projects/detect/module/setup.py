import sys
from setuptools import setup

if sys.version_info < (3,):
    sys.exit(1)
setup(name="texts", py_modules=["texts"], classifiers=["Programming Language :: Python :: 3.9"])
