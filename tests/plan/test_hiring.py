"""The hiring of a plan is that of its own team: the figures of `plan.team` and `plan.cost`, month by month."""

import numpy as np
import pytest

from ecteam.inputs.checks import InputError
from ecteam.plan.hiring import GONE, hiring_of
from ecteam.plan.plan import plan_shop

CASES = {
    "start-up": ("tea_shop_startup", {}),
    "growth": ("tea_shop_growth", {}),
    "uk": ("online_retail_uk", {}),
    "whole heads only": ("tea_shop_growth", {"part_time": False, "may_buy": "none", "temps_on_event_days": False}),
    "a month of a new shop": (
        "tea_shop_growth",
        {"team_in_place": False, "months": 1, "outsourced_service_share": 0.5},
    ),
}


@pytest.fixture(scope="module", params=CASES)
def plan(request):
    name, changes = CASES[request.param]
    return plan_shop(name, **changes)


def test_the_table_is_the_team(plan):
    table, team = plan.hiring.table, plan.team
    assert table[["month", "role"]].to_numpy().tolist() == team[["month", "role"]].to_numpy().tolist()
    assert (table["heads"] == team["heads"]).all()
    for of_team, here in (
        ("hires", table["starts"] + table["leavers"]),
        ("temp_hours", table["temp_hours"]),
        ("bought_hours", table["bought_work"]),
    ):
        assert here.to_numpy() == pytest.approx(team[of_team].to_numpy(), abs=1e-9), of_team
    before = table.groupby("role")["heads"].shift(fill_value=0)
    first = table["month"] == plan.months[0]
    grown = np.where(first & (plan.scenario.team_in_place | (table["role"] == "owner")), 0, table["heads"] - before)
    assert table["starts"].tolist() == grown.tolist()


def test_what_covers_the_work_adds_up_to_it(plan):
    table, team = plan.hiring.table, plan.team
    covers = table[["own_hours", "part_time_hours", "temp_work", "bought_work"]]
    assert covers.sum(axis=1).to_numpy() == pytest.approx(table["need_hours"].to_numpy(), rel=1e-9)
    assert (table[[*covers, "spare_hours"]] >= 0).all(axis=None)
    shrinkage = team["role"].map({r: plan.values[k] for r, k in plan.assumptions.role_columns["shrinkage"].items()})
    hours = team["month"].map(dict(zip(plan.months, plan.results.paid_hours[0], strict=True))) * (1 - shrinkage)
    own = table["own_hours"] + table["part_time_hours"]
    assert own.to_numpy() == pytest.approx((team["fte"] * hours - team["bought_hours"]).to_numpy(), abs=1e-6)
    # Who is on the payroll works or is spare; only the owner works more than a month.
    capacity = (team["employed_fte"] * hours).to_numpy()[team["role"] != "owner"]
    assert (own + table["spare_hours"])[team["role"] != "owner"].to_numpy() == pytest.approx(capacity, abs=1e-6)
    # A role has one part-time person at most.
    assert (table["part_time_hours"] < hours + 1e-6).all()
    if not plan.scenario.part_time:
        assert table["part_time_hours"].max() < 1e-6


def test_what_is_paid_is_the_plans_cost_to_the_cent(plan):
    paid = plan.cost.groupby("month")["amount"].sum()
    assert (plan.hiring.cash_out - paid).abs().max() < 0.005
    assert plan.hiring.cash_out.sum() == pytest.approx(plan.totals["cost_total"], abs=0.005)
    assert plan.hiring.cash_out.index.equals(plan.months)


def test_the_calendar_fills_the_posts_of_the_table_and_every_leaver(plan):
    found, table = plan.hiring.calendar, plan.hiring.table
    assert found is plan.hires
    posts = table[table["starts"] > 0].set_index(["month", "role"])["starts"]
    new = found[found["new_posts"] > 0].set_index(["month", "role"])["new_posts"]
    assert new.sort_index().to_dict() == posts.sort_index().to_dict()
    leavers = table.groupby("role")["leavers"].sum()
    replaced = found.groupby("role")["replacements"].sum().reindex(leavers.index, fill_value=0)
    assert ((leavers - replaced >= -1e-9) & (leavers - replaced < 1)).all()
    lead = [month.ordinal - first.ordinal for month, first in zip(found["month"], found["advertise_by"], strict=True)]
    assert lead == plan.hiring.lead_months[found["role"]].tolist()


def test_a_head_a_hire_and_an_hour_cost_what_they_cost_in_the_plan():
    """Unit prices times the plan's own heads and hours are the plan's own cost."""
    plan = plan_shop("tea_shop_growth", part_time=False)
    prices, months = plan.hiring.hour_prices, len(plan.months)
    by_role = plan.cost.pivot_table("amount", "role", "item", "sum", fill_value=0.0)
    accountant, service = prices.loc["accountant"], prices.loc["cs_agent"]
    of_heads = by_role.loc["accountant"].drop(["recruiting", "learning", "bought_hours"])
    assert of_heads.sum() == pytest.approx(accountant["head_cost"] * accountant["heads"] * months)
    work = plan.hiring.table.query("role == 'cs_agent'")["temp_work"].sum()
    assert by_role.loc["cs_agent", "temps"] == pytest.approx(service["temp_hour"] * work)
    bought = plan.hiring.table.query("role == 'accountant'")["bought_work"].sum()
    assert by_role.loc["accountant", "bought_hours"] == pytest.approx(accountant["bought_hour"] * bought)
    # Training is a duty of its own in this shop: a hire costs its recruiting.
    hires = plan.team.query("role == 'accountant'")["hires"].sum()
    assert by_role.loc["accountant", "recruiting"] == pytest.approx(accountant["hire_cost"] * hires)
    assert np.isnan(service["bought_hour"])
    assert np.isnan(accountant["temp_hour"])


def test_the_cash_runs_out_in_the_first_month_below_nothing():
    plan = plan_shop("tea_shop_startup")
    paid = plan.hiring.cash_out
    assert plan.hiring.runs_out is None
    assert hiring_of(plan, cash=paid.sum()).runs_out is None
    assert hiring_of(plan, cash=paid.sum() - 1).runs_out == plan.months[-1]
    assert hiring_of(plan, cash=0, inflow_per_month=paid.to_numpy()).runs_out is None
    left = hiring_of(plan, cash=1e6, inflow_per_month=5_000).runway["cash_at_end"]
    assert left.to_numpy() == pytest.approx(1e6 + np.cumsum(5_000 - paid.to_numpy()))


WRONG = {
    "cash below nothing": ({"cash": -1}, "cash is -1; it must be 0 or more"),
    "a typo": ({"cahs": 1}, "hiring_of has no option 'cahs'; did you mean 'cash'?"),
    **{name: ({name: 0.8}, f"hiring_of has no option {name!r}: the hiring plan is that") for name in GONE},
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_refused(case):
    arguments, sentence = WRONG[case]
    plan = plan_shop("tea_shop_startup", months=1)
    with pytest.raises(InputError) as caught:
        assert hiring_of(plan, **arguments).runway is None
    assert caught.value.mistakes[0].startswith(sentence)
    with pytest.raises(InputError, match="'cs_agnet' may have no temps; did you mean 'cs_agent'"):
        plan.hiring.temp_or_head("cs_agnet")
