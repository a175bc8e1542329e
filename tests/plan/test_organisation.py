"""The organisation of the shops of the house: its parts agree with the plan they are made of."""

import pandas as pd
import pytest

from ecteam.inputs.checks import InputError
from ecteam.organisation.spans import layers_needed
from tests.plan.test_plan import SHOPS, plan_of


@pytest.mark.parametrize("name", SHOPS)
def test_lines_hold_everybody_who_is_there_and_only_them(name):
    plan = plan_of(name)
    for month in (str(plan.months[0]), str(plan.months[-1])):
        here = plan.organised(month)
        heads = plan.team.loc[plan.team["month"].astype(str) == month, "heads"].sum()
        assert len(here.tree) == len(here.seats) == heads
        assert set(here.tree["person"]) == set(here.seats["person"])
        assert (here.tree["manager"] == "").sum() == 1
        assert here.measures.loc["layers", "value"] >= layers_needed(heads, max(2, int(here.spans["reports"].max())))
    assert plan.organisation.equals(plan.organised().tree)


@pytest.mark.parametrize("name", SHOPS)
def test_everybody_who_works_answers_and_nothing_worse_than_a_missing_deputy_is_found(name):
    here = plan_of(name).organised()
    worse = here.findings[here.findings["finding"] != "no_deputy"]
    # An owner of a small shop answers for much; work that is bought as a whole is answered for by somebody here.
    bought = set(here.duties.index[here.duties["worn_by"].isin(_nobody_there(plan_of(name)))])
    assert set(worse["finding"]) <= {"too_many", "no_authority"}
    assert set(worse.loc[worse["finding"] == "too_many", "person"]) <= {"Owner"}
    assert set(worse.loc[worse["finding"] == "no_authority", "duty"]) <= bought
    owners = here.people[here.people["accountable"]]
    assert sorted(owners["duty"]) == sorted(here.duties.index)
    assert set(here.capabilities["capability"]) == {"organisation_growth", "daily_operation", "development_support"}
    assert (here.capabilities["owned"] == here.capabilities["duties"]).all()
    assert here.capabilities["duties"].sum() == len(here.duties)


def _nobody_there(plan):
    last = plan.team[plan.team["month"] == plan.months[-1]]
    return set(last.loc[last["heads"] == 0, "role"])


def test_hours_of_the_remove_one_test_are_those_of_the_people():
    here = plan_of("online_retail_uk").organised()
    hours = here.removed.groupby("person")["hours"].sum()
    pd.testing.assert_series_equal(
        hours.sort_index(), here.people.groupby("person")["hours"].sum().sort_index(), check_names=False
    )
    assert here.losses["uncovered_hours"].ge(0).all()
    assert here.losses["cost_if_leaves"].is_monotonic_decreasing
    # Who answers for a duty that nobody else may do leaves it without cover.
    alone = here.removed[here.removed["cover"] == ""]
    assert (alone["covered_hours"] == 0).all()


def test_who_is_to_be_hired_counts_as_there_when_it_is_asked_who_could_stand_in():
    here = plan_of("tea_shop_startup").organised()
    assert here.tree.set_index("person")["vacant"].drop("Owner").all()
    assert here.removed.set_index(["person", "duty"]).loc[("Service agent", "answer_before_sale"), "cover"] != ""


def test_a_logistics_company_does_its_steps_of_an_order():
    own, given_away = plan_of("online_retail_uk"), plan_of("online_retail_uk", self_shipping=False)
    assert "pick_orders" in set(own.organised().hand_offs["duty"])
    outside = given_away.organised().hand_offs.set_index("duty")
    assert outside.loc["pick_orders", "group"] == "outside"


def test_structures_are_of_the_same_people():
    here = plan_of("tea_shop_growth").organised()
    assert list(here.structures) == ["functional", "matrix", "cells", "network"]
    for name in ("functional", "matrix", "cells"):
        assert set(here.structures[name].tree["person"]) == set(here.seats["person"])
    assert (here.structures["network"].tree["position"] == "partner").sum() == 1
    assert list(here.structures_compared.columns) == list(here.structures)


def test_a_structure_without_enough_people_is_left_out():
    here = plan_of("tea_shop_startup", channels=40).organised()
    assert "cells" not in here.structures


def test_checkpoints_are_four_weeks_apart_at_most_and_owned_by_people_of_the_plan():
    for name in ("tea_shop_startup", "tea_shop_growth"):
        here = plan_of(name).organised()
        cut = here.checkpoints
        assert (cut["weeks"] <= 4).all()
        assert set(cut["owner"]) <= set(here.seats["person"])
        assert cut["result_en"].str.len().gt(0).all()
        assert (cut["start"] >= cut["start"].min()).all()


def test_a_layer_fewer():
    here = plan_of("online_retail_uk").organised()
    removal = here.without_layer(2)
    assert removal.tree["layer"].max() == here.tree["layer"].max() - 1
    assert set(removal.tree["person"]) == set(here.tree["person"])
    with pytest.raises(InputError, match="layer"):
        plan_of("tea_shop_startup").organised().without_layer(2)


@pytest.mark.parametrize("month", [1, 12])
def test_the_shares_of_a_month_add_up_to_those_on_the_payroll(month):
    plan = plan_of("tea_shop_startup")
    here = plan.organised(month)
    team = plan.team[plan.team["month"] == here.month].set_index("role")["employed_fte"]
    shares = here.tree.groupby("position")["month_share"].sum()
    assert shares.to_dict() == pytest.approx({role: fte for role, fte in team.items() if role in shares.index})
    part_time = here.tree[here.tree["month_share"] < 1]
    assert len(part_time) == (1 if month == 1 else 2)


@pytest.mark.parametrize("start", ["2027-01", "2027-06"])
def test_a_new_shop_opens_when_its_orders_come(start):
    # It opened on 25 February and had 2,207 orders in January; its first people were advertised for in August.
    plan = plan_of("tea_shop_startup", start_month=start)
    way, first = plan.organised().checkpoints, plan.months[0].start_time
    assert way.loc[way["task"] == "ship_trial_orders", "due"].max() < first
    assert plan.results.demand.orders[0, 0] > 0
    assert way.loc[way["task"] == "run_first_campaign", "start"].min() == first
    assert set(way.loc[way["start"] < first, "owner"]) == {"Owner"}
    calendar = plan.hires
    for month, advertised in calendar[calendar["new_posts"] > 0].groupby("month")["advertise_by"].min().items():
        search = way[way["task"] == f"find_candidates_{month}".replace("-", "_")]
        # The task's own six weeks may be more than the months to fill the post, and never fewer.
        assert (advertised - 1).start_time < search["start"].min() <= advertised.start_time
        hired = way[way["task"] == f"hire_people_{month}".replace("-", "_")]
        assert hired["due"].max() == month.start_time - pd.Timedelta(days=1)
    assert way["start"].min() <= calendar["advertise_by"].min().start_time
