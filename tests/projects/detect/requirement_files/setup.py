from setuptools import find_packages, setup

setup(name="dict-like", packages=find_packages(), python_requires=">=3.9")
