"""The report folder: whole or not there, one page without requests, a failed run that says where and why."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from ecteam import InputError, load_scenario, make_plan, plan_shop
from ecteam.inputs.scenario_file import scenario_path
from ecteam.publish import report
from ecteam.publish.scratch import WRITTEN
from tests.pages import text_of
from tests.reports import made_report

UK = str(scenario_path("online_retail_uk"))
SHOPS = {path.stem for path in Path(UK).parent.glob("*.yaml")}


@pytest.fixture(scope="module")
def made():
    return make_plan(load_scenario(UK)), made_report("online_retail_uk")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A shop with a hostile name and with changes, whose report takes the place of an older one."""
    path = tmp_path_factory.mktemp("other") / "evil.yaml"
    path.write_text('name: "<script>alert(1)</script> & Söhne 茶"\nreturn_share: 0.1\norders_per_day: 30\n')
    folder, changes = path.parent / "shop", {"orders_per_day": 45, "pick_lines_per_hour": 75}
    shutil.copytree(made_report("online_retail_uk").parent, folder)
    plan = plan_shop(str(path), **changes)
    return plan, report.make_report(plan, str(path), folder)


def notebook_with(tmp_path, *cells, parameters='scenario = ""\nchanges = {}'):
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book.cells = [nbformat.v4.new_code_cell(source) for source in (parameters or "", *cells)]
    book.cells[0].metadata["tags"] = ["parameters"] if parameters else []
    path = tmp_path / "broken.ipynb"
    nbformat.write(book, path)
    return path


def test_the_folder_is_complete_and_its_hashes_are_right(made):
    plan, page = made
    files = {path.name for path in page.parent.iterdir()}
    assert files == report.REPORT_FILES - {"report.pdf"}
    manifest = json.loads((page.parent / "manifest.json").read_text())
    read = {"scenario/online_retail_uk.yaml", "history/online_retail_hourly.csv", "history/online_retail_hourly.yaml"}
    read |= {"data/assumptions/rates.csv", "data/payroll/uk.yaml", "notebook/team_report.ipynb"}
    assert read <= set(manifest["inputs_sha256"])
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((page.parent / name).read_bytes()).hexdigest() == digest
    assert (manifest["language"], manifest["notebook"]) == ("en", "team_report")
    assert manifest["oldest_assumption"] <= manifest["newest_assumption"]
    assert (page.parent / "plan.json").read_text() == plan.to_json()
    assert {path.name for path in page.parent.parent.iterdir()} <= SHOPS, "nothing is left beside the reports"


def test_the_page_holds_the_figures_of_the_plan(made):
    plan, page = made
    text, totals = page.read_text(), plan.totals
    assert "plan_shop" not in text, "code is hidden"
    assert "Traceback" not in text
    assert f"{totals['heads_first_month']} → {totals['heads_last_month']}" in text
    assert f"{totals['cost_per_month']:,.0f} GBP" in text
    words = (
        "Stock-keeper",
        "planning assumption",
        "doi:10.24432/C5BW33",
        "latest known (United Kingdom)",
        "Rolling-origin",
    )
    assert [word for word in words if word not in text] == []


def test_the_csv_files_add_up_to_the_headline(made):
    plan, page = made
    cost, team = (pd.read_csv(page.with_name(f"{name}.csv")) for name in ("cost", "team"))
    assert cost["amount"].sum() == pytest.approx(plan.totals["cost_total"]), "the owner's time is no payment"
    assert team.groupby("month")["heads"].sum().iloc[-1] == plan.totals["heads_last_month"]
    hires = pd.read_csv(page.with_name("hiring_plan.csv"))[["new_posts", "replacements"]].sum().sum()
    assert hires == plan.hires[["new_posts", "replacements"]].sum().sum()
    assert f"{cost['amount'].sum() / len(plan.months):,.0f} GBP" in page.read_text()


def test_every_picture_has_an_alternative_text(made):
    alts = re.findall(r'<img [^>]*alt="([^"]*)"', made[1].read_text())
    assert len(alts) == len(re.findall("<img ", made[1].read_text())) == 11
    assert all(len(alt) > 30 for alt in alts)


def test_another_scenario_and_changes_reach_the_notebook(other):
    plan, page = other
    assert f"{plan.totals['cost_per_month']:,.0f} CNY" in page.read_text()


def test_a_shop_name_is_text_and_nothing_else(other):
    text = other[1].read_text()
    assert "<script>alert" not in text
    # The figures of the sliders, and what moves them.
    assert text.count("<script") == 2
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Söhne 茶" in text


def test_a_report_takes_the_place_of_an_older_one_whole(other):
    plan, page = other
    assert {path.name for path in page.parent.iterdir()} == report.REPORT_FILES - {"report.pdf"}
    assert (page.parent / "plan.json").read_text() == plan.to_json()
    assert all("Online Retail" not in text_of(path) for path in page.parent.iterdir() if path.suffix == ".html")


def test_a_failing_cell_leaves_a_saved_run_and_the_old_report(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "report.html").write_text("the old one")
    book = notebook_with(tmp_path, "x = 1", "1 / 0")
    with pytest.raises(
        report.ReportFailed, match="the cell '1 / 0' stopped with ZeroDivisionError: division by zero"
    ) as error:
        report.make_report(make_plan(load_scenario(UK)), UK, folder, notebook=book)
    assert (folder / "report.html").read_text() == "the old one"
    assert report.failure(error.value.run) == "the cell '1 / 0' stopped with ZeroDivisionError: division by zero"
    assert sorted(path.name for path in tmp_path.iterdir()) == [WRITTEN, "broken.ipynb", "shop", "shop.failed.ipynb"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("import os; os._exit(1)", "kernel|process ended"),
        ("import sys; sys.exit(0)", "never ran|SystemExit"),
        ("import ipywidgets as w\nout = w.Output()\nwith out:\n    1 / 0\nout", "ZeroDivisionError"),
    ],
)
def test_a_run_that_only_looks_complete_is_a_failure(tmp_path, cell, reason):
    book = notebook_with(tmp_path, cell, "y = 2")
    with pytest.raises(report.ReportFailed, match=reason):
        report.make_report(make_plan(load_scenario(UK)), UK, tmp_path / "shop", notebook=book)
    assert not (tmp_path / "shop").exists()


