from setuptools import setup

setup(name="rested", packages=["rested"])
