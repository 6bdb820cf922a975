"""How the adapters make their commands: which program, over which paths, with which of the project's own options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from penstock.model.plan import BIN, WORKSPACE, bin_of
from penstock.ports import ToolContext

# Whatever a tool remembers lies here, never in the user's tree. Ignored by git; kept between runs.
PRIVATE = f"{WORKSPACE}/.penstock/tools"
OURS = ".penstock"  # told to tools that would otherwise walk into our own folder


def program(context: ToolContext, name: str, *, dependencies: str = "") -> str:
    """The program's path: in the job's environment if the use names one, else in the tool's own.

    `dependencies`: the name of that own dependency set, if it is not the program's.
    """
    shared = context.use is not None and context.use.dependencies is not None
    return f"{BIN if shared else bin_of(dependencies or name)}/{name}"


def paths(context: ToolContext, default: Sequence[str]) -> tuple[str, ...]:
    """What to examine: declared, else as the project calls the tool, else `default`."""
    detected = context.use.paths if context.use is not None else ()
    return context.spec.paths or detected or tuple(default)


def spread(context: ToolContext, chosen: Sequence[str]) -> tuple[str, ...]:
    """`chosen` with "." spelled out as the top-level files and folders that hold Python.

    For tools that would walk into our own folder, and whose option against it would replace the project's own list of
    exclusions (flake8's and isort's do).
    """
    tops = dict.fromkeys(file.partition("/")[0] for file in sorted(context.files)) or packages(context)
    return tuple(dict.fromkeys(name for path in chosen for name in (tops if path in (".", "./") else (path,))))


def packages(context: ToolContext) -> tuple[str, ...]:
    """The project's packages, for tools that must be told; the whole folder where none is known."""
    return tuple(package.path for package in context.project.packages) or (".",)


def options(context: ToolContext, *, flags: Iterable[str] = (), valued: Iterable[str] = ()) -> tuple[str, ...]:
    """The project's and the job's own options, less those that would spoil the answer.

    `flags` stand alone (`--fix`: a check writes nothing; `--exit-zero`: a finding is a finding); `valued` take a value,
    behind "=" or as the next word (`--output-format json`: the report is ours to choose).
    """
    given = (*(context.use.args if context.use is not None else ()), *context.spec.args)
    flags, valued = frozenset(flags), frozenset(valued)
    kept: list[str] = []
    skip = False
    for word in given:
        if skip:
            skip = False
        elif word in valued:
            skip = True
        elif word not in flags and word.partition("=")[0] not in valued:
            kept.append(word)
    return tuple(kept)


def listed(context: ToolContext, chosen: Sequence[str], *, stubs: bool = True, hidden: bool = True) -> int:
    """How many Python files git lists in the chosen paths. `stubs`, `hidden`: whether the tool examines `.pyi` files,
    and what lies in folders whose names begin with a dot.
    """
    return len(inside(context, chosen, stubs=stubs, hidden=hidden))


def inside(context: ToolContext, chosen: Sequence[str], *, stubs: bool = True, hidden: bool = True) -> tuple[str, ...]:
    """The files that `listed` counts."""
    folders = tuple(path.rstrip("/").removeprefix("./") for path in chosen)
    below = () if not folders or "." in folders else tuple(f"{each}/" for each in folders)
    return tuple(
        file
        for file in context.files
        if (not below or file in folders or file.startswith(below))
        and (stubs or not file.endswith(".pyi"))
        and (hidden or not f"/{file}".count("/."))
    )


_LEAVE_OUT = frozenset(
    {"--exclude", "--extend-exclude", "--force-exclude", "--include", "--filename", "-x", "-e", "-i"}
    | {"--ignore-paths", "--ignore-patterns", "--skip-glob", "--extend-skip", "--extend-skip-glob", "--gitignore"}
    | {"--skip-gitignore", "--sg"}
)


def leaves_out(context: ToolContext, *more: str) -> bool:
    """Whether the tool was told to pass over files: by its configuration, or by an option.

    `more`: options that say so to this tool, and something else to others.
    """
    given = (*(context.use.args if context.use is not None else ()), *context.spec.args)
    told = any(word.partition("=")[0] in _LEAVE_OUT or word.partition("=")[0] in more for word in given)
    return told or bool(context.use is not None and context.use.excludes)


def version(context: ToolContext, requirement: str) -> str:
    """The exact version that is planned, "" if the project's specifier leaves it open."""
    wanted = context.use.version if context.use is not None and context.use.version else requirement
    _, separator, exact = wanted.partition("==")
    return exact if separator and "," not in exact and "*" not in exact else ""
