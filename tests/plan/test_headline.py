"""What a plan says of itself where it is the last line of a cell."""

import re

import pytest

from ecteam import compare, explain, load_scenario, make_plan
from ecteam.inputs.words import use


@pytest.fixture(scope="module")
def plan():
    return make_plan(load_scenario("tea_shop_startup"))


def test_a_plan_is_one_line_with_its_heads_and_cost(plan):
    totals = plan.totals
    line = repr(plan)
    assert len(line) < 120
    assert "\n" not in line
    assert f"{totals['heads_first_month']} → {totals['heads_last_month']} heads" in line
    assert f"{totals['cost_per_month']:,.0f} CNY a month" in line


def test_a_notebook_shows_the_same_figures_and_lines_that_run(plan):
    page = plan._repr_html_()
    cost = re.search(r"<b>([\d,]+) CNY</b>", page)[1]
    assert cost == f"{plan.totals['cost_per_month']:,.0f}"
    lines = [code.replace("&quot;", '"') for code in re.findall("<code>(.*?)</code>", page)]
    assert len(lines) == 4
    for line in lines:
        assert len(eval(line, {"plan": plan, "explain": explain, "compare": compare, "make_plan": make_plan})) > 3


def test_what_is_paid_sums_to_the_headline(plan):
    paid = plan.cost["amount"].sum() / len(plan.months)
    assert f"{paid:,.0f} CNY" in repr(plan)


def test_a_plan_says_itself_in_chinese(plan):
    use("zh")
    assert "人，每月" in repr(plan)
    assert "接下来可以试" in plan._repr_html_()


def test_a_name_of_a_shop_is_text(plan):
    evil = make_plan(plan.scenario.with_changes(name="<script>alert(1)</script>", months=1))
    assert "<script>" not in evil._repr_html_()
