"""Charts and tables: findings, units, alternative texts, no missing glyph, escaped text; labels in both languages."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ecteam import load_scenario, make_plan
from ecteam.analysis.uncertainty import influence
from ecteam.inputs.words import Name, label
from ecteam.pay.loaded_cost import ROLE_ITEMS, SHOP_ITEMS
from ecteam.plan.plan import plan_of
from ecteam.plan.post_cards import pay_per_head
from ecteam.plan.privacy import joined_roles
from ecteam.view import pay as pay_view
from ecteam.view import report
from ecteam.view import team as team_view

CHARTS = [team_view.work_by_department, team_view.heads_per_month, team_view.cost_by_item, team_view.orders_per_day]


@pytest.fixture(scope="module", params=["tea_shop_startup", "tea_shop_maturity", "online_retail_uk"])
def plan(request):
    return make_plan(load_scenario(request.param))


@pytest.mark.parametrize("months", [1, 36])
def test_charts_stand_a_short_and_a_long_plan(months):
    plan = make_plan(load_scenario("tea_shop_startup", months=months))
    for chart in CHARTS:
        team_view.picture(chart, plan)


def test_charts_and_tables_stand_a_shop_without_orders():
    plan = make_plan(load_scenario("tea_shop_startup", orders_per_day=0))
    for chart in CHARTS:
        team_view.picture(chart, plan)
    assert "–" in team_view.headline(plan)


def test_tables_show_the_totals_of_the_plan(plan):
    team, cost = team_view.team(plan).to_html(), team_view.cost(plan).to_html()
    assert f"{plan.totals['cost_total']:,.0f}" in team
    assert f"{plan.totals['cost_total']:,.0f}" in cost
    for role in report.largest_roles(plan):
        assert label(role) in report.why(plan, role).to_html()


@pytest.mark.parametrize("shown", [pay_view.bonus_cliffs, pay_view.severance], ids=lambda shown: shown.__name__)
def test_bonus_and_severance_show_the_dearest_role_and_hide_the_pay_of_few(plan, shown):
    pay = pay_per_head(plan).drop("owner", errors="ignore")
    rows, hidden = shown(plan), shown(plan, show_pay=False)
    if isinstance(rows, str):
        assert plan.scenario.region == "uk"
        return
    assert rows.data.iloc[0, 0] in {label(role) for role in pay[pay == pay.max()].index}
    assert plan.scenario.currency in rows.data.columns[1] + rows.data.columns[2]
    if not isinstance(hidden, str):
        alone = [role for role, group in joined_roles(plan.team).items() if role == group]
        assert set(hidden.data.iloc[:, 0]) <= {label(role) for role in alone}


def test_the_assumptions_are_ranked_by_influence(plan):
    ranked = influence(plan)
    assert ranked["swing"].is_monotonic_decreasing
    assert (ranked["swing"] > 0).all()
    assert ranked["en"].iloc[0] in team_view.assumptions(ranked, plan).to_html()


def test_influence_is_what_two_plans_differ_by(plan):
    from ecteam.inputs.assumptions import load_assumptions

    for row in influence(plan).head(8).itertuples():
        # Who wears which hats stays as it is.
        low, high = (
            plan_of(replace(plan.inputs, assumptions=load_assumptions().with_values(**{row.key: v})))
            for v in (row.low, row.high)
        )
        assert low.totals["cost_total"] == pytest.approx(row.cost_low, rel=1e-9)
        assert high.totals["cost_total"] == pytest.approx(row.cost_high, rel=1e-9)


def test_everything_that_is_shown_has_a_label_in_both_languages(plan):
    for key in [*plan.team["role"], *plan.team["department"], *ROLE_ITEMS, *SHOP_ITEMS, *plan.inputs.duties.index]:
        assert Name(key).in_language("en")
        assert re.search(r"[\u4e00-\u9fff]", Name(key).in_language("zh")), key
    with pytest.raises(KeyError, match="there is no name for 'warehous'"):
        label("warehous")


def test_text_of_a_shop_is_never_markup(plan):
    evil = make_plan(plan.scenario.with_changes(name="<img src=x onerror=alert(1)>"))
    for shown in (
        team_view.headline(evil),
        report.why(evil, report.largest_roles(evil)[0]).to_html(),
        team_view.scenario(evil).to_html(),
    ):
        assert "<img src=x" not in shown


def test_shares_and_sums_in_titles_are_those_of_the_frames(plan):
    by_item = plan.cost.groupby("item")["amount"].sum()
    assert (
        f"{by_item.max() / by_item.sum():.0%}"
        in team_view.cost_by_item(plan).get_title(loc="left") + team_view.cost_by_item(plan).get_title()
    )
    team_view.plt.close("all")
    assert np.isclose(by_item.sum(), plan.totals["cost_total"])
