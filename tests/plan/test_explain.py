"""Law 4: every number can be explained down to inputs with unit, source and date."""

import numpy as np
import pandas as pd
import pytest

from ecteam import InputError, explain, load_scenario, make_plan
from ecteam.inputs.words import Name, Note

SCENARIOS = ["tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk"]


@pytest.fixture(scope="module", params=SCENARIOS)
def plan(request):
    return make_plan(load_scenario(request.param))


def names(plan):
    rows = plan.assumptions.rows(plan.scenario.region)
    return [
        "heads", "cost", *plan.totals, *plan.results.roles,
        *dict.fromkeys(plan.team["department"]), *plan.inputs.duties.index,
        *plan.results.amounts, *plan.results.items, *rows.index,
    ]  # fmt: skip


def test_every_number_ends_in_inputs_with_unit_source_and_date(plan):
    for name in names(plan):
        lines = explain(plan, name)
        leaves = lines[lines["kind"] != "computed"]
        assert (leaves["source"] != "").all(), (name, leaves[leaves["source"] == ""])
        assert (leaves.loc[leaves["kind"].isin(["sourced", "planning assumption", "measured"]), "as_of"] != "").all(), (
            name
        )
        computed = lines[lines["kind"] == "computed"]
        assert (computed["formula"] != "").all(), (name, computed[computed["formula"] == ""])
        assert (lines.loc[lines["factor"] != Note("country_pack"), "unit"] != "").all(), name


def test_the_first_line_is_the_number_that_is_shown(plan):
    last = plan.months[-1]
    team = plan.team[plan.team["month"] == last].set_index("role")
    for role, row in team.iterrows():
        assert explain(plan, role)["value"].iloc[0] == row["heads"]
    hours = plan.workload[plan.workload["month"] == last].set_index("duty")["hours"]
    for duty, value in hours.items():
        assert explain(plan, duty)["value"].iloc[0] == value
    cost = plan.cost[plan.cost["month"] == last].groupby("item")["amount"].sum()
    for item, value in cost.items():
        assert explain(plan, item)["value"].iloc[0] == pytest.approx(value, rel=1e-12)
    assert explain(plan, "cost")["value"].iloc[0] == pytest.approx(cost.sum(), rel=1e-12)
    assert explain(plan, "heads")["value"].iloc[0] == team["heads"].sum()
    for name, value in plan.totals.items():
        assert explain(plan, name)["value"].iloc[0] == value


def test_the_hours_of_a_duty_are_its_factors_multiplied(plan):
    for duty in plan.inputs.duties.index:
        lines = explain(plan, duty)
        amount = lines.loc[lines["depth"] == 1, "value"].iloc[0]
        minutes = lines.loc[lines["factor"] == Note("minutes_of", duty=Name(duty)), "value"].iloc[0]
        assert lines["value"].iloc[0] == pytest.approx(amount * minutes / 60, rel=1e-12, abs=1e-12)


def test_what_the_user_set_is_said_to_be_set():
    from ecteam import plan_shop

    plan = plan_shop("tea_shop_startup", pick_lines_per_hour=75, orders_per_day=40)
    lines = explain(plan, "pick_orders").set_index("factor")
    assert lines.loc["pick_lines_per_hour", ["value", "kind", "source"]].tolist() == [
        75,
        "chosen",
        Note("set_for_this_plan"),
    ]
    assert str(lines.loc["orders_per_day", "source"]) == "scenario 'Mountain Tea (start-up)'"


def test_a_figure_of_the_history_names_the_history():
    plan = make_plan(load_scenario("online_retail_uk"))
    line = explain(plan, "order_lines").set_index("factor").loc["lines_per_order"]
    assert line["kind"] == "measured"
    assert "doi:10.24432/C5BW33" in line["source"]
    assert line["value"] == pytest.approx(527756 / 19771)


def test_months_are_found_by_number_and_by_name():
    plan = make_plan(load_scenario("online_retail_uk"))
    by_number, by_name = explain(plan, "orders", 11), explain(plan, "orders", "2027-11")
    pd.testing.assert_frame_equal(by_number, by_name)
    assert not np.isclose(by_number["value"].iloc[0], explain(plan, "orders", 1)["value"].iloc[0])


@pytest.mark.parametrize(
    ("what", "month", "sentence"),
    [
        (
            "customer_servce",
            None,
            "there is no number 'customer_servce' in this plan; did you mean 'customer_service'?",
        ),
        ("heads", 13, "month is 13; it must lie in the plan, 2027-01 to 2027-12"),
    ],
)
def test_a_wrong_question_is_refused(what, month, sentence):
    with pytest.raises(InputError, match="^" + sentence.replace("?", r"\?")):
        explain(make_plan(load_scenario("tea_shop_startup")), what, month)
