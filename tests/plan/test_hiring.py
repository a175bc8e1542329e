"""The hiring plan of a shop: its need and terms, beside the simple plan, at a quantile, with months gone, its cash."""

from itertools import pairwise

import numpy as np
import pytest

from ecteam.hiring.result import ITEMS
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import Name
from ecteam.plan.hiring import COVERS, hiring_of, hours_per_head, roles_of, terms_of
from ecteam.plan.plan import plan_shop

SHOPS = ("tea_shop_startup", "tea_shop_growth", "online_retail_uk")


@pytest.fixture(scope="module")
def plans():
    return {name: plan_shop(name) for name in SHOPS}


@pytest.fixture(scope="module")
def growth(plans):
    return hiring_of(plans["tea_shop_growth"])


@pytest.mark.parametrize("name", SHOPS)
def test_the_need_is_the_plans_work_and_it_is_covered(plans, name):
    plan = plans[name]
    found = hiring_of(plan, gap=1e-3)
    at = [plan.results.roles.index(role) for role in roles_of(plan)]
    assert "owner" not in roles_of(plan)
    need = found.table.pivot_table("need_hours", "role", "month", sort=False).to_numpy()
    assert need == pytest.approx(plan.results.fte[at, 0] * hours_per_head(plan)[at])
    terms = {one.role: one for one in found.terms}
    for role, table in found.table.groupby("role", sort=False):
        one = terms[role]
        temps, overtime = (
            one.temp_productivity * table["temp_hours"],
            one.overtime_productivity * table["overtime_hours"],
        )
        others = temps + overtime + table["part_time_hours"] + table["outsourced_hours"]
        assert (table["own_hours"] + others >= table["need_hours"] - 1e-4).all(), role
        assert (table["staff"] >= np.asarray(one.least_heads) - 1e-6).all(), role
        assert (table["overtime_hours"] <= 36 * table["staff"] + 1e-6).all() or plan.scenario.region != "cn", role


def test_a_head_costs_what_it_costs_in_the_plan(plans):
    """One more head, hire and hour of a temp, added up over the plan's own heads, is the plan's own cost."""
    plan = plan_shop("tea_shop_growth", part_time=False, may_buy="none")
    terms = {one.role: one for one in terms_of(plan)}
    paid = plan.cost[plan.cost["role"].isin(list(terms))]
    by_role = paid[~paid["item"].isin(["recruiting", "learning", "temps"])].groupby("role")["amount"].sum()
    for role, one in terms.items():
        heads = plan.team.loc[plan.team["role"] == role, "heads"].to_numpy()
        assert by_role[role] == pytest.approx((heads * one.cost_per_head).sum()), role
    hires = plan.team.groupby("role")["hires"].sum()
    recruiting = paid[paid["item"] == "recruiting"].groupby("role")["amount"].sum()
    # Training is a duty of its own in this shop: a hire costs its recruiting.
    assert np.asarray(terms["accountant"].hire_cost)[1] * hires["accountant"] == pytest.approx(recruiting["accountant"])


def test_overtime_is_that_of_the_payroll_pack(plans):
    plan = plans["tea_shop_growth"]
    one = next(terms for terms in terms_of(plan) if terms.role == "cs_agent")
    employed = plan.team.query("role == 'cs_agent'")["employed_fte"].iloc[0]
    gross = plan.cost.query("role == 'cs_agent' and item == 'pay'")["amount"].iloc[0] / employed
    assert np.asarray(one.overtime_cost_per_hour)[0] == pytest.approx(gross / 21.75 / 8 * 1.5, abs=0.01)
    wanted = plan_shop("tea_shop_growth", overtime_most_hours=60)
    assert max(np.asarray(terms.overtime_most_hours_per_head).max() for terms in terms_of(wanted)) == 36


def test_the_total_is_comparable_with_the_simple_plan(plans, growth):
    table = growth.against_simple_plan.set_index("item")
    paid = plans["tea_shop_growth"].cost["amount"].sum()
    assert table.loc["total", "simple_plan"] == pytest.approx(paid)
    assert table.loc["total", "hiring_plan"] == pytest.approx(growth.cash_out.sum())
    assert table["difference"].iloc[:-1].sum() == pytest.approx(table.loc["total", "difference"])
    # The simple plan hires everybody it needs at a peak and lets nobody go.
    assert table.loc["total", "difference"] < 0


