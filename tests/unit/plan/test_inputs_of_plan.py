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
