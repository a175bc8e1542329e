"""Pictures and tables of a plan's hiring: finding, unit, both languages, the same numbers in chart and table."""

import re

import pytest

from ecteam.inputs.checks import InputError
from ecteam.inputs.words import use
from ecteam.plan.hiring import hiring_of
from ecteam.plan.plan import plan_shop
from ecteam.view import hiring as hiring_view
from ecteam.view import team


@pytest.fixture(scope="module")
def hiring():
    return hiring_of(plan_shop("tea_shop_startup"), cash=300_000, inflow_per_month=20_000)


def test_the_cash_picture_says_when_it_runs_out_or_that_nobody_knows(hiring):
    assert f"runs out in {hiring.runs_out:%b %Y}" in team.picture(hiring_view.cash_by_month, hiring).alt
    unknown = hiring_of(hiring.solution)
    assert "no cash figure given" in team.picture(hiring_view.cash_by_month, unknown).alt


def cells(styler, row):
    """The texts of a row of a table, its last one for -1."""
    rows = re.findall(r"<tr>(.*?)</tr>", styler.to_html(), re.DOTALL)
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", rows[row], re.DOTALL)]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_hold_the_numbers_of_the_plan(hiring, lang):
    use(lang)
    shown, last = (
        cells(hiring_view.by_month(hiring), -1),
        hiring.table[hiring.table["month"] == hiring.table["month"].max()],
    )
    assert shown[1] == f"{hiring.solution.totals['heads_last_month']}"
    assert shown[-2:] == [f"{hiring.cash_out.iloc[-1]:,.0f}", f"{hiring.runway['cash_at_end'].iloc[-1]:,.0f}"]
    assert cells(hiring_view.cover_of_work_table(hiring), -1)[1] == f"{last['need_hours'].sum():,.0f}"
    assert hiring_view.hires(hiring.calendar).to_html().count("<tr>") - 1 == len(hiring.calendar)
    bought = cells(hiring_view.hour_prices(hiring), 1)
    assert bought[-2:] == ["–", f"{hiring.hour_prices['bought_hour'].iloc[0]:,.1f}"]
    assert cells(hiring_view.temps_or_head_table(hiring, "warehouse_keeper"), -1)[0] == "12"


@pytest.mark.parametrize(("months", "founded"), [(1, True), (30, False)])
def test_pictures_stand_a_short_and_a_long_plan(months, founded):
    plan = plan_shop("tea_shop_startup", months=months, team_in_place=founded)
    for chart in (hiring_view.hires_timeline, hiring_view.cover_of_work, hiring_view.cash_by_month):
        assert team.picture(chart, plan.hiring).alt
    assert plan.hires.empty == founded
    with pytest.raises(InputError, match="did you mean 'warehouse_keeper'"):
        hiring_view.temps_or_head(plan.hiring, "warehouse_keper")
