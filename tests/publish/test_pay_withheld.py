"""Attacks on pay that is withheld: whatever a person is paid, everything written without `--show-pay` is the same.

Each test makes the same files for two or more values of one person's pay. Files that are equal cannot tell them apart,
whether by sums, by searching with ecteam itself, by trying values against hashes, or beside a neighbouring report.
"""

import io
import json
import re
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest

from ecteam import InputError, load_scenario, plan_shop
from ecteam.inputs.assumptions import load_assumptions
from ecteam.plan.plan import make_plan
from ecteam.plan.privacy import JOIN, LEAST_HEADS, STEP
from ecteam.publish import report
from ecteam.publish.batch import run_fleet
from ecteam.publish.fleet import read_fleet
from ecteam.publish.journal import LAST, LOCK
from ecteam.publish.scratch import WRITTEN
from ecteam.publish.what_if import what_if
from ecteam.publish.workbook.write import workbook
from ecteam.view.pay import booklet
from tests.batches import FIRST, PLAN, files, fleet_file, notebook, sentences
from tests.pages import text_of

linux = pytest.mark.skipif(sys.platform != "linux", reason="reports are forked on Linux only")
SHOP = "tea_shop_growth"
PAYS = (12_345, 8_000, 40_000)
PUBLISHED = load_assumptions().rows("cn")["typical"]


def written(plan, folder):
    """What is written of a plan without a run of a notebook: name -> content."""
    folder.mkdir(exist_ok=True)
    sliders = report.fill_from_plan(folder, plan, False)
    return {path.name: path.read_bytes() for path in folder.iterdir()} | {"sliders": sliders}


def contents(folder):
    """Every file below a folder, without what differs between two runs of the same: times."""
    found = {}
    # The marks in WRITTEN are of files that are compared here themselves.
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != WRITTEN):
        text = text_of(path)
        if path.name.endswith(".failed.ipynb"):
            book = nbformat.read(path, as_version=4)
            cells = [(cell.source, str(cell.get("outputs"))) for cell in book.cells]
            text = re.sub(r"0x[0-9a-f]+|\d+\.\d+s", "", f"{cells} {book.metadata.papermill.parameters}")
        if path.name == "manifest.json":
            text = json.dumps(json.loads(text) | {"made_at": ""})
        if path.name == LAST:
            text = json.dumps([row | {"manifest": ""} for row in json.loads(text)])
        found[str(path.relative_to(folder))] = text
    return found


@pytest.mark.parametrize("orders", [150, 165])
def test_sums_tables_workbook_cards_and_sliders_are_the_same_whatever_one_person_is_paid(tmp_path, orders):
    """Two orders a day: the difference of two neighbouring reports is the same, too."""
    plans = [plan_shop(SHOP, months=2, orders_per_day=orders, pay_accountant=pay) for pay in PAYS]
    one, *others = (written(plan, tmp_path / str(n)) for n, plan in enumerate(plans))
    assert {"plan.json", "cost.csv", "assumptions.csv", "plan.xlsx", "post_cards.html", "sliders"} <= set(one)
    assert all(other == one for other in others)
    assert len({plan.to_json(show_pay=True) for plan in plans}) == len(PAYS)


def test_no_writer_called_by_itself_says_more(tmp_path):
    plans = [plan_shop(SHOP, months=1, pay_accountant=pay) for pay in PAYS]
    for n, plan in enumerate(plans):
        workbook(plan, tmp_path / f"{n}.xlsx")
    assert len({(tmp_path / f"{n}.xlsx").read_bytes() for n in range(len(PAYS))}) == 1
    for write in (lambda plan: plan.to_json(), booklet, what_if):
        assert len({write(plan) for plan in plans}) == 1


def test_a_sum_less_its_published_members_is_published_pay():
    """Way (a): the sum of a group in cost.csv, less the members whose pay assumptions.csv gives."""
    plan = plan_shop(SHOP, months=6, pay_accountant=12_345).shown()
    content = json.loads(plan.to_json())
    cost = pd.DataFrame(content["cost"])
    group = next(role for role in cost["role"].unique() if "accountant" in role.split(JOIN))
    paid = cost[(cost["role"] == group) & (cost["item"] == "pay")]["amount"].sum()
    heads = pd.DataFrame(content["team"]).groupby("role")["heads"].sum()
    rest = sum(heads[role] * PUBLISHED[f"pay_{role}"] for role in group.split(JOIN) if role != "accountant")
    assert (paid - rest) / heads["accountant"] == pytest.approx(PUBLISHED["pay_accountant"], abs=1)


def test_searching_for_the_pay_that_yields_a_total_leaves_three_steps_of_published_pay():
    """Way (b), by somebody who even knows all other pay that was set."""
    known = {"pay_it_support": 8_765, "pay_buyer": 12_000}
    scenario = load_scenario(SHOP, months=1)

    def told(pay):
        own = load_assumptions().with_values(pay_accountant=float(pay), **known)
        return make_plan(scenario, own).to_json()

    truth, published = told(12_345), PUBLISHED["pay_accountant"]
    tried = np.linspace(0.5, 3.0, 51) * published
    fitting = [pay for pay in tried if told(pay) == truth]
    assert max(fitting) - min(fitting) >= (LEAST_HEADS * STEP - 0.1) * published
    assert min(fitting) <= 12_345 <= max(fitting)


