"""The workbook: its own values and LibreOffice's equal Python's, a changed cell moves what `make_plan` moves."""

import re
import zipfile
from functools import cache

import numpy as np
import openpyxl
import pandas as pd
import pytest

from ecteam import load_scenario, make_plan, plan_shop
from ecteam.inputs import words
from ecteam.inputs.words import Name, label, use
from ecteam.pay import payslip
from ecteam.plan.privacy import JOIN, LEAST_HEADS, cost_shown, is_pay
from ecteam.publish.workbook.write import workbook
from tests.soffice import converted, needs_soffice

SHOPS = ("tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk")
CENT = 0.005
TOTALS_FROM = 5
MEANS_BLOCK = f"{label('wb_means')} – {label('wb_means_about')}"


@cache
def plan_of(name, **changes):
    return plan_shop(name, **changes)


@cache
def read(path):
    """The values of a workbook that no test writes again."""
    return openpyxl.load_workbook(path, data_only=True)


def totals(book):
    """The figures of the first sheet in the order of `Plan.totals`: now, as planned."""
    sheet = book["Read me"]
    rows = [[sheet.cell(TOTALS_FROM + i, column).value for column in (2, 3)] for i in range(10)]
    keys = ("heads_first_month", "heads_last_month", "fte_mean", "hires_total", "temp_hours_total", "orders_total")
    keys += ("cost_total", "cost_per_month", "cost_per_order", "owner_time_total")
    return dict(zip(keys, rows, strict=True))


def find(sheet, name):
    """The row whose first cell is `name`."""
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, 1).value == name)


def changed(path, out, cells):
    """A copy of a workbook with other values in its yellow cells: name -> value, or (sheet, name) -> value."""
    book = openpyxl.load_workbook(path)
    for name, value in cells.items():
        sheet, key = name if isinstance(name, tuple) else (None, name)
        for title in [sheet] if sheet else ["Inputs", "Assumptions"]:
            if key in [row[0].value for row in book[title].iter_rows(max_col=1)]:
                cell = book[title].cell(find(book[title], key), 3)
                assert not cell.protection.locked, "a cell to be changed is unlocked"
                cell.value = value
                break
        else:
            raise AssertionError(f"{name} is in no sheet")
    book.save(out)
    return out


# What is changed, and whether heads move with it: cost follows to the cent wherever pay is shown.
CHANGES = [
    ("tea_shop_startup", {"hire_cost_volume": 2000, "overhead_share": 0.15}),
    ("tea_shop_startup", {"orders_per_day": 240, "growth_per_month_share": 0.0}),
    ("tea_shop_startup", {"pay_cs_agent": 7_200, "pay_designer": 26_000, "pay_months_per_year": 14}),
    ("tea_shop_startup", {"team_in_place": True, "presale_minutes_per_chat": 9}),
    ("tea_shop_growth", {"pack_orders_per_hour": 15, "pick_lines_per_hour": 25}),
    ("tea_shop_growth", {"leading_hours_per_head": 14, "attrition_warehouse": 1.4, "shrinkage_office": 0.3}),
    ("tea_shop_growth", {"new_skus_per_month": 60, "return_share": 0.3, "hours_per_day": 7}),
    ("tea_shop_maturity", {"pick_lines_per_hour": 40, "seat_cost": 1500, "hat_loss_share": 0.05}),
    ("online_retail_uk", {"orders_per_day": 160, "pay_picker": 2_600, "attrition_service": 0.6}),
    ("online_retail_uk", {"severance_owed_share": 0.3, "lines_per_order": 12, "temp_productivity": 0.5}),
]
# Without pay shown only what does not follow from pay, or moves no heads, is exact.
MEANS = [
    ("tea_shop_growth", {"hire_cost_specialist": 9_000, "overhead_share": 0.2, "temp_warehouse_pay_per_hour": 40}),
    ("tea_shop_maturity", {"welfare_cost": 500, "equipment_life_months": 30, "pay_months_per_year": 13.5}),
]


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory):
    """Every workbook of these tests, written, changed where asked, and counted again by LibreOffice in one go."""
    folder = tmp_path_factory.mktemp("workbooks")
    wanted = {}
    for name in SHOPS:
        for show in (False, True):
            wanted[name, show, ""] = folder / f"{name}_{show}.xlsx"
            workbook(plan_of(name), wanted[name, show, ""], show)
    for cases, show in ((CHANGES, True), (MEANS, False)):
        for i, (name, cells) in enumerate(cases):
            wanted[name, show, str(cells)] = changed(wanted[name, show, ""], folder / f"{name}_{show}_{i}.xlsx", cells)
    extra = folder / "rates.xlsx"
    rates = {("Pay", "housing fund"): 0.05, ("Pay", "pension insurance"): 0.14}
    wanted["rates"] = changed(wanted["tea_shop_startup", True, ""], extra, rates)
    return wanted, dict(zip(wanted, converted(list(wanted.values()), folder), strict=True))


