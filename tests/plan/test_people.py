"""The people of a plan: its heads and no others, every hour given out, one owner for each duty, no limit broken."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from ecteam.inputs.scenario_file import load_scenario
from ecteam.plan.people import kept_apart, skills
from ecteam.plan.plan import Plan
from tests.plan.test_plan import SHOPS, make_plan, plan_of, shops

FEW = settings(max_examples=6, derandomize=True)


def check(plan: Plan) -> None:
    people, seats, problem = plan.people, plan.seats, plan.assigned.problem
    # The heads of the plan, each from the month in which there are so many.
    heads = plan.team.set_index(["month", "role"])["heads"]
    for month in plan.months:
        on_board = seats[seats["opened"] <= month].groupby("hired_as").size()
        asked = heads.xs(month)
        assert on_board.reindex(asked.index, fill_value=0).to_dict() == asked.to_dict()
    # Every staffed hour of a duty that is not bought is somebody's.
    given_out = people.pivot_table(index="duty", columns="month", values="hours", aggfunc="sum")
    own = plan.headcount.assign(hours=lambda f: f["staffed_hours"] - f["bought_hours"])
    asked = own.pivot_table(index="duty", columns="month", values="hours", aggfunc="sum")
    given_out = given_out.reindex(index=asked.index, columns=asked.columns).fillna(0)
    np.testing.assert_allclose(given_out, asked, rtol=1e-9, atol=1e-9)
    assert (people["hours"] > 0).all()
    assert not people.duplicated(["month", "person", "duty"]).any()
    # Somebody does only what the scheme of hats gives; the operations head helps out the owner.
    worn = people["duty"].map(plan.inputs.duties["worn_by"])
    helps = (people["hired_as"] == "shop_manager") & (worn == "owner")
    # What is bought as a whole is answered for by whoever has the skill.
    bought = plan.team.groupby("role")["heads"].min().reindex(worn.unique()).eq(0)
    assert (people["hired_as"].eq(worn) | helps | worn.map(bought)).all()
    # A judge that shares no code with the solver finds nothing wrong.
    for at, month in enumerate(plan.months):
        broken = problem.limits(people[people["month"] == month], at)
        assert broken.empty, broken["words"].tolist()


@pytest.mark.parametrize("name", SHOPS)
def test_the_people_of_the_shops_of_the_house(name):
    plan = plan_of(name)
    check(plan)
    assert plan.assigned.notes == ()


@FEW
@given(shop=shops())
def test_the_people_of_any_shop(shop):
    check(make_plan(shop))


def test_an_owner_with_too_much_to_do_is_helped_by_an_operations_head():
    plan = plan_of("tea_shop_startup", orders_per_day=300, suppliers=20)
    helped = plan.people[(plan.people["hired_as"] == "shop_manager")]
    nobody_there = set(plan.team.loc[plan.team["heads"] == 0, "role"])
    assert "owner" in set(helped["duty"].map(plan.inputs.duties["worn_by"]))
    assert set(helped["duty"].map(plan.inputs.duties["worn_by"])) <= {"owner", *nobody_there}
    check(plan)


def test_who_is_to_be_hired_is_a_vacant_seat():
    seats = plan_of("tea_shop_startup").seats.set_index("person")
    assert not seats.loc["Owner", "vacant"]
    assert seats.drop("Owner")["vacant"].all()
    grown = plan_of("tea_shop_growth").seats
    assert set(grown.loc[grown["vacant"], "opened"]) <= set(plan_of("tea_shop_growth").months[1:])
    assert grown.loc[~grown["vacant"], "opened"].eq(plan_of("tea_shop_growth").months[0]).all()


def test_duties_are_kept_apart_from_the_stage_on_in_which_two_people_can_be_asked_for():
    # One cannot be on air and run the room at any stage.
    assert kept_apart(plan_of("tea_shop_startup").inputs)["duty_a"].tolist() == ["host_live_room"]
    growth = kept_apart(plan_of("tea_shop_growth").inputs)
    assert ("place_purchase_orders", "approve_payments") in set(zip(growth["duty_a"], growth["duty_b"], strict=True))
    assert len(kept_apart(plan_of("tea_shop_maturity").inputs)) > len(growth)


def test_a_rule_that_the_team_cannot_keep_is_told_and_the_people_are_placed_all_the_same():
    # One stock-keeper counts the stock and keeps its records: at growth that is no longer right.
    plan = plan_of("tea_shop_startup", stage="growth", hats="five_posts", orders_per_day=40, months=2)
    assert plan.assigned.notes == (
        "'Count stock' and 'Plan stock' must be two people (who counts the stock does not keep its records): "
        "add a person or drop the rule",
    )
    check(plan)
    # The rules that can be kept are: the owner and the operations head share ordering and approving.
    doers = plan.people.groupby("duty")["person"].agg(set)
    assert not doers["place_purchase_orders"] & doers["approve_payments"]


def test_every_role_can_do_its_own_posts():
    inputs = plan_of("tea_shop_maturity").inputs
    can = skills(inputs)
    own = inputs.assumptions.duties.groupby("role", sort=False)["post"].unique()
    assert set(can) == set(inputs.assumptions.roles.index)
    assert {role: sorted(set(posts) - can[role]) for role, posts in own.items() if set(posts) - can[role]} == {}
    assert set().union(*can.values()) == set(inputs.assumptions.duties["post"])


def test_the_same_plan_places_the_same_people():
    first, second = (make_plan(load_scenario("tea_shop_growth", months=2)).people for _ in range(2))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
