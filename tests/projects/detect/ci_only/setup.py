from setuptools import setup

setup(name="seen", packages=["seen"])
