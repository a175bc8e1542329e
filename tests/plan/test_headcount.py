"""Headcount: from hours to whole people, by hand and by law."""

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecteam.inputs.arguments import ROUNDING, whole
from ecteam.inputs.assumptions import load_assumptions
from ecteam.inputs.scenario import Scenario
from ecteam.plan.plan import make_plan
from ecteam.staffing import headcount, queueing
from ecteam.staffing.headcount import (
    desk_agents,
    desk_arrivals,
    fte,
    promised_share,
    shipping_crew,
    warehouse_hours,
    working_days,
)

# Working days


@pytest.mark.parametrize(("year", "days"), [(2025, 248), (2026, 248)])
def test_working_days_of_china(year, days):
    # 人社部发〔2025〕2号: 365 - 104 rest days - 13 holidays = 248 a year, 20.67 a month. The make-up weekends of the
    # yearly notice move days and leave the sum as it is.
    found, note = working_days(pd.period_range(f"{year}-01", periods=12, freq="M"), "CN")
    assert found == pytest.approx(np.full(12, days / 12))
    assert note is None


def test_working_days_of_england_in_2026():
    # 261 weekdays - 8 bank holidays (Boxing Day, a Saturday, is taken on Monday 28 December) = 253.
    found, note = working_days(pd.period_range("2026-01", periods=12, freq="M"), "GB", "ENG")
    assert found == pytest.approx(np.full(12, 253 / 12))
    assert note is None


def test_each_month_has_the_average_of_its_own_year():
    months = pd.period_range("2025-11", periods=6, freq="M")
    found, _ = working_days(months, "GB", "ENG")
    # England in 2025: 261 weekdays - 8 = 253; 2024: 262 - 8 = 254.
    assert found == pytest.approx(np.full(6, 253 / 12))
    assert working_days(pd.period_range("2024-12", periods=2, freq="M"), "GB", "ENG")[0] == pytest.approx(
        [254 / 12, 253 / 12]
    )


def test_a_year_without_its_notice_is_said():
    months = pd.period_range("2026-12", periods=2, freq="M")
    year = 2026
    while any(day.year == year for day in holidays.country_holidays("CN", years=year).weekend_workdays):
        year += 1
    found, note = working_days(pd.period_range(f"{year}-01", periods=2, freq="M"), "CN")
    assert str(note).startswith(f"The yearly notice of public holidays for {year} is not in the calendar yet")
    assert abs(found[0] * 12 - 248) <= 6
    assert working_days(months, "GB", "ENG")[1] is None


# Whole people


@pytest.mark.parametrize("people", [1, 2, 3, 21, 30, 1000])
def test_nobody_is_hired_for_a_rounding_error(people):
    assert whole(sum([people / 10] * 10)) == people
    assert whole(people * (1 + 2e-16)) == people
    assert whole(people / 3 * 3) == people
    assert whole(people + 1e-6) == people + 1, "a real need of 0.000001 person is a need"
    assert whole(people - 1e-6) == people


QUIET = Scenario(
    name="Quiet", stage="growth", hats="specialists", months=3, orders_per_day=10, return_share=0.02,
    self_shipping=False, active_skus=0, new_skus_per_month=0, purchase_orders_per_month=0, ad_accounts=0,
    campaigns_per_month=0, event_applications_per_month=0, suppliers=0,
)  # fmt: skip


