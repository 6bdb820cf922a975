from env_scm._version import __version__

__all__ = ["__version__"]
