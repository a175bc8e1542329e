"""The stage of a plan, its levers, the difference of two plans, and the time machine against full plans made anew."""

import numpy as np
import pandas as pd
import pytest

from ecteam import load_scenario, make_plan, stages
from ecteam.analysis.difference import difference, duties_moved
from ecteam.analysis.stages import fte_by_post, in_stages, lever, levers, stage_of, steady_months
from ecteam.analysis.tipping_points import stage_of_orders, time_machine
from ecteam.inputs.checks import InputError


@pytest.fixture(scope="module")
def startup():
    return make_plan(load_scenario("tea_shop_startup", months=2))


@pytest.fixture(scope="module")
def growth():
    return make_plan(load_scenario("tea_shop_growth", months=2))


@pytest.fixture(scope="module")
def machine(startup):
    return time_machine(startup)


class TestStage:
    @pytest.mark.parametrize("name", ["startup", "growth", "maturity"])
    def test_the_saved_scenarios_are_in_the_stage_that_they_say(self, name):
        found = stage_of(make_plan(load_scenario(f"tea_shop_{name}", months=1)))
        assert found.chosen == found.says == name
        assert "stage_overruled" not in found.warnings

    def test_the_user_may_overrule_and_is_told(self, startup):
        early = make_plan(startup.scenario.with_changes(stage="growth"))
        found = stage_of(early)
        assert (found.chosen, found.says) == ("growth", "startup")
        assert set(found.warnings) == {"scaling_not_shown", "stage_overruled"}
        assert found.posts.set_index("post").loc["people", "status"] != "not_now"

    def test_a_model_that_is_not_proven_is_a_start_up(self, growth):
        found = stage_of(growth, repeat_share=0.05, contribution_margin_share=0.2, steady_months=12)
        assert (found.says, found.proven) == ("startup", False)
        assert "scaling_not_proven" in found.warnings
        sound = stage_of(growth, repeat_share=0.3, contribution_margin_share=0.2, steady_months=12)
        assert (sound.says, sound.proven, sound.warnings) == ("growth", True, ())

    def test_work_by_post_is_all_of_the_work(self, growth):
        months = len(growth.months)
        assert sum(fte_by_post(growth).values()) == pytest.approx(growth.headcount["fte"].sum() / months)

    def test_the_next_post_is_the_one_nearest_to_its_trigger(self, startup):
        found = stage_of(startup)
        # Posts that nobody was hired for: the start-up has a service agent and a promotion specialist.
        waiting = found.posts[~found.posts["met"] & ~found.posts["post"].isin(["customer_service", "promotion"])]
        nearest = waiting.loc[(waiting["value"] / waiting["typical"]).idxmax(), "post"]
        assert found.next_post == nearest

    def test_steady_months_come_from_a_history(self):
        plan = make_plan(load_scenario("online_retail_uk", months=1))
        months = steady_months(plan)
        found = stage_of(plan)
        assert found.evidence.set_index("measure").loc["steady_months", "value"] == months
        assert 1 <= months <= 12

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (lambda plan: stage_of(plan, repeat=0.2), "there is no proof 'repeat'; known are: repeat_share"),
            (lambda plan: stage_of(plan, repeat_share=1.2), "repeat_share is 1.2; it must be 0 to 1"),
            (lambda plan: stage_of(plan, contribution_margin_share=-0.2), "contribution_margin_share is -0.2"),
            (lambda plan: steady_months(plan), "the scenario has no order history"),
            (lambda plan: levers(plan, contribution_per_order=0), "contribution_per_order is 0"),
            (lambda plan: lever(plan, "luck"), "there is no lever 'luck'"),
        ],
    )
    def test_wrong_input_is_refused(self, startup, call, sentence):
        with pytest.raises(InputError) as error:
            call(startup)
        assert sentence in str(error.value)


class TestDifference:
    def test_costs_and_heads_sum_to_the_difference_of_the_plans(self, startup, growth):
        table = difference(startup, growth)
        before, after = startup.totals, growth.totals
        assert table["cost"].sum() == pytest.approx(after["cost_per_month"] - before["cost_per_month"])
        assert table["heads"].sum() == after["heads_last_month"] - before["heads_last_month"]
        assert (table["heads"] == table["heads_after"] - table["heads_before"]).all()
        assert table["cost"].abs().is_monotonic_decreasing

    def test_a_plan_does_not_differ_from_itself(self, startup):
        assert difference(startup, startup).empty
        assert duties_moved(startup, startup).empty

    def test_the_duty_named_is_the_one_whose_hours_move_most(self, startup):
        more = make_plan(startup.scenario.with_changes(new_skus_per_month=9))
        moved = duties_moved(startup, more)
        table = difference(startup, more)
        for row in table[table["duty"] != ""].itertuples():
            mine = moved[moved["role"] == row.role]
            assert abs(row.hours) == pytest.approx(mine["hours"].abs().max())
        before, after = (plan.workload.groupby("duty")["hours"].sum() / 2 for plan in (startup, more))
        assert moved.set_index("duty")["hours"]["make_main_images"] == pytest.approx(
            after["make_main_images"] - before["make_main_images"]
        )

    def test_two_currencies_are_refused(self, startup):
        abroad = make_plan(load_scenario("online_retail_uk", months=2))
        with pytest.raises(InputError, match="CNY and GBP"):
            difference(startup, abroad)