@pytest.mark.parametrize("city", ["hangzhou", "uk"])
@pytest.mark.parametrize("start", ["2026-11", "2027-01", "2028-03"])
@pytest.mark.parametrize(
    ("field", "amount", "role"),
    [
        ("ad_accounts", 5, "ppc_specialist"),
        ("active_skus", 150, "ops_specialist"),
        ("channels", 3, "ops_specialist"),
        ("suppliers", 25, "buyer"),
        ("campaigns_per_month", 8, "promotion_specialist"),
        ("event_applications_per_month", 40, "promotion_specialist"),
    ],
)
def test_the_work_of_one_person_is_one_person(field, amount, role, start, city):
    # A month of a rate and a month of FTE have the same working days: 20.67 against 248 / 12 made it 1.00016 FTE.
    # All of the 150 SKUs are looked at: the curve begins above them.
    every = load_assumptions().with_values(standing_skus_from=150)
    plan = make_plan(QUIET.with_changes(start_month=start, city=city, **{field: amount}), every)
    mine = plan.team[plan.team["role"] == role]
    np.testing.assert_allclose(mine["fte"], 1, rtol=1e-12)
    assert set(mine["seats"]) == {1}
    own = make_plan(plan.scenario, every.with_values(working_days_per_month=22))
    np.testing.assert_allclose(own.results.paid_hours, 22 * own.values["hours_per_day"], rtol=1e-12)
    assert set(own.team.loc[own.team["role"] == role, "seats"]) == {1}


@pytest.mark.parametrize("skus", [60, 100, 150, 5000])
def test_of_many_standing_skus_a_part_is_looked_at(skus):
    plan = make_plan(QUIET.with_changes(active_skus=skus))
    # The first 100 are all looked at; each one more draws less: 5,000 count as 100 x 50 ** 0.56 = 894, 18 %.
    looked_at = min(skus, 100 * (skus / 100) ** (1 - 0.44))
    fte = plan.team.loc[plan.team["role"] == "ops_specialist", "fte"]
    np.testing.assert_allclose(fte, looked_at / 150, rtol=1e-12)


@settings(max_examples=100, derandomize=True)
@given(need=st.floats(0, 1e6))
def test_whole_is_the_least_that_is_enough(need):
    people = int(whole(need))
    assert people >= need - ROUNDING
    assert people == 0 or people - 1 < need


@settings(max_examples=100, derandomize=True)
@given(hours=st.floats(0, 1e6), paid=st.floats(1, 300), shrinkage=st.floats(0, 0.9))
def test_hours_are_conserved_in_fte(hours, paid, shrinkage):
    assert float(fte(hours, paid, shrinkage)) * paid * (1 - shrinkage) == pytest.approx(hours, rel=1e-12)


def test_fte_by_hand():
    # 165.33 paid hours a month (20.667 days of 8), 20 % away: 132.27 hours of work. 400 hours are 3.02 FTE, 4 people.
    need = fte(400.0, 8 * 248 / 12, 0.2)
    assert float(need) == pytest.approx(400 / 132.2667, rel=1e-5)
    assert whole(need) == 4
    assert fte(np.array([[132.0, 264.0]]), np.array([165.0, 165.0]), np.array([[0.2]])).tolist() == [[1.0, 2.0]]


# The desk


@settings(max_examples=60, derandomize=True)
@given(
    contacts=st.floats(0, 1e5),
    hours=st.lists(st.integers(0, 24), min_size=2, max_size=2, unique=True).map(sorted),
    share=st.lists(st.floats(0, 1), min_size=24, max_size=24),
)
def test_who_writes_while_the_desk_is_closed_does_not_crowd_its_hours(contacts, hours, share):
    day = np.array(share) / max(sum(share), 1)
    arrivals, round_the_clock = desk_arrivals(contacts, day, *hours), desk_arrivals(contacts, day, 0, 24)
    np.testing.assert_array_equal(arrivals[slice(*hours)], round_the_clock[slice(*hours)])
    assert arrivals[: hours[0]].sum() == arrivals[hours[1] :].sum() == 0
    np.testing.assert_allclose(round_the_clock.sum(), contacts * day.sum(), rtol=1e-9)


def test_contacts_by_hand():
    # A fifth of the contacts at 9, two fifths at 10, and two fifths at night, which are work and no arrivals.
    share = np.zeros(24)
    share[[3, 9, 10]] = 0.4, 0.2, 0.4
    assert desk_arrivals(np.array([[100.0, 30.0]]), share, 9, 12)[0, :, 9:12] == pytest.approx(
        np.array([[20, 40, 0], [6, 12, 0]])
    )