@needs_soffice
@pytest.mark.parametrize("show", [False, True])
@pytest.mark.parametrize("name", SHOPS)
def test_libreoffice_counts_every_cell_as_python_does(recalculated, name, show):
    written, again = (read(files[name, show, ""]) for files in recalculated)
    numbers = 0
    for sheet in written.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                other = again[sheet.title][cell.coordinate].value
                if isinstance(cell.value, float | int):
                    numbers += 1
                    assert other == pytest.approx(cell.value, rel=1e-9, abs=1e-6), (sheet.title, cell.coordinate)
                else:
                    assert (other or None) == (cell.value or None), (sheet.title, cell.coordinate)
    assert numbers > 4_000
    expected = plan_of(name).totals
    for key, (now, planned) in totals(again).items():
        assert now == pytest.approx(expected[key], abs=CENT), key
        assert planned == pytest.approx(expected[key], abs=CENT), key


def marked(book, cells):
    """What stands beside changed cells, but for those that the shop does not use."""
    marks = [row[8].value for row in book["Inputs"].iter_rows() if row[0].value in cells]
    marks += [row[10].value for row in book["Assumptions"].iter_rows() if row[0].value in cells]
    return {mark for mark in marks if mark} - {"not used here"}


def follows(recalculated, name, cells):
    """Whether the workbook shows what make_plan says of the changed cells, to the cent."""
    after, book = plan_of(name, **cells), read(recalculated[1][name, True, str(cells)])
    found, expected, planned = totals(book), after.totals, plan_of(name).totals
    assert all(found[key][1] == pytest.approx(planned[key], abs=CENT) for key in planned)
    shown, said = [], []
    for sheet, line, frame, figure in (
        ("Cost", "Paid in all", after.cost, "amount"),
        ("Headcount", "Heads in all", after.team, "heads"),
    ):
        said += frame.groupby("month", sort=False)[figure].sum().tolist()
        row = find(book[sheet], line)
        shown += [book[sheet].cell(row, 5 + m).value for m in range(len(after.months))]
    return all(found[key][0] == pytest.approx(expected[key], abs=CENT) for key in expected) and (
        shown == pytest.approx(said, abs=CENT)
    )


@needs_soffice
@pytest.mark.parametrize(("name", "cells"), CHANGES)
def test_a_changed_cell_moves_what_make_plan_moves_or_says_that_ecteam_is_needed(recalculated, name, cells):
    book = read(recalculated[1][name, True, str(cells)])
    marks, verdict = (
        marked(book, cells),
        book["Read me"].cell(find(book["Read me"], "Solved figures still hold"), 2).value,
    )
    assert (marks == {"all follows"}) == (verdict == "in order")
    assert verdict != "in order" or follows(recalculated, name, cells)


@needs_soffice
def test_half_of_these_changes_are_followed_to_the_cent(recalculated):
    assert sum(follows(recalculated, name, cells) for name, cells in CHANGES) >= len(CHANGES) / 2


@needs_soffice
@pytest.mark.parametrize(("name", "cells"), MEANS)
def test_without_pay_prices_still_move_the_total(recalculated, name, cells):
    found = totals(read(recalculated[1][name, False, str(cells)]))
    after = plan_of(name, **cells).totals
    assert after["cost_total"] != pytest.approx(plan_of(name).totals["cost_total"])
    if "pay_months_per_year" in cells:
        # The means of a head's contributions, severance reserve and learning stay those of the plan: it is marked.
        assert "part follows" in marked(read(recalculated[1][name, False, str(cells)]), cells)
    else:
        assert found["cost_total"][0] == pytest.approx(after["cost_total"], abs=CENT)


