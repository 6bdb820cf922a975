from setuptools import Extension, setup

setup(
    name="env-native",
    version="0.3",
    packages=["env_native"],
    ext_modules=[Extension("env_native._fast", ["env_native/_fast.c"])],
    install_requires=["iniconfig"],
    extras_require={"test": ["pytest"]},
)
