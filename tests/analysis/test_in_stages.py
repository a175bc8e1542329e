"""The same shop in three stages: only what is said to change changes, and tables hold the plans' own numbers."""

import pytest

from ecteam import InputError, load_scenario, make_plan
from ecteam.analysis.stages import in_stages, orders_of_stage
from ecteam.analysis.tipping_points import stage_of_orders
from ecteam.inputs.tables import STAGES
from ecteam.inputs.words import using
from ecteam.view import decisions


@pytest.fixture(scope="module")
def plans():
    return in_stages(make_plan(load_scenario("tea_shop_growth", months=2)))


def test_orders_of_a_stage_lie_in_it():
    for stage in STAGES:
        assert stage_of_orders(orders_of_stage(stage)) == stage


def test_only_orders_stage_and_hats_change(plans):
    assert list(plans) == list(STAGES)
    own = plans["growth"].scenario.model_dump()
    assert own == load_scenario("tea_shop_growth", months=2).model_dump()
    for stage, plan in plans.items():
        mine = plan.scenario.model_dump()
        assert {key for key in mine if mine[key] != own[key]} <= {"stage", "orders_per_day", "hats"}
        assert plan.scenario.stage == stage


def test_further_changes_of_a_stage_hold_there_alone():
    plan = make_plan(load_scenario("tea_shop_growth", months=1))
    changed = in_stages(plan, {"maturity": {"orders_per_day": 3000, "channels": 6}})
    assert changed["maturity"].scenario.orders_per_day == 3000
    assert [each.scenario.channels for each in changed.values()] == [3, 3, 6]
    assert changed["growth"] is plan
    with pytest.raises(InputError, match="there is no stage 'mature'; did you mean 'maturity'"):
        in_stages(plan, {"mature": {}})


def test_tables_and_chart_hold_the_heads_of_the_plans(plans):
    heads = decisions.heads_by_department(plans)
    for stage, plan in plans.items():
        assert heads[stage].sum() == plan.totals["heads_last_month"]
    table = decisions.departments(plans).data
    assert table.iloc[-1, 1:].tolist() == [f"{int(heads[stage].sum()):,}" for stage in plans]
    title = decisions.shape_of_teams(plans).get_title()
    assert f"From {heads['startup'].sum()} to {heads['maturity'].sum()} heads" in title
    with using("zh"):
        assert "人" in decisions.stage_summary(plans)
