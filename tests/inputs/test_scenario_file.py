"""A workbook that was filled in comes back as the same plan, or is refused with every mistake's sheet and cell."""

import shutil
from functools import cache

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam import InputError, load_scenario, plan_shop
from ecteam.cli import main
from ecteam.inputs.scenario_file import is_plan_file
from ecteam.inputs.words import use
from ecteam.publish.fleet import is_fleet
from ecteam.publish.workbook.write import workbook
from tests.refusals import mistakes_of

SHOPS = {
    "tea_shop_startup": {},
    "tea_shop_growth": {"pick_lines_per_hour": 75, "hire_cost_volume": 1 / 3, "orders_per_day": 0.1 + 0.2},
    "tea_shop_maturity": {"hats": "departments", "overhead_share": 0.1},
    "online_retail_uk": {"pay_picker": 2_200.55, "lines_per_order": 3.7},
}


@cache
def plan_of(name):
    return plan_shop(name, **SHOPS[name])


@pytest.mark.core
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", SHOPS)
def test_a_workbook_comes_back_as_the_same_plan(tmp_path, name, lang):
    use(lang)
    workbook(plan_of(name), tmp_path / "my_plan.xlsx", show_pay=True)
    back = plan_shop(str(tmp_path / "my_plan.xlsx"))
    assert back.to_json(show_pay=True) == plan_of(name).to_json(show_pay=True)
    assert back.to_json() == plan_of(name).to_json()
    assert back.assumptions.changed == plan_of(name).assumptions.changed


@settings(max_examples=6, derandomize=True)
@given(
    orders=st.floats(0.001, 9_000),
    growth=st.floats(-0.5, 0.9),
    rate=st.floats(0.5, 500),
    name=st.text(
        st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Co", "Cn")), min_size=1, max_size=30
    ).filter(lambda text: any(character.isalnum() for character in text)),
)
def test_any_figure_and_any_name_comes_back(tmp_path_factory, orders, growth, rate, name):
    path = tmp_path_factory.mktemp("round") / "plan.xlsx"
    changes = {"orders_per_day": orders, "growth_per_month_share": growth, "pick_lines_per_hour": rate, "name": name}
    plan = plan_shop("tea_shop_startup", months=1, **changes)
    workbook(plan, path)
    assert plan_shop(str(path)).to_json() == plan.to_json()


def filled(path, cells):
    """The start-up's workbook with other contents in column C: (sheet, name) -> value."""
    workbook(plan_of("tea_shop_startup"), path)
    book = openpyxl.load_workbook(path)
    for (sheet, name), value in cells.items():
        row = next(r for r in range(1, book[sheet].max_row + 1) if book[sheet].cell(r, 1).value == name)
        book[sheet].cell(row, 3).value = value
    book.save(path)
    return str(path)


def test_a_filled_in_workbook_is_a_scenario(tmp_path):
    cells = {("Inputs", "orders_per_day"): 75, ("Inputs", "city"): "uk", ("Inputs", "self_shipping"): False}
    path = filled(tmp_path / "my_plan.xlsx", cells)
    shop = load_scenario(path, months=3)
    assert (shop.orders_per_day, shop.city, shop.self_shipping, shop.months) == (75.0, "uk", False, 3)
    expected = plan_shop("tea_shop_startup", orders_per_day=75, city="uk", self_shipping=False)
    assert plan_shop(path).to_json() == expected.to_json()


def test_assumptions_are_not_lost_where_a_scenario_cannot_hold_them(tmp_path):
    path = filled(tmp_path / "my_plan.xlsx", {("Assumptions", "pick_lines_per_hour"): 33})
    with pytest.raises(InputError, match=r"my_plan.xlsx sets assumptions too \(pick_lines_per_hour\)"):
        load_scenario(path)
    assert plan_shop(path).assumptions.changed == {"pick_lines_per_hour"}
    assert plan_shop(path, pick_lines_per_hour=44).values["pick_lines_per_hour"] == 44


