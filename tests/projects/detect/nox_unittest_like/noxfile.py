from pathlib import Path

import nox

ROOT = Path(__file__).parent
PACKAGE = ROOT / "schemas"
PYPROJECT = ROOT / "pyproject.toml"
INSTALLABLE = [nox.param(value, id=name) for name, value in [("plain", str(ROOT)), ("format", f"{ROOT}[format]")]]
nox.options.sessions = []


def session(default=True, **kwargs):
    def decorate(function):
        if default:
            nox.options.sessions.append(function.__name__)
        return nox.session(**kwargs)(function)

    return decorate


@session(python=["3.11", "3.13"])
@nox.parametrize("installable", INSTALLABLE)
def tests(session, installable):
    env = dict(SCHEMA_SUITE=str(ROOT / "json"), HOME=unknown)
    session.install("--group=test", installable)
    if session.posargs and session.posargs[0] == "coverage":
        session.install("coverage[toml]")
        session.run("coverage", "run", "-m", "virtue", PACKAGE, env=env)
    else:
        session.run("virtue", *session.posargs, PACKAGE, env=env)


@session()
def style(session):
    session.install("ruff")
    session.run("ruff", "check", ROOT)


@session()
def typing(session):
    session.install("mypy", "types-requests", ROOT)
    session.run("mypy", "--config", PYPROJECT, PACKAGE)
