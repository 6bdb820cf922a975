"""Rule I8: what the tests import and nothing answers, drawn from the place of the project that declares it.

Top-level imports of the test files, those under `if TYPE_CHECKING` and in `try: … except ImportError` left out, that
neither the standard library, the project nor the environment answers. A module that a declared place names is
installed; one that nothing declares is told, never guessed.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from penstock.value import Value

# Modules whose distribution has another name. Found in the 106 projects of the detection survey, or common knowledge.
DISTRIBUTIONS: Mapping[str, tuple[str, ...]] = {
    "yaml": ("pyyaml",), "bson": ("pymongo",), "PIL": ("pillow",), "dateutil": ("python-dateutil",),
    "bs4": ("beautifulsoup4",), "attr": ("attrs",), "jwt": ("pyjwt",), "socks": ("pysocks",),
    "tidylib": ("pytidylib",), "cv2": ("opencv-python", "opencv-python-headless"), "sklearn": ("scikit-learn",),
    "skimage": ("scikit-image",), "OpenSSL": ("pyopenssl",), "Crypto": ("pycryptodome",),
    "Cryptodome": ("pycryptodomex",), "git": ("gitpython",), "magic": ("python-magic",),
    "serial": ("pyserial",), "usb": ("pyusb",), "zmq": ("pyzmq",), "dotenv": ("python-dotenv",),
    "jose": ("python-jose",), "docx": ("python-docx",), "pptx": ("python-pptx",),
    "slugify": ("python-slugify",), "multipart": ("python-multipart", "multipart"),
    "google.protobuf": ("protobuf",), "pkg_resources": ("setuptools",), "setuptools": ("setuptools",),
    "MySQLdb": ("mysqlclient",), "psycopg2": ("psycopg2", "psycopg2-binary"), "ruamel": ("ruamel-yaml",),
    "flask_cors": ("flask-cors",), "rest_framework": ("djangorestframework",), "mpl_toolkits": ("matplotlib",),
    "pylab": ("matplotlib",), "win32api": ("pywin32",), "wx": ("wxpython",), "gi": ("pygobject",),
    "fitz": ("pymupdf",), "lz4": ("lz4",), "snappy": ("python-snappy",), "xdist": ("pytest-xdist",),
    "pytest_cov": ("pytest-cov",), "flask_sqlalchemy": ("flask-sqlalchemy",), "faker": ("faker",),
    "_pytest": ("pytest",), "py": ("pytest", "py"), "pep8ext_naming": ("pep8-naming",),
    "markdown": ("markdown",), "jinja2": ("jinja2",),
}  # fmt: skip
# In the standard library of some supported Python, though perhaps not of the one that runs penstock.
_STANDARD_ONCE = frozenset(
    {
        "_bootlocale", "aifc", "asynchat", "asyncore", "audioop", "binhex", "cgi", "cgitb", "chunk", "crypt",
        "distutils", "formatter", "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib",
        "ossaudiodev", "parser", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "symbol", "telnetlib", "test",
        "tomllib", "uu", "xdrlib", "annotationlib", "compression", "__main__", "concurrent",
    }
)  # fmt: skip
_IMPORT = re.compile(
    rb"^[ \t]*(?:import[ \t]+([\w.]+(?:[ \t]*(?:as[ \t]+\w+)?[ \t]*,[ \t]*[\w.]+)*)|from[ \t]+(\w[\w.]*)[ \t]+import)",
    re.MULTILINE,
)
_LARGEST = 2_000_000  # bytes; a larger test file is generated


class Missing(Value, frozen=True, kw_only=True):
    """A module that a test file imports and nothing answers. `place`: `path:line`."""

    module: str
    place: str


def missing(
    root: Path, test_files: Iterable[str], files: Collection[str], installed: Collection[str]
) -> tuple[Missing, ...]:
    """The unanswered top-level imports of the test files, each module once.

    `files`: the tree's paths; `installed`: top-level names that the environment's sys.path answers.
    """
    tests = tuple(test_files)
    answered = _own_names(tests, files) | set(installed) | sys.stdlib_module_names | _STANDARD_ONCE
    found: dict[str, Missing] = {}
    for name in tests:
        content = _read(root / name)
        if not (_candidates(content) - answered - found.keys()):
            continue
        for module, line in _hard_imports(content):
            if module not in answered and module not in found:
                found[module] = Missing(module=module, place=f"{name}:{line}")
    return tuple(found.values())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError:
        return b""


def _candidates(content: bytes) -> set[str]:
    """Top-level names in anything that looks like an import statement: quick, and never too few."""
    names: set[str] = set()
    for plain, origin in _IMPORT.findall(content):
        for part in (plain or origin).split(b","):
            names.add(part.split()[0].split(b".")[0].decode(errors="replace"))
    return names


def _own_names(tests: Iterable[str], files: Collection[str]) -> set[str]:
    """What the tree itself answers: names beside a test file or above it, at the root, in src, lib and python."""
    folders = {"", "src", "lib", "python"}
    for test in tests:
        folders.update("" if str(parent) == "." else str(parent) for parent in PurePosixPath(test).parents)
    names: set[str] = set()
    for name in files:
        if not name.endswith((".py", ".pyi", ".so", ".pyd", ".pyx")):
            continue
        parts = name.split("/")
        for depth in range(len(parts)):
            if "/".join(parts[:depth]) in folders:
                names.add(parts[depth].split(".", 1)[0])
    return names


def _hard_imports(content: bytes) -> Iterator[tuple[str, int]]:
    """(top-level module, line) of imports that the file cannot do without. A file that does not parse has none."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    yield from _imports_of(tree.body)


def _imports_of(body: Iterable[ast.stmt]) -> Iterator[tuple[str, int]]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module and not node.level:
                yield node.module.split(".")[0], node.lineno
        elif isinstance(node, ast.Try):
            yield from _imports_of([*(() if _is_guarded(node) else node.body), *node.orelse, *node.finalbody])
        elif isinstance(node, ast.With):
            yield from (() if _is_suppressing(node) else _imports_of(node.body))
        elif isinstance(node, ast.ClassDef):
            yield from _imports_of(node.body)


def _is_guarded(node: ast.Try) -> bool:
    names = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
    caught = [handler.type for handler in node.handlers]
    return any(
        kind is None or names & {part.id for part in ast.walk(kind) if isinstance(part, ast.Name)} for kind in caught
    )


def _is_suppressing(node: ast.With) -> bool:
    return any(
        "suppress" in ast.dump(item.context_expr) or "raises" in ast.dump(item.context_expr) for item in node.items
    )


def declared(module: str, fallbacks: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The fallback (requirement line, where it is declared) that names the module's distribution; None if none does.

    An exact name wins over one that only contains the module's (`pytest-mock` for `pytest_mock`, never `foo` for `f`).
    """
    wanted = {_normal(name) for name in (*DISTRIBUTIONS.get(module, ()), module)}
    for line, where in fallbacks:
        if _normal(re.split(r"[\s\[<>=!~;@(]", line.strip(), maxsplit=1)[0]) in wanted:
            return line, where
    return None


_MOST_EXTRAS = 12
_OTHER_WORK = re.compile(
    r"extra (?:docs?|documentation|lint\w*|dev\w*|all|full|complete|bench\w*|type\w*|release|build|ci)\b"
)


def of_extras(fallbacks: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The lines of the project's runtime extras, for modules that no declared name answers. None if they are many."""
    found = tuple(each for each in fallbacks if each[1].startswith("extra ") and not _OTHER_WORK.match(each[1]))
    return found if len(found) <= _MOST_EXTRAS else ()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