class TestLevers:
    def test_each_lever_is_a_plan_of_its_own(self, growth):
        table = levers(growth, contribution_per_order=18).set_index("lever")
        assert list(table.index) == ["categories", "channels", "exposure"]
        for name, row in table.iterrows():
            after, _ = lever(growth, name)
            again = make_plan(after.scenario)
            assert row["cost_per_month"] == pytest.approx(
                again.totals["cost_per_month"] - growth.totals["cost_per_month"]
            )
            assert row["fte"] > 0, "a lever is work for somebody"
            assert row["orders_to_pay"] * 18 * 365 / 12 == pytest.approx(row["cost_per_month"])
        assert levers(growth)["orders_to_pay"].isna().all()

    def test_a_lever_pulled_further_is_no_less_work(self, growth):
        work = [lever(growth, "exposure", how)[0].results.hours.sum() for how in ("low", "typical", "high")]
        assert work == sorted(work)
        assert work[0] < work[2]


class TestTimeMachine:
    def test_a_tipping_point_is_that_of_full_plans_made_anew(self, startup, machine):
        tips = machine.posts[machine.posts["tips_at"].notna() & ~machine.posts["at_least"]]
        assert len(tips) >= 5
        for row in tips.itertuples():
            orders = [int(row.tips_at) - less for less in (0, 1)]
            there, below = (
                make_plan(
                    startup.scenario.with_changes(orders_per_day=n, stage=stage_of_orders(n), hats="specialists"),
                    startup.assumptions,
                )
                for n in orders
            )
            assert fte_by_post(there)[row.post] == pytest.approx(row.fte_at, rel=1e-12)
            assert fte_by_post(there)[row.post] >= 1 > fte_by_post(below).get(row.post, 0.0)

    def test_nobody_who_has_appeared_goes_again(self, machine):
        assert machine.falls == ()
        for row in machine.posts.itertuples():
            work = machine.work[machine.work["post"] == row.post].set_index("orders_per_day")["fte"]
            if row.tips_at == row.tips_at:
                assert (work[work.index >= row.tips_at] >= 1).all()
                assert (work[work.index < row.tips_at] < 1).all()
            else:
                assert (work < 1).all()

    def test_stages_follow_the_orders(self, machine):
        assert machine.stages["stage"].tolist() == ["startup", "growth", "maturity"]
        assert machine.stages["from_orders_per_day"].tolist() == [10, 200, 2000]
        assert [stage_of_orders(n) for n in (199, 200, 1999, 2000)] == ["startup", "growth", "growth", "maturity"]

    def test_the_team_is_that_of_the_plan(self, startup, machine):
        row = machine.team[machine.team["stage"] == "growth"].iloc[0]
        shop = startup.scenario.with_changes(orders_per_day=float(row["orders_per_day"]), stage="growth")
        totals = make_plan(shop).totals
        assert row["heads"] == totals["heads_last_month"]
        assert row["cost_per_month"] == pytest.approx(totals["cost_per_month"])

    def test_the_range_changes_no_tipping_point(self, startup, machine):
        narrow = time_machine(startup, 40, 300)
        one, other = (m.posts.set_index("post")["tips_at"] for m in (machine, narrow))
        inside = one[one.between(41, 300)].index
        assert len(inside) >= 2
        pd.testing.assert_series_equal(one[inside], other[inside])

    @pytest.mark.parametrize(("low", "high"), [(0, 10), (10, 10), (100, 10), (10.5, 20), (10, np.inf)])
    def test_a_range_that_is_none_is_refused(self, startup, low, high):
        with pytest.raises(InputError, match="orders a day; it must be whole, rising and 1 or more"):
            time_machine(startup, low, high)


def test_what_explains_a_role_moves_with_its_work_and_the_next_post_is_one_the_shop_lacks():
    plan = make_plan(load_scenario("tea_shop_growth"))
    stages = in_stages(plan)
    moved = difference(stages["startup"], stages["growth"])
    said = moved[(moved["duty"] != "") & (moved["fte"].abs() > 1e-9)]
    assert len(said) >= 5
    assert (said["hours"] * said["fte"] > 0).all()
    startup = make_plan(load_scenario("tea_shop_startup"))
    hired = set(startup.team.loc[startup.team["heads"] > 0, "role"])
    assert stage_of(startup).next_post == "design"
    assert "designer" not in hired


def test_a_team_dearer_than_usual_is_told_the_cheapest_change():
    dear = make_plan(load_scenario("tea_shop_startup", orders_per_day=1, months=1))
    judged = stages.people_cost(dear)
    assert judged.share == pytest.approx(
        dear.totals["cost_total"] / (dear.totals["orders_total"] * dear.scenario.average_order_value)
    )
    assert judged.share > judged.high
    field, value, cost = stages.cheapest_change(dear)
    assert cost == make_plan(dear.scenario.with_changes(**{field: value})).totals["cost_per_month"]
    others = [{"self_shipping": False}, {"hats": "two_posts"}, {"stage": "growth"}]
    assert cost <= min(make_plan(dear.scenario.with_changes(**one)).totals["cost_per_month"] for one in others)
    assert cost < dear.totals["cost_per_month"]
    assert stages.people_cost(make_plan(load_scenario("tea_shop_startup", orders_per_day=0, months=1))) is None
