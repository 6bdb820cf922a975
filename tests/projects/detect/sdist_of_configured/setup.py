from setuptools import setup
from about import everything

setup(**everything())
