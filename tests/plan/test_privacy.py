"""What leaves the house: sums stay, and nobody can read what one person is paid."""

import json
from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam import load_scenario, make_plan, plan_shop
from ecteam.inputs.assumptions import load_assumptions
from ecteam.plan.privacy import (
    JOIN,
    LEAST_HEADS,
    PAY_ITEMS,
    PEOPLE,
    STEP,
    changes_shown,
    cost_shown,
    is_pay,
    joined_roles,
    pay_factor,
    stand_ins,
)

SHOPS = ["tea_shop_startup", "tea_shop_growth", "tea_shop_maturity", "online_retail_uk"]


@cache
def plan_of(name):
    return make_plan(load_scenario(name))


@pytest.mark.parametrize("name", SHOPS)
def test_sums_stay_and_every_amount_of_pay_stands_for_three_people(name):
    plan = plan_of(name)
    shown = cost_shown(plan.cost, plan.team)
    for key in (["item"], ["item", "currency"]):
        expected = plan.cost.groupby(key, sort=False)["amount"].sum()
        pd.testing.assert_series_equal(shown.groupby(key, sort=False)["amount"].sum()[expected.index], expected)
    heads = plan.team.set_index(["month", "role"])["heads"]
    for row in shown[shown["item"].isin(PAY_ITEMS) & (shown["amount"] > 0)].itertuples():
        assert sum(heads[row.month, role] for role in row.role.split(JOIN)) >= LEAST_HEADS, row


@pytest.mark.parametrize("name", SHOPS)
def test_two_months_of_joined_roles_do_not_differ_by_one_person(name):
    plan = plan_of(name)
    shown = cost_shown(plan.cost, plan.team)
    heads = plan.team.pivot_table(index="role", columns="month", values="heads", aggfunc="sum")
    for role in {role for role in shown["role"] if JOIN in role}:
        of_month = heads.loc[role.split(JOIN)].sum()
        pay = shown[(shown["role"] == role) & (shown["item"] == "pay")]["amount"]
        assert of_month.min() == of_month.max() or pay.min() == pay.max(), role


teams = st.lists(
    st.tuples(
        st.sampled_from(["owner", *"abcdefgh"]),
        st.sampled_from("xyz"),
        st.tuples(st.integers(0, 6), st.integers(0, 6)),
    ),
    min_size=1,
    max_size=9,
    unique_by=lambda role: role[0],
)


@settings(max_examples=200, derandomize=True)
@given(teams)
def test_every_role_stands_in_one_group_of_three_heads_or_more(roles):
    team = pd.DataFrame(
        [
            {"month": month, "role": role, "department": department, "heads": heads[i]}
            for role, department, heads in roles
            for i, month in enumerate(pd.period_range("2027-01", periods=2, freq="M"))
        ]
    )
    team = team[team.groupby("role")["heads"].transform("max") > 0]
    if team.empty:
        return
    found = joined_roles(team)
    assert list(found) == list(dict.fromkeys(team["role"]))
    paid = team[team["role"] != "owner"].groupby("month")["heads"].sum()
    for group in set(found.values()) - {"owner"}:
        members = group.split(JOIN)
        assert all(found[role] == group for role in members)
        together = team[team["role"].isin(members)].groupby("month")["heads"].sum()
        least = together[together > 0].min()
        # Fewer than three together only where nobody is left to join.
        assert least >= LEAST_HEADS or set(found.values()) <= {group, "owner"} or paid.min() < LEAST_HEADS


def test_a_team_of_two_shows_no_item_of_pay():
    plan = plan_shop("tea_shop_startup", hats="two_posts", orders_per_day=5)
    assert plan.team[plan.team["role"] != "owner"].groupby("month")["heads"].sum().min() < LEAST_HEADS
    shown = cost_shown(plan.cost, plan.team)
    assert not set(shown["item"]) & set(PAY_ITEMS)
    expected = plan.cost[plan.cost["item"].isin(PAY_ITEMS)]["amount"].sum()
    assert shown.loc[shown["item"] == PEOPLE, "amount"].sum() == pytest.approx(expected)


