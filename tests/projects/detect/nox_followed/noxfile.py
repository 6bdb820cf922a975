import nox

PYTHONS = ["3.12", "3.13"]
REQUIREMENTS = ["pytest", "pytest-randomly"]


def install(session, *more):
    session.install(*REQUIREMENTS)
    session.install("-r", "requirements/mocks.txt")


@nox.session(python=PYTHONS)
def tests(session):
    install(session)
    session.install("-e", ".[all]")
    args = ["--import-mode=importlib"]
    args += session.posargs
    session.run("python", "-m", "pytest", *args, "tests", env={"RELAY": "1"})


@nox.session(default=False)
def bench(session):
    session.run("pytest", "bench")
