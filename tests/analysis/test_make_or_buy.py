"""Decisions and defenders of a plan: break-evens and flips are those of a plan made anew; bad input is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ecteam import load_scenario, make_plan
from ecteam.analysis import options
from ecteam.analysis.defenders import all_defences, defence, needed_loss_per_bad_order, small_holes
from ecteam.analysis.make_or_buy import decide, event_peak, first_hires, service_desk, shipping, shop_system
from ecteam.analysis.options import head_cost_per_month, hours_per_head
from ecteam.analysis.sensitivity import cash_cost
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import label, rough
from ecteam.view import answer, decisions

OWN = {"loss_per_bad_order": 100, "margin_per_order": 30, "defect_share": 0.02}


@pytest.fixture(scope="module")
def plan():
    # November, so that there is an event; a short plan keeps the many solves short.
    return make_plan(load_scenario("tea_shop_startup", start_month="2027-11", months=1))


@pytest.fixture(scope="module")
def found(plan):
    return decide(plan)


def cost_of(decision, option, orders):
    mine = decision.curves[decision.curves["option"] == option]
    return float(np.interp(orders, mine["orders_per_day"], mine["cost"]))


def test_every_decision_has_its_options_and_names_the_cheapest(found, plan):
    assert list(found) == ["shop_system", "shipping", "service_desk", "event_warehouse"]
    for decision in found.values():
        cheapest = decision.now.loc[decision.now["cost"].idxmin(), "option"]
        assert decision.best == cheapest
        assert decision.now["more_than_best"].min() == 0
        assert decision.orders_per_day == 60
        assert (decision.curves["cost"] >= -1e-9).all()
        assert set(decision.curves["option"]) == set(decision.options)
        now = decision.curves[decision.curves["orders_per_day"] == 60].set_index("option")["cost"]
        assert now[decision.options].to_numpy() == pytest.approx(decision.now["cost"].to_numpy())


def test_a_decision_is_measured_against_what_the_plan_does(found, plan):
    does = {"shop_system": "bought_system", "shipping": "own_warehouse", "service_desk": "own_desk"}
    for name, present in does.items():
        now = found[name].now.set_index("option")["cost"]
        assert found[name].present == present
        assert found[name].now["more_than_present"].tolist() == pytest.approx((now - now[present]).tolist())
    assert found["event_warehouse"].present == "temps"
    elsewhere = make_plan(plan.scenario.with_changes(self_shipping=False, own_technology=True))
    assert (shipping(elsewhere).present, shop_system(elsewhere).present) == ("logistics_company", "own_technology")


@pytest.mark.parametrize("present", ["own_warehouse", "logistics_company", "dropship"])
def test_the_summary_says_what_is_saved_against_the_plan_and_how_sure_it_is(found, present):
    decision = replace(found["shipping"], present=present)
    now = decision.now.set_index("option")["cost"].sort_values()
    shown = answer.decisions_table([decision]).data.iloc[0].tolist()
    saved = now.drop(present).min() - now[present]
    assert shown[3] == rough(float(saved))
    assert label(present) in shown[1]
    assert all(label(option) in shown[2] for option in now.index.drop(present))
    flipping = decision.flips["flips_at"].notna().sum()
    assert (f"{flipping} of {len(decision.flips)} assumptions" in shown[4]) == (flipping > 0)


def test_the_summary_says_that_the_shop_lies_beyond_the_break_even(found):
    desk = found["service_desk"]
    own, other = desk.present, next(option for option in desk.options if option != desk.present)
    row = {"below": own, "above": other, "orders_per_day": 50.0, "low": 40.0, "high": 60.0, "decides": True}
    beyond = replace(desk, best=other, break_evens=pd.DataFrame([row]))
    assert "Pays from 50 orders a day on; the shop has 60." in decisions.tips_in_words(beyond)
    row |= {"below": other, "above": own, "orders_per_day": 80.0}
    assert "Pays below 80 orders a day; the shop has 60." in decisions.tips_in_words(
        replace(desk, best=other, break_evens=pd.DataFrame([row]))
    )


def test_at_a_break_even_both_options_cost_the_same_and_the_order_flips(found):
    rows = [(d, row) for d in found.values() for row in d.break_evens.itertuples()]
    assert len(rows) >= 4
    for decision, row in rows:
        at = row.orders_per_day
        assert cost_of(decision, row.below, at) == pytest.approx(cost_of(decision, row.above, at), rel=1e-6)
        volumes = decision.curves["orders_per_day"].unique()
        beyond = volumes[volumes > at * (1 + 1e-9)]
        for volume in beyond:
            assert cost_of(decision, row.above, volume) < cost_of(decision, row.below, volume)
        assert row.low <= at <= row.high


def test_the_break_even_of_the_shop_system_is_that_of_the_formula(plan, found):
    row = found["shop_system"].break_evens.set_index(["below", "above"]).loc[("bought_system", "own_technology")]
    one, two = (
        {name: cost_of(found["shop_system"], name, n) for name in ("bought_system", "own_technology")}
        for n in (10, 10_000)
    )
    per = {name: (two[name] - one[name]) / 9990 for name in one}
    fixed = {name: one[name] - 10 * per[name] for name in one}
    bought, own = "bought_system", "own_technology"
    at = (fixed[own] - fixed[bought]) / (per[bought] - per[own])
    assert row["orders_per_day"] == pytest.approx(at, rel=1e-6)


def test_the_own_warehouse_costs_what_two_plans_differ_by(plan):
    at = 200.0
    own = make_plan(plan.scenario.with_changes(orders_per_day=at))
    bought = make_plan(plan.scenario.with_changes(orders_per_day=at, self_shipping=False))
    orders = float(own.results.demand.orders.sum())
    fees = float(bought.results.items["logistics_company"].sum())
    by_hand = float(cash_cost(own.results)[0] - cash_cost(bought.results)[0]) + fees
    again = shipping(own)
    assert again.now.set_index("option").loc["own_warehouse", "cost"] == pytest.approx(by_hand)
    assert again.now.set_index("option").loc["dropship", "cost"] == pytest.approx(
        orders * 128 * own.values["dropship_margin_share"]
    )


def test_an_answer_flips_where_it_is_said_to(plan, found):
    ways = {"shipping": shipping, "service_desk": service_desk, "shop_system": shop_system}
    near = [name for name in ways if found[name].flips["flips_at"].notna().any()]
    assert near, "a start-up of this size lies near a break-even"
    decision, decided = found[near[0]], ways[near[0]]
    flipping = decision.flips[decision.flips["flips_at"].notna()]
    row = flipping.iloc[0]
    before = row["flips_at"] + 0.02 * (row["typical"] - row["flips_at"])
    for figure, expected in ((row["flips_at"], False), (before, True)):
        again = decided(make_plan(plan.scenario, load_assumptions().with_values(**{row["key"]: float(figure)})))
        assert (again.best == decision.best) == expected
    still = decision.flips[decision.flips["flips_at"].isna()]
    assert (still["best_at_low"] == decision.best).all()
    assert (still["best_at_high"] == decision.best).all()


def test_a_figure_that_the_shop_has_set_is_not_varied(plan):
    mine = make_plan(plan.scenario, load_assumptions().with_values(pay_developer=20_000))
    assert "pay_developer" not in set(shop_system(mine).flips["key"])


def test_more_years_spread_the_building_of_own_technology(plan):
    short, long = (shop_system(plan, years).now.set_index("option")["cost"] for years in (1, 5))
    assert long["own_technology"] < short["own_technology"]
    assert long["bought_system"] == short["bought_system"]


def test_nobody_and_not_yet_are_possible_answers(plan):
    cheap = load_assumptions().with_values(late_order_cost=0)
    assert event_peak(make_plan(plan.scenario, cheap)).best == "leave_it_late"
    table = first_hires(plan)
    assert set(table["answer"]) == {"not_yet"}, "a start-up hires no HR, finance or technology"
    assert (table["break_even_low"] <= table["break_even_heads"]).all()
    assert (table["break_even_heads"] <= table["break_even_high"]).all()


def test_the_first_heads_of_a_growing_shop_pay():
    grown = first_hires(make_plan(load_scenario("tea_shop_growth", months=1))).set_index("post")
    assert grown.loc["people", "answer"] == "hire"
    assert grown.loc["people", "break_even_heads"] < grown.loc["people", "heads"]


@pytest.mark.parametrize("name", ["tea_shop_growth", pytest.param("tea_shop_maturity", marks=pytest.mark.slow)])
def test_an_outside_desk_has_one_price(name):
    # The decision asked 82,590 for the growth shop's desk, and the plan that takes it paid 40,250: chat minutes alone.
    plan, bought = (make_plan(load_scenario(name, outsourced_service_share=share, months=2)) for share in (0.0, 1.0))
    seats = service_desk(plan).now.set_index("option")["cost"]["outsourced_seats"]
    values, inputs = plan.values, plan.inputs
    lead = head_cost_per_month(inputs, values, "cs_manager") / hours_per_head(inputs, values, "cs_manager")
    chats = bought.drivers[bought.drivers["driver"] == "outsourced_chats"]["amount"].mean()
    own_time = chats * values["outsourced_lead_minutes_per_chat"] / 60 * float(lead[0])
    paid = bought.cost[bought.cost["item"] == "outsourcing"].groupby("month")["amount"].sum().mean()
    assert seats - own_time == pytest.approx(paid, rel=1e-9)


def test_a_service_desk_with_no_chats_needs_nobody(plan):
    silent = load_assumptions().with_values(
        presale_chats_per_order=0, insale_chats_per_order=0, aftersale_chats_per_order=0
    )
    now = service_desk(make_plan(plan.scenario, silent)).now.set_index("option")["cost"]
    assert now.abs().max() == pytest.approx(0, abs=1e-6)


class TestBadInput:
    def test_an_event_that_is_none(self, plan):
        quiet = make_plan(plan.scenario.with_changes(event_strength=0))
        with pytest.raises(InputError, match="there is no event to decide for"):
            event_peak(quiet)

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (lambda plan: shop_system(plan, 0), "years is 0; it must be more than 0 years"),
            (lambda plan: event_peak(plan, "kitchen"), "work is 'kitchen'; it must be one of warehouse, service"),
            (
                lambda plan: event_peak(make_plan(plan.scenario.with_changes(self_shipping=False))),
                "self_shipping is false; the shop has no warehouse work to decide for",
            ),
            (lambda plan: defence(plan, "anti_abuse", margin_per_order=30), "loss_per_bad_order is missing"),
            (lambda plan: defence(plan, "quality"), "defect_share is missing"),
            (lambda plan: defence(plan, "quality", defect_share=1.5), "defect_share is 1.5; it must be 0 to 1"),
            (lambda plan: defence(plan, "pr"), "there is no defender 'pr'"),
            (lambda plan: all_defences(plan, defect_rate=0.1), "there is no figure 'defect_rate'; did you mean"),
            (lambda plan: small_holes(plan, cash=-1), "cash is -1; it must be 0 or more"),
            (lambda plan: small_holes(plan, leak=-1.0), "largest_loss.* is -1"),
            (lambda plan: needed_loss_per_bad_order(plan, -1), "margin_per_order is -1"),
        ],
    )
    def test_wrong_input_is_refused_in_a_sentence(self, plan, call, sentence):
        with pytest.raises(InputError, match=sentence):
            call(plan)


class TestDefenders:
    def test_without_the_shops_figures_break_evens_stand_and_answers_do_not(self, plan):
        table = all_defences(plan).set_index("defender")
        assert table.loc["anti_abuse", "answer"] == table.loc["quality", "answer"] == "asked"
        assert table.loc["anti_abuse", "asks"] == "loss_per_bad_order, margin_per_order"
        assert table.loc[["anti_abuse", "quality"], "saving"].isna().all()
        assert table.loc["quality", "break_even"] > 0
        assert table.loc[["public_relations", "legal"], "asks"].tolist() == ["", ""]

    def test_the_range_of_the_saving_holds_the_typical_one_and_decides_the_answer(self, plan):
        table = all_defences(plan, **OWN)
        assert (table["saving_low"] <= table["saving"]).all()
        assert (table["saving"] <= table["saving_high"]).all()
        for row in table.itertuples():
            assert row.answer == options.answer(row.net_low, row.net, row.net_high)
            assert row.net == pytest.approx(row.saving - row.cost)

    def test_public_relations_by_hand(self, plan):
        row = defence(plan, "public_relations")
        assert row["saving"] == pytest.approx(2 * 60_000 * 0.4)
        assert row["break_even"] * 60_000 * 0.4 == pytest.approx(row["cost"])

    def test_at_the_loss_that_is_needed_a_reviewer_just_pays(self, plan):
        _, typical, _ = needed_loss_per_bad_order(plan, 30)
        row = defence(plan, "anti_abuse", loss_per_bad_order=float(typical), margin_per_order=30)
        assert row["net"] == pytest.approx(0, abs=1e-6 * row["cost"])
        assert row["break_even"] == pytest.approx(row["has"])

    def test_without_cash_nothing_is_said_of_what_is_left(self, plan):
        holes = small_holes(plan)
        assert holes["cash_left"].isna().all()
        assert (holes["months_of_cost"] > 0).all()
        known = small_holes(plan, cash=600_000, leaked_coupon=700_000.0).set_index("hole")
        assert known.loc["leaked_coupon", "sinks"]
        assert not known.loc["incident", "sinks"]
        assert known["largest_loss"].is_monotonic_decreasing


@pytest.mark.parametrize("loss", [100, 1000])
def test_an_analyst_breaks_even_where_one_can_review_so_many_or_nowhere(loss):
    # A saving of 109,000 a head at full load against a cost of 238,000 was said to pay from 29,706 reviews on.
    shop = make_plan(load_scenario("tea_shop_maturity", orders_per_day=60_000, months=1))
    found = defence(shop, "anti_abuse", loss_per_bad_order=loss, margin_per_order=30)
    can = float(
        shop.values["hours_per_day"] * shop.values["working_days_per_month"] * 12 * 60 / shop.values["review_minutes"]
    )
    assert found["has"] < can
    assert found["break_even"] < can or found["break_even"] == np.inf
    assert (found["break_even"] == np.inf) == (found["saving"] < found["cost"])