def test_json_shows_pay_only_when_asked():
    plan = plan_shop("tea_shop_growth", pay_shop_manager=24_321, pick_lines_per_hour=75)
    shut, opened = plan.to_json(), plan.to_json(show_pay=True)
    assert "24321" not in shut
    assert "24321" in opened
    assert json.loads(shut)["changed_assumptions"] == {"pay_shop_manager": None, "pick_lines_per_hour": 75}
    assert json.loads(opened)["changed_assumptions"] == {"pay_shop_manager": 24_321, "pick_lines_per_hour": 75}
    assert (json.loads(shut)["pay_shown"], json.loads(opened)["pay_shown"]) == (False, True)
    assert (
        json.loads(shut)["totals"]
        == json.loads(plan_shop("tea_shop_growth", pick_lines_per_hour=75).to_json())["totals"]
    )
    assert json.loads(opened)["totals"]["cost_total"] == pytest.approx(plan.totals["cost_total"])
    for text in (shut, opened):
        content = json.loads(text)
        paid = sum(row["amount"] for row in content["cost"])
        assert paid == pytest.approx(content["totals"]["cost_total"], abs=0.01)
    assert shut == plan.to_json()


def test_the_figure_of_a_pay_that_was_set_is_left_out():
    assert changes_shown({"pay_picker": 5_000, "pay_months_per_year": 14, "months": 6}) == {
        "pay_picker": None,
        "pay_months_per_year": 14,
        "months": 6,
    }


PAY = sorted(key for key in load_assumptions().rows("cn").index if is_pay(key))
PUBLISHED = load_assumptions().rows("cn")["typical"]
own_figures = st.dictionaries(st.sampled_from(PAY), st.floats(0.2, 4.0), min_size=1, max_size=len(PAY))


def with_pay(times):
    return load_assumptions().with_values(**{key: PUBLISHED[key] * by for key, by in times.items()})


@settings(max_examples=50, derandomize=True)
@given(own_figures)
def test_stand_ins_follow_from_published_pay_and_one_factor_and_stand_in_for_themselves(times):
    own = with_pay(times)
    found, factor = stand_ins(own, "cn"), pay_factor(own, "cn")
    assert found == {key: round(PUBLISHED[key] * factor, 2) for key in times}
    assert factor == (pytest.approx(STEP * round(factor / STEP)) if len(times) >= LEAST_HEADS else 1.0)
    assert stand_ins(own.with_values(**found), "cn") == found


@settings(max_examples=50, derandomize=True)
@given(own_figures.filter(lambda times: len(times) >= LEAST_HEADS))
def test_who_knows_all_other_own_pay_is_left_with_an_interval_as_wide_as_three_steps(times):
    """One figure moves from end to end of what its stand-ins allow; two own figures or one tell nothing at all."""
    (key, _), *others = times.items()
    steps = max(1, round(pay_factor(with_pay(times), "cn") / STEP))
    rest = sum(by for _, by in others)
    low, high = (len(times) * STEP * (steps + half) - rest for half in (-0.499, 0.499))
    assert high - low > 0.99 * LEAST_HEADS * STEP
    for by in (max(low, 0.01), high):
        if by > 0:
            assert pay_factor(with_pay(dict(others) | {key: by}), "cn") == pytest.approx(steps * STEP)


def test_a_plan_without_own_pay_is_itself_and_one_with_it_is_made_anew_once():
    plan = plan_of("tea_shop_startup")
    assert plan.shown() is plan
    own = plan_shop("tea_shop_startup", pay_shop_manager=24_321)
    assert own.shown(show_pay=True) is own
    assert own.shown().shown() is own.shown()
    assert own.shown().notes[-1].in_language("en").startswith("The pay that was set for this shop (Operations head)")
    assert own.shown().totals == plan.totals
