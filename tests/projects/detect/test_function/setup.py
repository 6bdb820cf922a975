from setuptools import Extension, setup

kwds = {}
kwds["version"] = open("VERSION").read()
setup(
    name="bits",
    packages=["bits"],
    python_requires=">=3.8",
    ext_modules=[Extension("bits._bits", ["bits/_bits.c"])],
    **kwds,
)