def test_more_ways_to_cover_a_need_never_cost_more(plans):
    plan = plans["tea_shop_startup"]
    cost = [hiring_of(plan, may=COVERS[:n], gap=1e-6).result.total for n in range(len(COVERS) + 1)]
    assert all(later <= earlier * (1 + 1e-5) for earlier, later in pairwise(cost))


def test_a_founding_team_is_advertised_for_before_the_shop_opens(plans):
    found = hiring_of(plans["tea_shop_startup"])
    first = found.calendar[found.calendar["month"] == found.solution.months[0]]
    begun = found.table[(found.table["month"] == found.solution.months[0]) & (found.table["starts"] > 0)]
    assert len(begun) >= 3
    assert sorted(first["role"]) == sorted(begun["role"])
    assert (first["advertise_by"] < found.solution.months[0]).all()


def test_a_higher_quantile_never_needs_less(plans, monkeypatch):
    monkeypatch.setattr("ecteam.plan.hiring.DRAWS", 30)
    plan = plans["tea_shop_startup"]
    totals = [hiring_of(plan, quantile=q, gap=1e-6).result.total for q in (0.3, 0.9)]
    assert totals == sorted(totals)


def test_months_gone_and_a_new_plan_from_today(plans):
    plan = plan_shop("tea_shop_growth", temp_most_share=0.3)
    earlier = hiring_of(plan)
    gone = earlier.table[earlier.table["month"] <= plan.months[1]][["month", "role", "heads"]].copy()
    left = (gone["role"] == "warehouse_keeper") & (gone["month"] == plan.months[1])
    gone.loc[left, "heads"] -= 2
    now = hiring_of(plan, months_gone=gone, cash=2_000_000, inflow_per_month=300_000)
    assert list(now.result.problem.months) == list(plan.months[2:])
    assert now.against_actual is not None
    worse = now.against_actual.query("difference != 0")
    assert worse[["role", "difference"]].to_numpy().tolist() == [["warehouse_keeper", -2.0]]
    assert (now.calendar.query("new_posts > 0")["advertise_by"] >= plan.months[2]).all()
    assert "runs out in 2027-" in now.runway.said
    expected = 2_000_000 + np.cumsum(300_000 - now.cash_out.to_numpy())
    assert now.runway.table["cash_at_end"].to_numpy() == pytest.approx(expected)


def test_without_cash_nothing_is_said_of_the_runway(growth):
    assert growth.runway.said == "no cash figure given"
    assert growth.runway.runs_out is None


WRONG = {
    "an unknown cover": ({"may": ["temp"]}, "may has 'temp'; did you mean 'temps'?"),
    "a quantile above 1": ({"quantile": 1.2}, "quantile is 1.2; it must be a share, 0 to 1"),
    "cash below nothing": ({"cash": -1}, "cash is -1; it must be 0 or more"),
    "a month that is none": (
        {"advertise_from": "soon"},
        "advertise_from is 'soon'; it must be a month such as 2027-01",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_refused(plans, case):
    arguments, sentence = WRONG[case]
    with pytest.raises(InputError) as caught:
        hiring_of(plans["tea_shop_startup"], **arguments)
    assert sentence in caught.value.mistakes


def test_an_infeasible_wish_names_what_blocks_it(plans):
    plan = plans["tea_shop_startup"]
    worn = plan.inputs.duties.index[plan.inputs.duties["worn_by"] == "designer"]
    first = plan.workload[(plan.workload["month"] == plan.months[0]) & plan.workload["duty"].isin(worn)]
    hours = first["hours"].sum()
    with pytest.raises(
        InputError, match=rf"2027-01: designer needs {hours:.0f} hours more than 0 heads, .*; advertise by 2026-11"
    ):
        hiring_of(plan, may=("temps", "overtime"), advertise_from="2027-01")


def test_a_lead_time_longer_than_the_plan_is_refused():
    with pytest.raises(
        InputError, match="lead_months of 'designer' is 2; the plan has 1 months from 2027-01, so nobody"
    ):
        hiring_of(plan_shop("tea_shop_growth", months=1), advertise_from="2027-01")


@pytest.mark.parametrize("item", [*ITEMS, "temps_on_event_days", "shop_and_owner", "total"])
def test_every_item_has_a_label(item):
    assert Name(item).in_language("en") != Name(item).in_language("zh")
