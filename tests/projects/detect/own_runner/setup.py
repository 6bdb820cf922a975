from setuptools import setup

NAME = "turbine"
TESTS = ["mock"]
setup(name=NAME, packages=["turbine", "turbine.test"], python_requires=">=3.11", extras_require={"dev": TESTS + ["black"]})
