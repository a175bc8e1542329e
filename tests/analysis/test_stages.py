"""Stages: what evidence says, posts, levers, three stages of a shop, the difference of two plans, the time machine."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam import load_scenario, make_plan, stages
from ecteam.analysis.difference import difference, duties_moved
from ecteam.analysis.stages import (
    classify,
    fte_by_post,
    in_stages,
    lever,
    levers,
    orders_of_stage,
    posts_due,
    pulled,
    read_stages,
    scaling_unproven,
    stage_of,
    steady_months,
)
from ecteam.analysis.tipping_points import stage_of_orders, time_machine
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.tables import STAGES
from ecteam.inputs.words import using
from ecteam.view import decisions

TABLES = read_stages()
SIZE = {"orders_per_day": 600.0, "channels": 3.0, "heads": 48.0}
PROOF = {"repeat_share": 0.3, "contribution_margin_share": 0.15, "steady_months": 9}


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
            (lambda _: classify(SIZE | {"repeat_share": 1.2}), "repeat_share is 1.2; it must be 0 to 1"),
            (lambda _: classify(SIZE | {"heads": -1}), "heads is -1; it must be 0 or more"),
            (lambda _: classify({"orders_per_day": float("nan")}), "orders_per_day is nan"),
            (lambda _: classify({"repeat_share": 0.2}), "no measure of size is given"),
            (
                lambda _: classify({"orders_a_day": 2.0, "heads": 3.0}),
                "there is no measure 'orders_a_day'; did you mean",
            ),
            (lambda _: pulled("chanels", {}, TABLES), "there is no lever 'chanels'; did you mean 'channels'?"),
            (lambda _: pulled("channels", {}, TABLES, "most"), "how_far is 'most'"),
            (lambda plan: steady_months(plan), "the scenario has no order history"),
            (lambda plan: levers(plan, contribution_per_order=0), "contribution_per_order is 0"),
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


def due(stage, **more):
    given_size = SIZE | more
    fte = dict.fromkeys(TABLES.posts["post"], 0.4)
    return posts_due(stage, given_size, fte, self_shipping=True, stages=TABLES).set_index("post")


def test_the_tables_name_posts_stages_and_fields_that_exist():
    assert set(TABLES.posts["post"]) == set(load_assumptions().duties["post"])
    assert set(TABLES.levers["field"]) <= set(Scenario.model_fields)
    assert set(TABLES.levers["lever"]) == {"categories", "channels", "exposure"}
    for field in TABLES.levers["field"]:
        assert field_info(field)["group"] in ("catalogue", "promotion")
    for table in (TABLES.thresholds, TABLES.posts, TABLES.levers):
        assert set(table["kind"]) == {"planning assumption"}, "a sourced row must name its page; test that then"
        assert (table["source"] != "").all()


@pytest.mark.parametrize(
    ("evidence", "stage", "proven"),
    [
        ({"orders_per_day": 60, "channels": 1, "heads": 5}, "startup", None),
        (SIZE, "growth", None),
        (SIZE | PROOF, "growth", True),
        (SIZE | PROOF | {"repeat_share": 0.1}, "startup", False),
        ({"orders_per_day": 6000, "channels": 6, "heads": 276} | PROOF, "maturity", True),
        ({"orders_per_day": 6000, "channels": 1, "heads": 20}, "growth", None),
        ({"orders_per_day": 6000}, "maturity", None),
        ({"orders_per_day": 6000, "channels": 1}, "startup", None),
    ],
)
def test_evidence_says_a_stage(evidence, stage, proven):
    found = classify(evidence, TABLES)
    assert (found.stage, found.proven) == (stage, proven)
    assert set(found.evidence["measure"]) == set(TABLES.thresholds["measure"])


@settings(max_examples=25)
@given(st.floats(0, 1e5), st.floats(0, 1e5), st.integers(1, 20), st.integers(0, 500))
def test_more_orders_never_speak_for_an_earlier_stage(one, other, channels, heads):
    less, more = sorted((one, other))
    rest = {"channels": channels, "heads": heads}
    early, late = (classify({"orders_per_day": orders} | rest, TABLES).stage for orders in (less, more))
    assert STAGES.index(early) <= STAGES.index(late)


def test_inside_the_range_of_a_threshold_the_answer_is_close():
    evidence = classify(SIZE | {"orders_per_day": 250.0}, TABLES).evidence.set_index("measure")
    assert evidence.loc["orders_per_day", "close"]
    far = classify(SIZE | {"orders_per_day": 50.0}, TABLES).evidence.set_index("measure")
    assert not far.loc["orders_per_day", "close"]


def test_scaling_before_the_model_is_proven_is_warned_of():
    assert scaling_unproven(classify(SIZE, TABLES), "startup"), "it is large without the proof"
    assert scaling_unproven(classify({"orders_per_day": 20, "channels": 1, "heads": 3}, TABLES), "growth")
    assert not scaling_unproven(classify({"orders_per_day": 20, "channels": 1, "heads": 3}, TABLES), "startup")
    assert not scaling_unproven(classify(SIZE | PROOF, TABLES), "growth")
    assert scaling_unproven(classify(SIZE | PROOF | {"steady_months": 1}, TABLES), "growth")


class TestPosts:
    def test_a_post_that_answers_neither_question_is_not_for_a_start_up(self):
        posts = due("startup")
        assert set(posts.index[posts["status"] == "not_now"]) == {
            "people", "finance", "technology", "anti_abuse", "quality", "public_relations", "legal",
        }  # fmt: skip
        assert posts.loc["helmsman", "status"] == "now"
        assert posts.loc["design", "status"] == "hat"

    def test_growth_adds_the_standardisers_by_their_triggers(self):
        posts = due("growth", channels=2.0)
        assert posts.loc["people", "status"] == "now"
        assert posts.loc["finance", "status"] == "now"
        assert posts.loc["technology", "status"] == "hat", "two channels are one short of its trigger"
        assert posts.loc["legal", "status"] == "not_yet"

    def test_a_shop_that_does_not_ship_needs_no_stock_keeping(self):
        fte = dict.fromkeys(TABLES.posts["post"], 2.0)
        posts = posts_due("startup", SIZE, fte, self_shipping=False, stages=TABLES).set_index("post")
        assert posts.loc["stock_keeping", "status"] == "not_needed"
        assert posts.loc["design", "status"] == "now"


def test_a_lever_changes_its_fields_only():
    shop = dict.fromkeys(TABLES.levers["field"], 10.0)
    assert pulled("channels", shop, TABLES) == {
        "channels": 11, "ad_accounts": 11, "event_applications_per_month": 15,
    }  # fmt: skip
    for name in ("categories", "channels", "exposure"):
        low, typical, high = (pulled(name, shop, TABLES, how) for how in ("low", "typical", "high"))
        assert all(10 <= low[f] <= typical[f] <= high[f] for f in low)


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