@needs_soffice
def test_a_contribution_rate_can_be_tried(recalculated):
    plan = plan_of("tea_shop_startup")
    rates = {"housing_fund_rate": 0.05}
    book = read(recalculated[1]["rates"])
    gross = plan.values["pay_cs_agent"] * plan.values["pay_level_new_tier1"]
    base, month = gross * plan.values["pay_months_per_year"] / 12, np.datetime64("2027-01")
    with_fund = float(payslip.employer_extra(base, "cn/hangzhou", month, choices=rates))
    pension = round(0.16 * base, 2) - round(0.14 * base, 2)
    row = find(book["Pay"], "Service agent")
    assert book["Pay"].cell(row, 5).value == pytest.approx(with_fund - pension, abs=CENT)


def formulas(path):
    with zipfile.ZipFile(path) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                yield from re.findall(r"<c r=\"([A-Z]+\d+)\"[^>]*><f>(.*?)</f><v>(.*?)</v>", parts.read(name).decode())


def test_totals_are_formulas_and_every_formula_has_its_value(tmp_path):
    workbook(plan_of("tea_shop_growth"), tmp_path / "plan.xlsx")
    found = list(formulas(tmp_path / "plan.xlsx"))
    assert len(found) > 5_000
    assert all(value != "" or text.startswith("IF(") for _, text, value in found)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    for sheet, name in (("Cost", "Paid in all"), ("Headcount", "Heads in all")):
        row = find(book[sheet], name)
        assert all(str(book[sheet].cell(row, column).value).startswith("=") for column in range(5, 17)), name
    assert [sheet.title for sheet in book.worksheets] == [
        *("Read me", "Inputs", "Assumptions", "Workload", "Headcount", "People loop", "Cost", "Hiring")
    ]
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9), sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # openpyxl gives each column with its margin of 0.71 characters.
        spans = [(d.width - 0.71, 1 + (d.max or 0) - (d.min or 0)) for d in sheet.column_dimensions.values()]
        wide = sum(width * columns for width, columns in spans)
        assert wide / (sheet.page_setup.fitToWidth or 1) <= 205, f"{sheet.title} is too small to be read on paper"
        assert sheet.title == "Read me" or re.fullmatch(r"\$\d+:\$\d+", sheet.print_title_rows), sheet.title
        assert sheet.protection.sheet, sheet.title
        assert sheet.title == "Read me" or sheet.freeze_panes, sheet.title


@pytest.mark.parametrize(
    "name", ["=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", '="x"', "https://x.example/a", "<b>&"]
)
def test_a_text_is_never_a_formula(tmp_path, monkeypatch, name):
    odd = {**words.entries(), "buyer": words.Entry("=cmd()", "", "=1")}
    monkeypatch.setattr(words, "entries", lambda: odd)
    plan = make_plan(load_scenario("tea_shop_growth", name=name))
    workbook(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert book["Read me"]["A1"].value == name
    texts = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row if c.value in (name, "=cmd()")]
    assert len(texts) > 3
    assert {cell.data_type for cell in texts} == {"s"}
    assert not any(cell.hyperlink for cell in texts)
    assert plan_shop(str(tmp_path / "plan.xlsx")).scenario.name == name