DESK = {
    "reply_minutes": 3.0,
    "think_minutes": 0.0,
    "chats_at_once": 1,
    "target_seconds": 20.0,
    "target_share": 0.8,
    "max_occupancy": 1.0,
    "replies_per_chat": 6.0,
    "reachable_share": 0.95,
}
FIRST_REPLY = {"reply_seconds": 30.0, "think_seconds": 0.0, "first_reply": True}
SHARE = promised_share(0.8, 20.0, 30.0, 0.95)


def test_an_empty_hour_of_service_takes_one():
    arrivals = np.zeros(24)
    arrivals[9] = 200
    agents = desk_agents(arrivals, 9, 11, **DESK)
    enough = queueing.agents_required(200, 180, 20, SHARE, **FIRST_REPLY)
    assert agents.tolist() == [0] * 9 + [enough, 1] + [0] * 13


@settings(max_examples=40, derandomize=True)
@given(
    low=st.floats(0, 500),
    more=st.floats(0, 500),
    seconds=st.floats(5, 600),
    share=st.floats(0.5, 0.95),
    chats=st.integers(1, 5),
)
def test_more_chats_and_a_better_level_never_need_fewer_agents(low, more, seconds, share, chats):
    given_desk = DESK | {"think_minutes": 4.0, "chats_at_once": chats, "target_seconds": seconds, "target_share": share}

    def agents(arrivals: float, **changes: float) -> int:
        hours = np.zeros(24)
        hours[10] = arrivals
        return int(desk_agents(hours, 10, 11, **(given_desk | changes))[10])

    base = agents(low)
    assert agents(low + more) >= base
    assert agents(low, target_seconds=seconds / 2) >= base
    assert agents(low, target_share=(1 + share) / 2) >= base
    assert agents(low, max_occupancy=0.8) >= base
    assert base >= 1


def test_agents_are_the_fewest():
    hours = np.zeros(24)
    hours[9:21] = np.linspace(0, 240, 12)
    agents = desk_agents(hours, 9, 21, **DESK)
    fewer = np.maximum(agents - 1, 1)
    busy = (hours > 0) & (agents > 1)
    assert (queueing.service_level(agents[busy], hours[busy], 180, 20, **FIRST_REPLY) >= SHARE).all()
    assert (queueing.service_level(fewer[busy], hours[busy], 180, 20, **FIRST_REPLY) < SHARE).all()


# The warehouse


def test_the_warehouse_opens_on_the_busiest_days():
    share = np.array([1.2, 1.0, 1.0, 1.0, 1.1, 0.8, 0.9])
    week = warehouse_hours(9, 18, 5, share).reshape(7, 24)
    assert week.sum(axis=1).tolist() == [9, 9, 9, 9, 9, 0, 0]
    assert week[0].tolist() == [0] * 9 + [1] * 9 + [0] * 6
    # Equal days: the earlier ones.
    assert warehouse_hours(9, 18, 5, np.ones(7)).reshape(7, 24).sum(axis=1).tolist() == [9] * 5 + [0, 0]
    assert warehouse_hours(0, 24, 7, share).sum() == 168


def test_a_crew_by_hand():
    # 72 hours of work a day, released as 9 strikes, shipped the same day by 18 in nine hours: eight people.
    hour = np.zeros(24)
    hour[9] = 1.0
    is_open = warehouse_hours(9, 18, 7, np.ones(7))
    crew = shipping_crew(np.full(7, 72.0), hour, is_open, "same_day", 16)
    assert whole(crew.people) == 8
    # Released at 13, before the cut-off at 16: five hours are left, 14.4 people. After it there is time until tomorrow.
    late = np.roll(hour, 4)
    assert whole(shipping_crew(np.full(7, 72.0), late, is_open, "same_day", 16).people) == 15
    assert whole(shipping_crew(np.full(7, 72.0), np.roll(hour, 8), is_open, "same_day", 16).people) == 8
    # With 48 hours, two open days carry two days' work: still 72 hours a day on nine hours.
    assert whole(shipping_crew(np.full(7, 72.0), hour, is_open, "48h", 16).people) == 8