def test_one_more_own_figure_leaves_more_than_three_steps():
    """The neighbouring report has one more own figure: each of both factors is known to a step only."""
    three = {"pay_it_support": 8_765, "pay_buyer": 12_000, "pay_designer": 9_000}

    def told(pay):
        plans = [plan_shop(SHOP, months=1, **three, **more) for more in ({}, {"pay_accountant": pay})]
        return [plan.to_json() for plan in plans]

    published = PUBLISHED["pay_accountant"]
    low, high = (told(round(published * times)) for times in (1.1, 1.8))
    assert low == high


def test_the_folder_of_a_saved_file_is_the_same_and_holds_no_hash_of_it(tmp_path):
    """Way (c), and the whole folder, run and page included; what is withheld and why stands on the page."""
    saved, folders = tmp_path / "saved.yaml", []
    for pay in (12_345, 11_111):
        saved.write_text(
            "name: Tea\norders_per_day: 30\nreturn_share: 0.05\nmonths: 2\n"
            f"assumptions:\n  pay_cs_agent: {pay}\n  pay_buyer: 12000\n  pay_designer: 8765\n"
        )
        plan = plan_shop(str(saved), pick_lines_per_hour=77)
        folders.append(tmp_path / str(pay) / "shop")
        report.make_report(plan, str(saved), folders[-1])
    one, other = map(contents, folders)
    assert set(one) == report.REPORT_FILES - {"report.pdf"}
    assert {name for name in one if one[name] != other[name]} == set()
    assert "saved.yaml" not in json.loads(one["manifest.json"])["inputs_sha256"]
    assert "is withheld: any exact cost would tell what one person is paid" in one["report.html"]
    assert not [name for name, text in one.items() if re.search(r"\b(12,?345|8,?765)\b", text)]
    pay = pd.read_csv(io.StringIO(one["assumptions.csv"]), index_col="key")["value"]
    assert pay[["pay_cs_agent", "pay_buyer", "pay_designer"]].isna().all()


@linux
def test_a_batch_is_the_same_whatever_a_row_sets_and_a_failed_run_too(tmp_path):
    """Ways (c) and (d): index, fleet.json with its keys, reports, and the run of a report that failed."""
    book = notebook(tmp_path, "assert name != 'B'", first=f"{FIRST}\nshow_pay = False", plan=PLAN)
    found = []
    for n, pay in enumerate(("12345", "9876")):
        file = fleet_file(tmp_path, ["A", "B"], pay_cs_agent=[pay, pay], pay_buyer=["7777", "7777"])
        out = tmp_path / f"out{n}"
        assert set(sentences(run_fleet(read_fleet(file), out, notebook=book))) == {"B"}
        found.append(contents(out))
        assert all(word not in text for text in found[-1].values() for word in ("12345", "9876", "7777"))
    assert {name for name in found[0] if found[0][name] != found[1].get(name)} == set()
    assert {"B.failed.ipynb", "index.html", LAST, "A/manifest.json", "A/report.html"} <= set(found[0])
    # The inputs of reports that do not show pay are the same: a batch that goes on keeps what is there.
    manifest = (tmp_path / "out0/A/manifest.json").read_bytes()
    run_fleet(read_fleet(file), tmp_path / "out0", notebook=book, resume=True)
    assert (tmp_path / "out0/A/manifest.json").read_bytes() == manifest
    file = fleet_file(tmp_path, ["A", "B"], 31, pay_cs_agent=["9876", "9876"], pay_buyer=["7777", "7777"])
    run_fleet(read_fleet(file), tmp_path / "out0", notebook=book, resume=True)
    assert (tmp_path / "out0/A/manifest.json").read_bytes() != manifest


@linux
def test_figures_of_a_batch_that_showed_pay_are_not_carried_over(tmp_path):
    book = notebook(tmp_path, first=f"{FIRST}\nshow_pay = False")
    file, out = fleet_file(tmp_path, ["A"], pay_cs_agent=["12345"]), tmp_path / "out"
    run_fleet(read_fleet(file), out, notebook=book, show_pay=True)
    with pytest.raises(InputError, match="holds reports that show pay"):
        run_fleet(read_fleet(file), out, notebook=book)
    assert files(out) == [LOCK, WRITTEN, "A", LAST, "index.html"]


@linux
def test_a_wrong_cell_of_pay_is_not_told_on_the_index(tmp_path):
    file = fleet_file(tmp_path, ["A", "B"], pay_cs_agent=["", "12,345"], pay_buyer=["", ""])
    file.write_text(file.read_text().replace('"12,345"', "12345 CNY"))
    book, out = notebook(tmp_path, first=f"{FIRST}\nshow_pay = False"), tmp_path / "out"
    rows = run_fleet(read_fleet(file, skip_wrong_rows=True), out, notebook=book)
    assert sentences(rows) == {"B": "pay_cs_agent cannot be used; ecteam check says why"}
    assert "12345" not in (out / LAST).read_text() + (out / "index.html").read_text()
    with pytest.raises(InputError, match="pay_cs_agent is '12345 CNY'"):
        read_fleet(file)


def test_the_report_of_a_fleet_is_the_same(tmp_path):
    pages = []
    for pay in ("12345", "9876"):
        file = fleet_file(tmp_path, ["A", "B"], pay_cs_agent=[pay, pay])
        out = tmp_path / pay
        report.make_fleet_report(read_fleet(file), out)
        pages.append(contents(out))
    assert pages[0] == pages[1]
    assert "is withheld" in pages[0]["fleet_report.html"]