@pytest.mark.parametrize("name", SHOPS)
def test_without_show_pay_nothing_more_is_said_than_in_the_exported_cost(tmp_path, name):
    plan = plan_of(name)
    workbook(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", data_only=True)
    assert "Pay" not in book.sheetnames
    # The owner's time, at published pay, is in plan.json as `owner_time_total`.
    shown = cost_shown(pd.concat([plan.cost, plan.owner_time]), plan.team)
    by_role = shown.groupby(["role", "item"])["amount"].sum()
    heads, employed = (
        plan.team.pivot_table(index="role", columns="month", values=values, aggfunc="sum").fillna(0)
        for values in ("heads", "employed_fte")
    )
    sheet = book["Cost"]
    means = 0
    for row in sheet.iter_rows(min_row=find(sheet, MEANS_BLOCK) + 1, max_col=17):
        if row[1].value not in ("Mean of an FTE on the payroll", "Mean of a hire"):
            break
        means += 1
        roles = [next(r for r in heads.index if label(r) == word) for word in str(row[0].value).split(" + ")]
        together = heads.loc[roles].sum()
        assert roles == ["owner"] or together[together > 0].min() >= LEAST_HEADS, row[0].value
        item = next(i for i in by_role.index.levels[1] if label(i) == row[2].value)
        per = employed.loc[roles].sum().tolist() if row[1].value == "Mean of an FTE on the payroll" else None
        if per:
            amount = sum(float(cell.value) * n for cell, n in zip(row[4:], per, strict=False))
            assert amount == pytest.approx(by_role[JOIN.join(roles), item], abs=CENT)
    assert means >= 5


def test_pay_that_was_set_is_in_no_cell(tmp_path):
    plan = plan_of("tea_shop_growth", pay_shop_manager=24_321.0, pay_designer=9_876.0)
    for lang in ("en", "zh"):
        use(lang)
        workbook(plan, tmp_path / "shut.xlsx")
        with zipfile.ZipFile(tmp_path / "shut.xlsx") as parts:
            text = " ".join(parts.read(part).decode() for part in parts.namelist() if part.endswith(".xml"))
        assert not re.search(r"24321|9876\b", text)
        assert Name("wb_withheld").in_language(lang) in text
    use("en")
    workbook(plan, tmp_path / "open.xlsx", show_pay=True)
    book = openpyxl.load_workbook(tmp_path / "open.xlsx")
    assert book["Assumptions"].cell(find(book["Assumptions"], "pay_shop_manager"), 3).value == 24_321


def test_a_team_of_two_shows_one_item_of_people(tmp_path):
    plan = plan_of("tea_shop_startup", hats="two_posts", orders_per_day=5)
    workbook(plan, tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", data_only=True)
    cells = {cell.value for row in book["Cost"].iter_rows(max_col=3) for cell in row}
    assert label("people_cost") in cells
    assert not cells & {label(item) for item in ("pay", "contributions", "year_end_pay", "overhead", "learning")}
    assert totals(book)["cost_total"][0] == pytest.approx(plan.totals["cost_total"], abs=CENT)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("tea_shop_growth", {"self_shipping": False, "outsourced_service_share": 0.4}),
        ("tea_shop_growth", {"temps_on_event_days": False, "months": 1}),
        ("tea_shop_startup", {"orders_per_day": 0, "team_in_place": True}),
        ("tea_shop_startup", {"months": 24, "hats": "specialists", "city": "shanghai"}),
        ("tea_shop_maturity", {"hats": "two_posts", "training_hours_per_hire": 0, "event_strength": 0}),
    ],
)
def test_other_shops_come_to_the_same_totals(tmp_path, name, changes):
    plan = plan_of(name, **changes)
    for show in (False, True):
        workbook(plan, tmp_path / "plan.xlsx", show)
        for key, (now, _) in totals(openpyxl.load_workbook(tmp_path / "plan.xlsx", data_only=True)).items():
            expected = plan.totals[key]
            assert now == pytest.approx(0.0 if expected != expected else expected, abs=CENT), (key, show)


def test_what_is_live_is_named_by_what_the_formulas_use(tmp_path):
    workbook(plan_of("tea_shop_growth"), tmp_path / "plan.xlsx", show_pay=True)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", data_only=True)
    states = {row[0].value: row[7].value for row in book["Inputs"].iter_rows(min_row=5)}
    states |= {row[0].value: row[9].value for row in book["Assumptions"].iter_rows(min_row=5)}
    assert states["hire_cost_volume"] == states["pay_buyer"] == "all follows"
    assert states["orders_per_day"] == states["return_share"] == states["presale_minutes_per_chat"] == "part follows"
    assert states["city"] == states["chats_at_once"] == states["event_1111"] == "needs ecteam"
    assert states["average_order_value"] == states["orders_level_spread"] == "not used here"
    assert not any(is_pay(key) and state == "needs ecteam" for key, state in states.items() if key)


def test_the_same_plan_is_the_same_file(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        workbook(plan_of("tea_shop_startup"), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
