from __future__ import annotations

from collections.abc import Mapping

from penstock.model.snapshot import Package
from penstock.run.environment.layout import Layout, match
from tests import builders


def layout(contents: Mapping[str, str], files: Mapping[str, str], *packages: Package) -> Layout:
    project = builders.project(packages=packages or (Package(name="demo", path="src/demo"),))
    return match(contents, files.keys(), project, lambda name, sha: files[name] == sha)


def test_a_pure_package_is_tested_where_it_lies() -> None:
    found = layout({"demo/__init__.py": "a", "demo/x.json": "b"}, {"src/demo/__init__.py": "a", "src/demo/x.json": "z"})
    assert found == Layout(mode="live", roots=("src",))


def test_an_extension_is_laid_over_a_copy_even_if_one_of_another_build_lies_in_the_tree() -> None:
    contents = {"demo/__init__.py": "a", "demo/_x.cpython-312-x86_64-linux-gnu.so": "b"}
    for files in (
        {"demo/__init__.py": "a"},
        {"demo/__init__.py": "a", "demo/_x.cpython-312-x86_64-linux-gnu.so": "old"},
    ):
        found = layout(contents, files, Package(name="demo", path="demo"))
        assert found.mode == "overlay"
        assert found.native
        assert found.generated == (("demo/_x.cpython-312-x86_64-linux-gnu.so",) * 2,)


def test_a_generated_version_file_is_laid_over() -> None:
    found = layout({"demo/__init__.py": "a", "demo/_version.py": "v"}, {"src/demo/__init__.py": "a"})
    assert (found.mode, found.generated) == ("overlay", (("demo/_version.py", "src/demo/_version.py"),))


def test_a_version_file_in_the_tree_may_differ_other_code_may_not() -> None:
    tree = {"src/demo/__init__.py": "a", "src/demo/_version.py": "git"}
    assert layout({"demo/__init__.py": "a", "demo/_version.py": "1.2"}, tree).mode == "live"
    assert layout({"demo/__init__.py": "changed by the build"}, tree).mode == "whole"


def test_a_package_that_is_mapped_elsewhere_is_installed_whole() -> None:
    assert layout({"demo/__init__.py": "a"}, {"code/__init__.py": "a"}).mode == "whole"


def test_a_namespace_and_a_module_may_have_two_roots() -> None:
    contents = {"corp/part/__init__.py": "a", "single.py": "b"}
    files = {"src/corp/part/__init__.py": "a", "lib/single.py": "b"}
    found = layout(contents, files, Package(name="corp", path="src/corp"), Package(name="single", path="lib/single.py"))
    assert found.mode == "live"
    assert set(found.roots) == {"src", "lib"}


def test_code_compiled_from_its_own_python_files_is_seen() -> None:
    contents = {"demo/__init__.py": "a", "demo/fast.py": "b", "demo/fast.cpython-312-x86_64-linux-gnu.so": "c"}
    files = {"src/demo/__init__.py": "a", "src/demo/fast.py": "b"}
    assert layout(contents, files).compiled_sources
