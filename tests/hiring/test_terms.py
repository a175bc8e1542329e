"""The hiring plan: a published instance, brute force on small cases, laws, infeasible wishes, bad input."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from ecteam.hiring.optimise import GAP, hiring_plan, plan_against_actual, replan
from ecteam.hiring.programme import Programme, programme, solve
from ecteam.hiring.result import NO_CASH, HiringPlan, runway, temp_or_head
from ecteam.hiring.terms import RoleTerms, Transfer, lead_months, problem_of, ramp_by_month
from ecteam.inputs.checks import InputError

SLACK = 1e-6


def months(number: int) -> pd.PeriodIndex:
    return pd.period_range("2027-01", periods=number, freq="M")


def packer(**changes) -> RoleTerms:
    terms = {
        "role": "packer", "hours_per_head": 100.0, "cost_per_head": 5_000.0, "heads_at_start": 2.0, "hire_cost": 900.0,
        "temp_cost_per_hour": 40.0, "temp_productivity": 0.5, "temp_most_hours": 120.0, "overtime_cost_per_hour": 55.0,
        "overtime_most_hours_per_head": 36.0, "outsourced_cost_per_hour": 200.0,
    }  # fmt: skip
    return RoleTerms(**terms | changes)


# ---- the published instance ----------------------------------------------------------------------------------------

TOOLS = RoleTerms(
    role="tools",
    heads_at_start=80,
    hours_per_head=40,  # tools a worker and month: 8 h x 20 days / 4 h
    cost_per_head=640,
    hire_cost=300,
    release_cost=500,
    overtime_cost_per_hour=6,
    overtime_most_hours_per_head=10,
    overtime_productivity=0.25,
    outsourced_cost_per_hour=30,
)
DEMAND = [[1_600, 3_000, 3_200, 3_800, 2_200, 2_200]]


def textbook(whole: bool) -> tuple[Programme, np.ndarray, float]:
    """The textbook's programme, solved: material at 10 a tool made, stock at 2 and late tools at 5 a month.

    1,000 tools are in stock before the first month and 500 after the last, in which none is late.
    """
    model = programme(problem_of(months(6), DEMAND, [TOOLS]))
    rows = len(model.row_low)
    own = slice(rows - 6, rows)
    # made + stock before + late now = demand + late before + stock now
    stock, late = sparse.lil_array((rows, 6)), sparse.lil_array((rows, 6))
    stock[own] = np.eye(6, k=-1) - np.eye(6)
    late[own] = np.eye(6) - np.eye(6, k=-1)
    cost, need = model.cost.copy(), model.row_low.copy()
    cost[model.places["worked"]] = 10
    need[rows - 6] -= 1_000
    more = {
        "cost": [2] * 6 + [5] * 6, "tie": [0] * 12, "low": [0] * 5 + [500] + [0] * 6,
        "high": [np.inf] * 11 + [0], "whole": [False] * 12, "implied": [False] * 12,
    }  # fmt: skip
    longer = {
        name: np.append(cost if name == "cost" else getattr(model, name), values) for name, values in more.items()
    }
    if not whole:
        longer |= {name: np.zeros_like(longer[name]) for name in ("whole", "implied")}
    model = replace(
        model,
        matrix=sparse.hstack([model.matrix, stock, late], format="csr"),
        row_low=need,
        row_high=np.append(model.row_high[:-6], need[own]),
        **longer,
    )
    return model, *solve(model, 0)


@pytest.mark.core
@pytest.mark.parametrize(("whole", "optimum"), [(False, 422_275), (True, 422_660)])
def test_the_aggregate_plan_of_the_textbook(whole, optimum):
    """S. Chopra, P. Meindl, Supply Chain Management, "Red Tomato Tools": the optimum as published, work counted in
    tools."""
    model, x, bound = textbook(whole)
    assert model.cost @ x == pytest.approx(optimum, abs=0.01)
    assert bound <= model.cost @ x + 1e-6
    assert bound == pytest.approx(optimum, rel=1e-9)


# ---- brute force ---------------------------------------------------------------------------------------------------


def cheapest_by_trial(terms: RoleTerms, need: np.ndarray, starts: int = 8, releases: int = 10) -> float:
    """Every combination of whole starts and releases, the rest of the work covered by the cheapest hours first."""
    length, speed = len(need), terms.temp_productivity
    ways = (starts,) * length + (releases if terms.release_cost is not None else 1,) * length
    combined = np.indices(ways).reshape(2 * length, -1)
    begun, released = combined[:length], combined[length:]
    heads = terms.heads_at_start + np.cumsum(begun - released, axis=0)
    possible = (heads >= 0).all(axis=0) & (begun[: terms.lead_months] == 0).all(axis=0)
    begun, released, heads = begun[:, possible], released[:, possible], heads[:, possible]
    cost = (terms.hire_cost * begun + terms.cost_per_head * heads + (terms.release_cost or 0) * released).sum(axis=0)
    for t in range(length):
        learning = sum(begun[t - k] * (1 - share) for k, share in enumerate(terms.ramp[: t + 1]))
        short = np.maximum(need[t] - terms.hours_per_head * (heads[t] - learning), 0)
        covers = [
            (terms.temp_cost_per_hour / speed, np.full(heads.shape[1], terms.temp_most_hours * speed)),
            (terms.overtime_cost_per_hour, terms.overtime_most_hours_per_head * heads[t]),
            (terms.outsourced_cost_per_hour, np.full(heads.shape[1], np.inf)),
        ]
        for price, limit in sorted(covers, key=lambda cover: cover[0]):
            used = np.minimum(short, limit)
            cost, short = cost + price * used, short - used
    return float(cost.min())


@settings(max_examples=12)
@given(
    need=st.lists(st.integers(0, 500), min_size=3, max_size=3),
    lead=st.integers(0, 2),
    first=st.sampled_from([0.3, 0.7, 1.0]),
    price=st.sampled_from([30.0, 90.0]),
    release=st.sampled_from([None, 800.0]),
)
def test_no_trial_of_whole_heads_is_cheaper(need, lead, first, price, release):
    terms = packer(
        lead_months=lead,
        ramp=(first, 0.9),
        overtime_cost_per_hour=price,
        release_cost=release,
        hours_per_head=110.0,
    )
    plan = hiring_plan(months(3), [need], [terms], gap=0, advertise_from=months(3)[0])
    assert plan.total == pytest.approx(cheapest_by_trial(terms, np.array(need, dtype=float)), rel=1e-6)


# ---- laws ----------------------------------------------------------------------------------------------------------

ROLE = st.builds(
    packer,
    heads_at_start=st.integers(0, 4).map(float),
    lead_months=st.integers(0, 2),
    ramp=st.sampled_from([(), (0.5,), (0.2, 0.6, 0.9)]),
    attrition_per_month=st.sampled_from([0.0, 0.03, 0.1]),
    hire_cost=st.sampled_from([0.0, 900.0, 4_000.0]),
    release_cost=st.sampled_from([None, 2_000.0]),
    temp_cost_per_hour=st.sampled_from([None, 20.0, 60.0]),
    temp_most_hours_per_head=st.sampled_from([np.inf, 20.0]),
    overtime_most_hours_per_head=st.sampled_from([0.0, 36.0]),
    least_present=st.sampled_from([0.0, 1.0]),
)
NEED = st.lists(st.integers(0, 700), min_size=5, max_size=5)


def planned(terms: RoleTerms, need: list[float], **options) -> HiringPlan:
    return hiring_plan(months(len(need)), [need], [terms], gap=1e-7, **options)


@settings(max_examples=25)
@given(terms=ROLE, need=NEED)
def test_every_months_need_is_met_within_every_limit(terms, need):
    plan = planned(terms, need)
    table, total = plan.table, plan.total
    done = (
        table["own_hours"]
        + terms.temp_productivity * table["temp_hours"]
        + table["overtime_hours"]
        + table["outsourced_hours"]
    )
    scale = max(max(need), 1.0)
    assert (done - table["need_hours"] >= -SLACK * scale).all()
    assert (done - table["need_hours"] - table["spare_hours"]).abs().max() <= SLACK * scale
    assert (table["overtime_hours"] <= terms.overtime_most_hours_per_head * table["staff"] + SLACK * scale).all()
    allowed = 0.0 if terms.temp_cost_per_hour is None else terms.temp_most_hours
    assert (table["temp_hours"] <= allowed + SLACK).all()
    if np.isfinite(terms.temp_most_hours_per_head):
        assert (table["temp_hours"] <= terms.temp_most_hours_per_head * table["staff"] + SLACK).all()
    # Who is on board: the month before, less leavers, plus those who come.
    before = np.concatenate([[terms.heads_at_start], table["staff"][:-1]])
    flow = before - table["leavers"] + table["starts"] + table["replacements"] - table["released"]
    assert table["staff"].to_numpy() == pytest.approx(flow.to_numpy(), abs=1e-6)
    assert table["leavers"].to_numpy() == pytest.approx(before * terms.attrition_per_month, abs=1e-9)
    assert (table["replacements"].cumsum() <= table["leavers"].cumsum() + SLACK).all()
    assert (table["heads"] - table["staff"]).between(-SLACK, 1).all()
    assert table["starts"].dtype == int
    # The cost is that of what the table shows.
    prices = {"temps": terms.temp_cost_per_hour or 0.0, "overtime": terms.overtime_cost_per_hour}
    by_hand = (
        table["staff"].sum() * terms.cost_per_head
        + (table["starts"] + table["replacements"]).sum() * terms.hire_cost
        + table["released"].sum() * (terms.release_cost or 0.0)
        + table["temp_hours"].sum() * prices["temps"]
        + table["overtime_hours"].sum() * prices["overtime"]
        + table["outsourced_hours"].sum() * terms.outsourced_cost_per_hour
    )
    assert total == pytest.approx(by_hand, rel=1e-9)
    assert plan.cash_out.sum() == pytest.approx(total, rel=1e-9)


@settings(max_examples=12)
@given(terms=ROLE, need=NEED, month=st.integers(0, 4), more=st.integers(1, 300))
def test_more_need_never_costs_less(terms, need, month, more):
    above = [hours + more * (t == month) for t, hours in enumerate(need)]
    cost = planned(terms, need).total
    assert planned(terms, above).total >= cost * (1 - 1e-6) - SLACK


def without(terms: RoleTerms, *covers: str) -> RoleTerms:
    """The same terms with some covers not allowed."""
    return replace(terms, **{f"{name}_cost" if name == "release" else f"{name}_cost_per_hour": None for name in covers})


@settings(max_examples=8)
@given(terms=ROLE, need=NEED)
def test_more_freedom_never_costs_more(terms, need):
    cost = planned(terms, need).total
    assert planned(without(terms, "temp", "overtime", "release"), need).total >= cost * (1 - 1e-6)


@settings(max_examples=20)
@given(terms=ROLE, need=NEED)
def test_nobody_starts_before_the_lead_time_and_the_date_says_so(terms, need):
    plan = planned(replace(terms, least_present=0.0), need, advertise_from=months(5)[0])
    begun = plan.table[(plan.table["starts"] > 0) | (plan.table["replacements"] > SLACK)]
    assert (begun["month"] >= months(5)[0] + terms.lead_months).all()
    posts = plan.table[plan.table["starts"] > 0]
    assert [m - terms.lead_months for m in posts["month"]] == posts["advertise_by"].tolist()
    assert plan.table.loc[plan.table["starts"] == 0, "advertise_by"].isna().all()


def test_temps_who_are_dearer_than_outsourced_hours_are_never_taken():
    dear = packer(temp_cost_per_hour=101.0, temp_productivity=0.5, outsourced_cost_per_hour=200.0)
    need = [300, 900, 200, 650]
    assert planned(dear, need).table["temp_hours"].sum() == 0
    assert planned(replace(dear, temp_cost_per_hour=20.0), need).table["temp_hours"].sum() > 0


def test_one_more_month_of_use_turns_temps_into_a_head():
    """By hand: a head costs 900 + 5,000 m and saves 100 h x 80 = 8,000 a month: from the first month on."""
    terms = packer(heads_at_start=1.0, temp_most_hours=np.inf, overtime_most_hours_per_head=0.0)
    assert planned(terms, [200]).table["starts"].tolist() == [1]
    assert planned(terms, [170]).table["starts"].tolist() == [0]
    assert planned(terms, [170]).table["temp_hours"].tolist() == [140]


def test_of_equal_plans_the_later_start_is_taken():
    terms = packer(heads_at_start=1.0, cost_per_head=0.0, hire_cost=10.0)
    assert planned(terms, [100, 100, 100, 200]).table["starts"].tolist() == [0, 0, 0, 1]


def test_a_single_post_is_kept_filled_although_leavers_are_decimals():
    """A part of a leaver is replaced by a part of a hire: no second person is hired for a post of one."""
    one = packer(heads_at_start=1.0, attrition_per_month=0.02, least_heads=1.0, overtime_most_hours_per_head=0.0)
    table = planned(without(one, "temp"), [80] * 12).table
    assert table["heads"].eq(1).all()
    assert table["staff"].to_numpy() == pytest.approx(1.0)
    assert table["replacements"].to_numpy() == pytest.approx(0.02)


def test_people_needed_at_once_are_own_heads_and_booked_temps():
    at_once = packer(heads_at_start=2.0, least_present=[2, 3, 2], temp_most_hours=np.inf, cost_per_head=20_000.0)
    table = planned(at_once, [10, 10, 10]).table
    # One person is there for 100 h of work: 200 h of temps at half the speed.
    assert table["temp_hours"].tolist() == [0, 200, 0]


def test_moves_go_only_where_they_are_allowed_and_cost_what_they_say():
    need = [[200, 100, 100], [100, 200, 200]]
    pair = [packer(role="picker"), packer(role="packer", heads_at_start=1.0)]
    alone = hiring_plan(months(3), need, pair)
    moved = hiring_plan(months(3), need, pair, [Transfer("picker", "packer", 50.0, 0.0)])
    assert alone.table[["moved_in", "moved_out"]].sum().sum() == 0
    assert moved.table.groupby("role")[["moved_in", "moved_out"]].sum().loc["packer"].tolist() == [1, 0]
    assert moved.cost.query("item == 'transfers'")["amount"].sum() == 50.0
    assert moved.total < alone.total
    back = hiring_plan(months(3), need, pair, [Transfer("packer", "picker", 50.0, 0.0)])
    assert back.table["moved_in"].sum() == 0


def test_who_began_before_still_learns_and_who_has_signed_comes():
    terms = packer(heads_at_start=2.0, ramp=(0.0, 0.5), recent_starts=(1.0,), signed_starts=[1, 0, 0])
    own = planned(terms, [0, 0, 0]).table["own_hours"]
    # Month 1: three on board, one does half, one nothing; month 2: the one who signed does half.
    assert own.tolist() == [150, 250, 300]


def test_a_founding_team_has_learnt_before_it_opens():
    terms = packer(heads_at_start=0.0, ramp=(0.5, 0.8), lead_months=2, least_heads=1.0, trained_before=True)
    table = planned(without(terms, "temp", "overtime"), [100, 100, 100]).table
    assert table["own_hours"].tolist() == [100, 100, 100]
    assert str(table["advertise_by"].iloc[0]) == "2026-09"


# ---- infeasible wishes ---------------------------------------------------------------------------------------------


def test_an_infeasible_plan_names_month_role_and_limit():
    terms = packer(lead_months=3, temp_cost_per_hour=None, outsourced_cost_per_hour=None, role="customer service")
    need = [150, 150, 684, 684, 684, 684]
    with pytest.raises(InputError) as caught:
        hiring_plan(months(6), [need], [terms], advertise_from=months(6)[0])
    assert caught.value.mistakes == [
        "2027-03: customer service needs 412 hours more than 2 heads, 36 h overtime each, no temps can give; "
        "advertise by 2026-12 (a start takes 3 months), allow temps, allow outsourcing"
    ]
    # What it advises helps, and nothing else was in the way.
    assert hiring_plan(months(6), [need], [terms], advertise_from=pd.Period("2026-12", "M")).total > 0
    helped = replace(terms, temp_cost_per_hour=50.0, temp_most_hours=412 / terms.temp_productivity)
    assert hiring_plan(months(6), [need], [helped], advertise_from=months(6)[0]).table[
        "temp_hours"
    ].max() == pytest.approx(824)
    less = replace(helped, temp_most_hours=helped.temp_most_hours - 1)
    with pytest.raises(InputError, match=r"2027-03: .* needs 0\.5 hours more than 2 heads, .*823 hours of temps"):
        hiring_plan(months(6), [need], [less], advertise_from=months(6)[0])


def test_people_who_must_be_there_are_named():
    terms = without(packer(least_heads=3.0, lead_months=1), "temp", "outsourced")
    with pytest.raises(InputError) as caught:
        hiring_plan(months(4), [[150, 150, 700, 150]], [terms], advertise_from=months(4)[0])
    assert caught.value.mistakes == [
        "2027-01: packer needs 3 own people, 1 more than there can be; advertise by 2026-12 (a start takes 1 month)"
    ]


# ---- bad input -----------------------------------------------------------------------------------------------------

WRONG = {
    "no month": (
        {"months": months(0), "need_hours": np.zeros((1, 0))},
        "the plan has 0 months; it must have 1 or more",
    ),
    "a lead time longer than the plan": (
        {"terms": [packer(lead_months=5)], "advertise_from": months(3)[0]},
        "lead_months of 'packer' is 5; the plan has 3 months from 2027-01, so nobody advertised for from 2027-01 on "
        "starts in it; it must be shorter, or the plan longer",
    ),
    "attrition above 1": (
        {"terms": [packer(attrition_per_month=1.2)]},
        "attrition_per_month of 'packer' is 1.2; it must be a share of heads, 0 or more and below 1",
    ),
    "negative need": ({"need_hours": [[1, -2, 1]]}, "need_hours[0, 1] is -2; it must be 0 or more hours"),
    "need that is no number": ({"need_hours": [[1, np.nan, 1]]}, "need_hours[0, 1] is nan; it must be 0 or more hours"),
    "too few months of need": (
        {"need_hours": [[1, 2]]},
        "need_hours has the shape (1, 2); it must be (1 roles, 3 months)",
    ),
    "months of a figure": (
        {"terms": [packer(cost_per_head=[1, 2])]},
        "cost_per_head of 'packer' has 2 figures; it must be one, or one for each of 3 months",
    ),
    "a ramp above 1": (
        {"terms": [packer(ramp=(0.5, 1.5))]},
        "ramp of 'packer'[1] is 1.5; it must be a share of a trained head's work, 0 to 1",
    ),
    "a role twice": ({"terms": [packer(), packer()], "need_hours": np.ones((2, 3))}, "terms has 'packer' twice"),
    "no role": ({"terms": [], "need_hours": np.ones((0, 3))}, "terms has no role; it must have at least one"),
    "an unknown role": (
        {"transfers": [Transfer("packer", "piker")]},
        "a transfer names 'piker', which has no terms; did you mean 'packer'?",
    ),
    "a gap above 1": ({"gap": 2}, "gap is 2; it must be a share of the cost, 0 or more and below 1"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_input_is_refused_in_a_sentence(case):
    changes, sentence = WRONG[case]
    usual = {"months": months(3), "need_hours": [[100, 100, 100]], "terms": [packer()]}
    with pytest.raises(InputError) as caught:
        hiring_plan(**usual | changes)
    assert sentence in caught.value.mistakes


def test_all_mistakes_come_at_once():
    with pytest.raises(InputError) as caught:
        hiring_plan(months(2), [[1.0, -1.0]], [packer(cost_per_head=-1, ramp=(2,))])
    assert len(caught.value.mistakes) == 3


def test_the_same_input_gives_the_same_plan_and_is_not_altered():
    need = np.random.default_rng(1).uniform(100, 900, (3, 6))
    before = need.copy()
    terms = [packer(role=name, attrition_per_month=0.03, ramp=(0.5,), lead_months=1) for name in "abc"]
    first, second = (hiring_plan(months(6), need, terms, [Transfer("a", "b")]) for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)
    assert first.gap <= GAP
    assert (need == before).all()


def test_lead_and_ramp_by_the_month():
    assert [lead_months(weeks) for weeks in (0, 4, 52 / 12, 4.4)] == [0, 1, 1, 2]
    # Over the whole ramp, what is lost is (1 - start)/2 of its weeks.
    for weeks, start in ((3, 0.2), (8, 0.35), (30, 0.5)):
        lost = sum(1 - share for share in ramp_by_month(weeks, start)) * 52 / 12
        assert lost == pytest.approx((1 - start) / 2 * weeks)
    assert ramp_by_month(0, 0.5) == ()


# ---- cash ----------------------------------------------------------------------------------------------------------


def test_cash_runs_out_in_the_first_month_that_ends_below_nothing():
    paid = pd.Series([100.0, 100.0, 100.0], index=months(3))
    without = runway(paid)
    assert (without.said, without.runs_out) == (NO_CASH, None)
    assert without.table["cash_at_end"].isna().all()
    assert runway(paid, cash=199).runs_out == months(3)[1]
    assert runway(paid, cash=200).runs_out == months(3)[2]
    assert runway(paid, cash=300).runs_out is None
    assert runway(paid, cash=0, inflow_per_month=100).runs_out is None
    assert runway(paid, cash=0, inflow_per_month=[100, 99, 100]).runs_out == months(3)[1]
    for wrong in ({"cash": -1}, {"cash": np.nan}, {"cash": 5, "inflow_per_month": [1, 2]}):
        with pytest.raises(InputError):
            runway(paid, **wrong)


@settings(max_examples=30)
@given(lasting=st.integers(1, 12), first=st.sampled_from([0.2, 0.7, 1.0]), price=st.floats(20, 80))
def test_at_the_break_even_a_head_costs_what_temps_cost(lasting, first, price):
    terms = packer(ramp=(first, 0.9), temp_cost_per_hour=price)
    row = temp_or_head(terms, [lasting]).iloc[0]
    ramp = np.array([first, 0.9, *[1.0] * 12])[:lasting] * 100

    def temps_saved(need):
        return price / 0.5 * np.minimum(need, ramp).sum()

    if np.isfinite(row["break_even_hours_per_month"]):
        assert temps_saved(row["break_even_hours_per_month"]) == pytest.approx(row["head_cost"])
    else:
        assert temps_saved(1e9) < row["head_cost"]


# ---- months gone ---------------------------------------------------------------------------------------------------


def test_a_new_plan_from_today_starts_with_the_people_who_are_there():
    need, terms = (
        [[200, 200, 300, 400, 400, 500]],
        [packer(lead_months=1, ramp=(0.5,), overtime_most_hours_per_head=0.0)],
    )
    earlier = hiring_plan(months(6), need, terms)
    gone = pd.DataFrame(
        {"month": ["2027-01", "2027-02"], "role": "packer", "heads": [2, 1], "starts": [0, 0], "cost": [1, 2]}
    )
    now = replan(months(6), need, terms, gone, earlier=earlier)
    assert now.table["month"].tolist() == list(months(6)[2:])
    # Planned for March and advertised for in February: comes. Nobody else can, so March is short of one head.
    planned_in_march = earlier.table["starts"].iloc[2]
    assert now.table["signed"].iloc[0] == planned_in_march
    assert now.table["starts"].iloc[0] == 0
    assert now.table["staff"].iloc[0] == 1 + planned_in_march
    assert (now.table["advertise_by"].dropna() >= months(6)[2]).all()

    against = plan_against_actual(earlier, gone).set_index(["month", "measure"])
    assert against.loc[(months(6)[1], "heads"), ["planned", "actual", "difference"]].tolist() == [2, 1, -1]
    assert against.loc[(months(6)[0], "cost"), "planned"] == pytest.approx(earlier.cash_out.iloc[0])


def test_a_plan_from_the_planned_state_is_the_rest_of_the_plan():
    """Nothing has gone otherwise than planned: what is left costs what was planned for it."""
    need, terms = [[200, 250, 300, 400, 400, 500]], [packer(ramp=(0.5, 0.8), overtime_most_hours_per_head=10.0)]
    earlier = hiring_plan(months(6), need, terms, gap=0)
    gone = earlier.table.loc[:2, ["month", "role", "heads", "starts"]]
    now = replan(months(6), need, terms, gone, gap=0)
    assert now.total == pytest.approx(earlier.cash_out.iloc[3:].sum(), rel=1e-6)


GONE = {
    "a month outside": ({"month": ["2026-12"]}, "months gone, row 1: month is 2026-12; the plan runs from 2027-01"),
    "no month": ({"month": ["yesterday"]}, "months gone, column month: "),
    "a gap": ({"month": ["2027-02"]}, "months gone have no row for 'packer' in 2027-01; every role needs its heads"),
    "a wrong role": ({"role": ["pakcer"]}, "months gone, row 1: role is 'pakcer'; did you mean 'packer'?"),
    "no heads": ({"heads": [np.nan]}, "months gone, row 1: heads is nan; it must be 0 or more"),
    "negative heads": ({"heads": [-1]}, "months gone, row 1: heads is -1; it must be 0 or more"),
}


@pytest.mark.parametrize("case", GONE)
def test_wrong_months_gone_are_refused(case):
    changes, sentence = GONE[case]
    gone = pd.DataFrame({"month": ["2027-01"], "role": ["packer"], "heads": [2]} | changes)
    with pytest.raises(InputError) as caught:
        replan(months(3), [[1, 1, 1]], [packer()], gone)
    assert any(sentence in mistake for mistake in caught.value.mistakes), caught.value.mistakes


def test_a_plan_that_is_all_gone_is_refused_and_a_column_is_missed():
    gone = pd.DataFrame({"month": months(2), "role": "packer", "heads": [2, 2]})
    with pytest.raises(InputError, match="all 2 months of the plan are gone"):
        replan(months(2), [[1, 1]], [packer()], gone)
    with pytest.raises(InputError, match="months gone have no column 'heads'"):
        replan(months(2), [[1, 1]], [packer()], gone.drop(columns="heads"))


def test_recruiting_ahead_replaces_leavers_from_the_first_month_and_no_more():
    terms = packer(attrition_per_month=0.1, lead_months=2, least_heads=2.0, replaced_ahead=True)
    table = planned(terms, [300, 300, 300], advertise_from=months(3)[0]).table
    assert table["replacements"].iloc[:2].to_numpy() == pytest.approx(table["leavers"].iloc[:2].to_numpy())
    assert table["starts"].iloc[:2].tolist() == [0, 0]
    with pytest.raises(InputError, match="2027-01: packer needs 2 own people"):
        planned(replace(terms, replaced_ahead=False), [300, 300, 300], advertise_from=months(3)[0])
