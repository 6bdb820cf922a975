from setuptools import setup

setup(name="selfish", packages=["selfish"], extras_require={"fast": ["orjson"]})
