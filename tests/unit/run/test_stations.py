from __future__ import annotations

from pathlib import Path

import pytest

from penstock.model.pipeline import CacheFolder, JobKind, Secret
from penstock.model.plan import Binding, Job
from penstock.run import folder
from penstock.run.environment.spec import SourceKeys, Tree
from penstock.run.preparation import Prepared
from penstock.run.secrets import Secrets
from penstock.run.stations import Stations
from tests import builders
from tests.builders import job
from tests.fakes.clock import FakeClock
from tests.fakes.processes import FakeProcesses


@pytest.fixture
def stations(tmp_path: Path) -> Stations:
    root = tmp_path / "tree"
    (root / "src").mkdir(parents=True)
    (root / "src/a.py").write_text("1")
    (root / "secret").write_text("no part of the project")
    (tmp_path / "temporary").mkdir()
    return Stations(
        folder=folder.create(tmp_path / "state", FakeClock()),
        tree=Tree(
            root=str(root),
            state=str(tmp_path / "state"),
            uv="/uv",
            project=builders.project(),
            git=builders.git(),
            files={"src/a.py": "digest"},
            keys=SourceKeys(install="i", native="n", sources="s"),
        ),
        bindings={"x": Binding(job="x", interpreter="/pythons/3.12")},
        environ={},
        processes=FakeProcesses(),
        temporary=tmp_path / "temporary",
        guest=Path("/guest"),
        own_python="/own",
        echo=True,
    )


def prepared(name: str, **fields: object) -> Prepared:
    place = f"/envs/{name}"
    made = {"folder": place, "python": f"{place}/bin/python", "scripts": f"{place}/bin"} | fields
    return Prepared(id=name, ok=True, **made)  # type: ignore[arg-type]  # of their own types


def test_a_job_without_an_environment_gets_the_interpreter_of_its_leg(stations: Stations) -> None:
    station = stations.of(job("x"), {})
    assert (station.python, station.scripts, station.virtual_environment) == ("/pythons/3.12", None, None)
    assert station.workspace == station.root == stations.tree.root
    assert (station.guest, station.uv, station.own_python, station.echo) == ("/guest", "/uv", "/own", True)


def test_the_main_environment_and_the_tools_own_are_told_apart(stations: Stations) -> None:
    environments = {
        "3.12/test": prepared("3.12/test", variables={"PENSTOCK_LAYER": "/layer"}, workspace="/copy"),
        "3.13/ruff": prepared("3.13/ruff"),
    }
    lint = job("x", kind=JobKind.LINT, environment="3.12/test", extra_environments=("3.13/ruff",))
    station = stations.of(lint, environments)
    assert (station.python, station.virtual_environment) == ("/envs/3.12/test/bin/python", "/envs/3.12/test")
    assert station.other_bins == {"test": "/envs/3.12/test/bin", "ruff": "/envs/3.13/ruff/bin"}
    assert (station.workspace, station.own_variables) == ("/copy", {"PENSTOCK_LAYER": "/layer"})


def test_tests_get_a_hash_seed_of_the_run_unless_their_project_chose_one(stations: Stations, tmp_path: Path) -> None:
    variables = stations.of(job("x"), {}).own_variables
    assert 0 <= int(variables["PYTHONHASHSEED"]) < 2**32
    assert stations.of(job("x"), {}).own_variables == variables
    clock = FakeClock()
    clock.advance(1.0)  # the id of a run is its time and one random digit: at the same time, one in 16 is the same
    later = stations._replace(folder=folder.create(tmp_path / "later", clock))
    assert later.of(job("x"), {}).own_variables != variables
    assert "PYTHONHASHSEED" not in stations.of(job("x", variables=(("PYTHONHASHSEED", "0"),)), {}).own_variables
    chosen = builders.command("pytest", environment=(("PYTHONHASHSEED", "random"),))
    assert "PYTHONHASHSEED" not in stations.of(job("x", commands=(chosen,)), {}).own_variables


def test_no_two_jobs_share_a_temporary_folder(stations: Stations) -> None:
    places = []
    for name in ("x", "x"):
        place = stations.of(job(name), {}).temporary
        Path(place).mkdir()
        places.append(place)
    assert len(set(places)) == 2


def test_what_a_job_needs_is_found_under_a_safe_name(stations: Stations) -> None:
    needs = ("unit@3.12", "odd/../name")
    here = {each: Binding(job=each) for each in ("x", *needs)}
    station = stations._replace(bindings=here).of(job("x", needs=(*needs, "of another runner")), {})
    assert [name for name, _ in station.needed] == ["unit@3.12", "odd%2F..%2Fname"]
    assert all(place.endswith("/reports") for _, place in station.needed)


def test_a_copy_holds_the_files_of_the_project_alone(stations: Stations) -> None:
    station = stations.of(job("x", workspace="copy"), {})
    copy = Path(station.workspace)
    assert copy != Path(station.root)
    assert (copy / "src/a.py").read_text() == "1"
    assert not (copy / "secret").exists()
    (copy / "src/a.py").write_text("2")
    assert (Path(station.root) / "src/a.py").read_text() == "1"


def test_a_declared_cache_of_the_tree_outlives_the_copy(stations: Stations) -> None:
    caches = tuple(CacheFolder(path=path) for path in ("made/downloads/", "src", "~/models", "/elsewhere"))

    def copied() -> Path:
        return Path(stations.of(job("x", workspace="copy", caches=caches), {}).workspace)

    first = copied()
    assert list((first / "made/downloads").iterdir()) == []
    (first / "made/downloads/file").write_text("kept")
    assert not (first / "src").is_symlink()
    assert not (first / "~").exists()
    assert (copied() / "made/downloads/file").read_text() == "kept"


def test_a_job_of_tests_is_told_where_its_durations_are(stations: Stations, tmp_path: Path) -> None:
    asked = []

    def timings(one: Job) -> Path | None:
        asked.append(one.id)
        return tmp_path / "timings.json" if one.id == "x" else None

    other = job("y@3.12", environment="3.12/test")
    stations = stations._replace(timings=timings)
    assert stations.of(job("x"), {}).own_variables["PENSTOCK_TIMINGS"] == str(tmp_path / "timings.json")
    assert "PENSTOCK_TIMINGS" not in stations.of(other, {"3.12/test": prepared("3.12/test")}).own_variables
    stations.of(job("x", kind=JobKind.RUN), {})
    assert asked == ["x", "y@3.12"]


def test_only_what_a_job_names_is_handed_over(stations: Stations) -> None:
    key = Secret(name="API_KEY")
    secrets = Secrets({key: "sk-live-9f8e7d6c"}, ["API_KEY"])
    made = stations._replace(secrets=secrets, environ={"REGION": "eu", "OTHER": "x", "API_KEY": "sk-live-9f8e7d6c"})
    given = made.of(job("x", kind=JobKind.RUN, secrets=(key,), require=("REGION", "GONE")), {}).own_variables
    assert given == {"API_KEY": "sk-live-9f8e7d6c", "PENSTOCK_SECRETS": "API_KEY", "REGION": "eu"}
    assert made.of(job("x", kind=JobKind.RUN), {}).own_variables == {}