@pytest.mark.parametrize(
    ("first", "parameters", "sentence"),
    [
        ('scenarios = ""\nchanges = {}', ("x", {}, False), "has no parameter 'scenario'; did you mean 'scenarios'"),
        ('scenario = ""\nchanges = {}', ("x", {}, False, "zh"), "has no parameter 'lang'"),
        (None, ("x", {}, False), "has 0 cells tagged 'parameters'; it must have one"),
    ],
)
def test_a_notebook_that_cannot_take_the_parameters_is_refused(tmp_path, first, parameters, sentence):
    book = notebook_with(tmp_path, "x = 1", parameters=first)
    with pytest.raises(InputError, match=sentence):
        report.check_parameters(book, report.parameters_of(*parameters))


@pytest.mark.parametrize(
    ("precious", "sentence"),
    [
        ("shop/diary.txt", r"holds 'diary\.txt', which is no part of a report"),
        ("shop", "is no folder; name another one"),
    ],
)
def test_what_is_no_report_is_left_alone(made, tmp_path, precious, sentence):
    (tmp_path / precious).parent.mkdir(exist_ok=True)
    (tmp_path / precious).write_text("precious")
    with pytest.raises(InputError, match=sentence):
        report.make_report(made[0], UK, tmp_path / "shop")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / precious]


@pytest.mark.slow
def test_both_ways_to_run_a_notebook_make_the_same_report(made, tmp_path, monkeypatch):
    """In a forked child and in a kernel; in a process of its own, which has one thread."""
    code = (
        "import sys; from pathlib import Path; from ecteam import load_scenario, make_plan;"
        "from ecteam.publish import report, workers;"
        "workers.can_fork = (lambda: sys.argv[2] == 'fork');"
        "plan = make_plan(load_scenario(sys.argv[1]));"
        "report.make_report(plan, sys.argv[1], Path(sys.argv[3]))"
    )
    texts = []
    for way in ("fork", "kernel"):
        if way == "fork" and sys.platform != "linux":
            pytest.skip("processes are forked on Linux only")
        folder = tmp_path / way
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        run = [sys.executable, "-c", code, UK, way, str(folder)]
        subprocess.run(run, check=True, env=os.environ | threads, capture_output=True)
        texts.append({path.name: path.read_bytes() for path in folder.iterdir()})
    forked, kernel = texts
    assert set(forked) == set(kernel)
    same = {name for name in forked if forked[name] == kernel[name]}
    # A kernel notes more about itself in the run.
    assert set(forked) - same <= {"report.ipynb", "manifest.json"}


def test_pay_that_was_set_leaves_the_house_only_when_asked(tmp_path):
    name, changes = str(scenario_path("tea_shop_growth")), {"pay_shop_manager": 24_321, "pick_lines_per_hour": 77}
    plan = plan_shop(name, **changes)
    for show_pay in (False, True):
        folder = tmp_path / str(show_pay)
        report.make_report(plan, name, folder, show_pay=show_pay)
        texts = {path.name: text_of(path) for path in folder.iterdir()}
        told = {file for file, text in texts.items() if re.search(r"(?<!\d)24,?321(?!\d)", text)}
        assert told == (
            {"report.ipynb", "report.html", "plan.json", "plan.xlsx", "assumptions.csv", "post_cards.html"}
            if show_pay
            else set()
        )
        row = re.search(r"<tr>(?:(?!</tr>)[\s\S])*>Operations head<[\s\S]*?</tr>", texts["report.html"])[0]
        assert ("see together" in row) != show_pay
        totals = plan.shown(show_pay).totals
        assert f"{totals['cost_total']:,.0f}" in texts["report.html"]
        cost = pd.read_csv(folder / "cost.csv")
        assert cost["amount"].sum() == pytest.approx(totals["cost_total"])
        assert ("shop_manager" in set(cost["role"])) == show_pay
        assert re.search(r"\b77\b", texts["report.ipynb"]), "other changes stay"
        manifest = json.loads(texts["manifest.json"])
        assert set(manifest["sha256"]) == set(texts) - {"manifest.json"}


def test_a_team_of_two_roles_gets_a_report(tmp_path):
    path = tmp_path / "tiny.yaml"
    path.write_text(
        "name: Tiny\nhats: two_posts\norders_per_day: 3\nreturn_share: 0.02\nmonths: 2\nself_shipping: false\n"
        "active_skus: 5\nnew_skus_per_month: 0\nsuppliers: 1\npurchase_orders_per_month: 1\ncampaigns_per_month: 0\n"
        "event_applications_per_month: 0\nad_accounts: 0\nposts_per_month: 1\nvideos_per_month: 0\n"
    )
    plan = plan_shop(str(path))
    assert plan.team["role"].nunique() == 2
    page = report.make_report(plan, str(path), tmp_path / "tiny").read_text()
    captions = re.findall(r"<caption>([^<]*)", page[page.rindex("Why these numbers") :])
    assert [caption.split(",")[0] for caption in captions[:2]] == ["Operations specialist", "Owner"]
