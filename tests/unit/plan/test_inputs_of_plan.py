from penstock.model.pipeline import CacheFolder
from penstock.plan.inputs import Inputs, of_plan
from tests import builders


def test_what_the_plans_own_jobs_make_is_no_input() -> None:
    docs = builders.job("docs", outputs=("site/**",))
    before, after = {"a.py": "1"}, {"a.py": "1", "site/index.html": "2"}
    assert of_plan(before, [docs]).digest(()) == of_plan(after, [docs]).digest(())
    assert Inputs(before).digest(()) != Inputs(after).digest(())


def test_without_outputs_the_whole_tree_counts() -> None:
    files = {"a.py": "1", "site/index.html": "2"}
    assert of_plan(files, [builders.job()]).digest(()) == Inputs(files).digest(())


def test_what_jobs_keep_in_the_tree_for_their_own_programs_is_no_input() -> None:
    fetch = builders.job("fetch", caches=(CacheFolder(path="downloads"), CacheFolder(path="~/.cache/x")))
    before, after = {"a.py": "1"}, {"a.py": "1", "downloads/deep/model": "2"}
    assert of_plan(before, [fetch]).digest(()) == of_plan(after, [fetch]).digest(())
    assert of_plan({**after, "downloads.py": "3"}, [fetch]).digest(()) != of_plan(after, [fetch]).digest(())
