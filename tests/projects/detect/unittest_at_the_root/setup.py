from setuptools import setup

setup(name="clockwork", py_modules=["clockwork"], tests_require=["pytz"])
