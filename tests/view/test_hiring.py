"""Pictures and tables of a hiring plan: finding, unit, both languages, the same numbers in chart and table."""

import re

import pytest

from ecteam.inputs.checks import InputError
from ecteam.inputs.words import use
from ecteam.plan.hiring import hiring_of
from ecteam.plan.plan import plan_shop
from ecteam.view import hiring as hiring_view
from ecteam.view import team

SHOWN = {
    "timeline": (hiring_view.hires_timeline, ()),
    "cover": (hiring_view.cover_of_work, ()),
    "cover of a role": (hiring_view.cover_of_work, ("warehouse_keeper",)),
    "cash": (hiring_view.cash_by_month, ()),
    "temps or head": (hiring_view.temps_or_head, ("warehouse_keeper",)),
}


@pytest.fixture(scope="module")
def plan():
    return plan_shop("tea_shop_startup")


@pytest.fixture(scope="module")
def hiring(plan):
    return hiring_of(plan, cash=300_000, inflow_per_month=20_000, gap=1e-3)


@pytest.mark.parametrize("shown", SHOWN)
def test_a_picture_says_its_finding_and_its_unit_in_both_languages(hiring, shown):
    chart, arguments = SHOWN[shown]
    for lang in ("en", "zh"):
        use(lang)
        drawn = team.picture(chart, hiring, *arguments)
        assert drawn.png.startswith(b"\x89PNG")
        ax = chart(hiring, *arguments)
        title, units = ax.get_title(loc="left") or ax.get_title(), ax.get_ylabel() + ax.get_xlabel()
        assert units
        assert bool(re.search(r"[\u4e00-\u9fff]", title)) == (lang == "zh"), title
        team.plt.close("all")


def test_the_cash_picture_says_when_it_runs_out_or_that_nobody_knows(plan, hiring):
    month = hiring.runway.runs_out
    assert f"runs out in {month:%b %Y}" in team.picture(hiring_view.cash_by_month, hiring).alt
    assert "no cash figure given" in team.picture(hiring_view.cash_by_month, hiring_of(plan, gap=1e-3)).alt


def test_what_covers_the_work_adds_up_to_it(hiring):
    table = hiring_view.work_covered(hiring)
    covers = table[["own_work", "part_time_work", "overtime", "temps", "outsourced_work"]].sum(axis=1)
    assert covers.to_numpy() == pytest.approx(table["need_hours"].to_numpy())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_hold_the_numbers_of_the_plan(hiring, lang):
    use(lang)
    beside = hiring_view.beside_simple_plan(hiring).to_html()
    assert f"{hiring.cash_out.sum():,.0f}" in beside
    assert f"{hiring.cash_out.iloc[0]:,.0f}" in hiring_view.by_month(hiring).to_html()
    rows = hiring_view.calendar(hiring).to_html().count("<tr>") - 1
    assert rows == len(hiring.calendar)
    assert hiring_view.cover_of_work_table(hiring).to_html().count("<tr>") == len(hiring.solution.months) + 1
    assert hiring_view.temps_or_head_table(hiring, "warehouse_keeper").to_html().count("<tr>") == 13


def test_plan_and_actual_needs_months_gone(hiring):
    with pytest.raises(InputError, match="knows no months gone"):
        hiring_view.plan_and_actual(hiring)
    with pytest.raises(InputError, match="did you mean 'warehouse_keeper'"):
        hiring_view.temps_or_head(hiring, "warehouse_keper")


@pytest.mark.parametrize("months", [1, 30])
def test_pictures_stand_a_short_and_a_long_plan(months):
    found = hiring_of(plan_shop("tea_shop_startup", months=months), gap=0.01)
    for chart in (hiring_view.hires_timeline, hiring_view.cover_of_work, hiring_view.cash_by_month):
        assert team.picture(chart, found).alt