def test_every_mistake_is_told_with_sheet_and_cell(tmp_path):
    path = filled(
        tmp_path / "my_plan.xlsx",
        {
            ("Inputs", "months"): 0,
            ("Inputs", "city"): "hangzou",
            ("Inputs", "return_share"): None,
            ("Inputs", "service_until_hour"): 5,
            ("Inputs", "self_shipping"): "perhaps",
            ("Assumptions", "pick_lines_per_hour"): 0,
            ("Assumptions", "overhead_share"): "ten",
            ("Assumptions", "hire_cost_volume"): None,
        },
    )
    told = mistakes_of(lambda: plan_shop(path))
    assert len(told) == 8
    assert all(sentence.startswith("my_plan.xlsx, sheet ") and ", cell C" in sentence for sentence in told)
    for part in (
        "sheet Inputs, cell C10: months is 0; it must be a whole number, 1 to 36 months",
        "city is 'hangzou'; it must be one of",
        "return_share is missing",
        "service_until_hour is 5; it must be later than service_from_hour",
        "self_shipping is 'perhaps'; it must be true or false",
        "pick_lines_per_hour is 0; it must be more than 0",
        "overhead_share is 'ten'; it must be a number",
        "hire_cost_volume is empty; it must be a number, such as the typical 900",
    ):
        assert any(part in sentence for sentence in told), part


def test_pay_that_was_withheld_is_asked_for(tmp_path):
    workbook(plan_of("online_retail_uk"), tmp_path / "plan.xlsx")
    with pytest.raises(
        InputError, match=r"sheet Assumptions, cell C\d+: pay_picker was set, but its figure is withheld"
    ):
        plan_shop(str(tmp_path / "plan.xlsx"))


def test_a_tried_contribution_rate_is_not_lost_in_silence(tmp_path):
    workbook(plan_of("tea_shop_startup"), tmp_path / "plan.xlsx", show_pay=True)
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    book["Pay"]["C5"] = 0.05
    book.save(tmp_path / "plan.xlsx")
    with pytest.raises(InputError, match=r"sheet Pay, cell C5: .* is 0.05, not 0.16 as planned"):
        plan_shop(str(tmp_path / "plan.xlsx"))


def test_rows_that_are_there_twice_or_unknown_or_without_heading(tmp_path):
    path = tmp_path / "my_plan.xlsx"
    workbook(plan_of("tea_shop_startup"), path)
    book = openpyxl.load_workbook(path)
    last = book["Inputs"].max_row
    for row, (name, value) in enumerate([("months", 6), ("citty", "uk")], start=last + 1):
        book["Inputs"].cell(row, 1).value, book["Inputs"].cell(row, 3).value = name, value
    book["Assumptions"]["A4"] = "Assumed"
    book.save(path)
    told = "\n".join(mistakes_of(lambda: plan_shop(str(path))))
    assert f"cell C{last + 1}: 'months' is there already, in cell C10" in told
    assert f"cell C{last + 2}: a scenario has no field 'citty'; did you mean 'city'?" in told
    assert "sheet Assumptions: no row begins with Assumption or 假设项" in told


def test_what_is_no_workbook_of_a_plan_is_one_sentence(tmp_path, capsys):
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(InputError, match="has no sheet"):
        load_scenario(str(tmp_path / "other.xlsx"))
    assert not is_plan_file(str(tmp_path / "other.xlsx"))
    assert not is_plan_file(str(tmp_path / "no\0name.xlsx"))
    assert is_fleet(str(tmp_path / "other.xlsx"))


def test_the_command_line_takes_a_workbook(tmp_path, capsys):
    path = filled(tmp_path / "my_plan.xlsx", {("Inputs", "orders_per_day"): 75})
    shutil.copy(path, tmp_path / "wrong.xlsx")
    assert not is_fleet(path)
    assert main(["check", path]) == 0
    assert "my_plan.xlsx is in order: " in capsys.readouterr().out
    wrong = filled(tmp_path / "wrong.xlsx", {("Inputs", "months"): "many", ("Assumptions", "seat_cost"): -1})
    assert main(["report", wrong, "--set", "cutoff_hour=99", "--out", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 3
    assert not (tmp_path / "out").exists()