@settings(max_examples=30, derandomize=True)
@given(
    hours=st.lists(st.floats(0, 300), min_size=7, max_size=7),
    factor=st.floats(1, 3),
    days=st.integers(1, 7),
    until=st.integers(12, 24),
)
def test_more_work_or_less_time_never_needs_a_smaller_crew(hours, factor, days, until):
    released = np.full(24, 1 / 24)
    share = np.array(hours) + 1

    def people(work: np.ndarray, rule: str, open_until: int = until) -> float:
        is_open = warehouse_hours(9, open_until, days, share)
        return float(shipping_crew(work, released, is_open, rule, 11).people)

    work = np.array(hours)
    base = people(work, "24h")
    assert people(factor * work, "24h") >= base - 1e-9
    assert people(work, "48h") <= base + 1e-9
    assert people(work, "24h", 24) <= base + 1e-9
    # Nobody does a week's work in fewer hours than the week is open.
    assert base * days * (until - 9) >= work.sum() - 1e-6


@settings(max_examples=60, derandomize=True)
@given(
    levels=st.lists(st.lists(st.floats(0, 50), min_size=7, max_size=7), min_size=1, max_size=4),
    places=st.integers(1, 40),
)
def test_a_rising_answer_is_that_of_every_place_asked_by_itself(levels, places):
    table, asked = np.array(levels), []

    def answer(rows, of):
        asked.append(len(rows))
        return np.ceil(of / (1 + rows)).astype(int)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(headcount, "_PLACES_AT_ONCE", places)
        found = headcount.rising(table, answer)
    assert found.tolist() == np.ceil(table / (1 + np.arange(len(table)))[:, None]).astype(int).tolist()
    assert max(asked[1:], default=0) <= table.size


def test_what_cannot_change_is_not_asked():
    asked = []

    def answer(rows, of):
        asked.append(len(rows))
        return (of > 900).astype(int)

    headcount.rising(np.tile(np.arange(5000.0), (9, 1)), answer)
    assert sum(asked) < 9 * 5000 / 8


def test_desks_side_by_side_are_those_of_each_alone():
    arrivals = np.zeros((5, 3, 7, 24))
    arrivals[..., 8:20] = np.random.default_rng(1).uniform(0, 90, (5, 3, 7, 12))
    reply, think, most = (np.linspace(*ends, 5).reshape(5, 1, 1, 1) for ends in ((2, 5), (9, 3), (0.7, 0.95)))
    given_desk = DESK | {"chats_at_once": 3}
    together = desk_agents(
        arrivals, 8, 20, **(given_desk | {"reply_minutes": reply, "think_minutes": think, "max_occupancy": most})
    )
    for i in range(5):
        own = {
            "reply_minutes": reply[i, 0, 0, 0],
            "think_minutes": think[i, 0, 0, 0],
            "max_occupancy": most[i, 0, 0, 0],
        }
        for hours in np.ndindex(3, 7):
            for hour in (8, 13, 19):
                seconds, thinks = 10 * own["reply_minutes"], 10 * own["think_minutes"]
                one = queueing.agents_required(
                    arrivals[i][hours][hour], 6 * (seconds + thinks), 20.0, promised_share(0.8, 20.0, seconds, 0.95),
                    concurrency=3, reply_seconds=seconds, think_seconds=thinks, first_reply=True,
                    max_occupancy=own["max_occupancy"],
                )  # fmt: skip
                assert together[i][hours][hour] == max(one, 1)
    assert (together[..., :8] == 0).all()
    assert (together[..., 20:] == 0).all()
