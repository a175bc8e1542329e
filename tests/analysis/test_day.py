"""A day of a plan: covered by whole shifts, shipped in time, one fewer is late, and the rehearsal agrees."""

from dataclasses import replace

import numpy as np
import pytest

from ecteam import InputError, load_scenario, make_plan
from ecteam.analysis import day
from ecteam.inputs.assumptions import load_assumptions
from ecteam.staffing import deadlines, queueing, shifts
from ecteam.staffing.headcount import promised_share
from ecteam.view import lesson, team


@pytest.fixture(scope="module", params=["tea_shop_growth", "tea_shop_maturity"])
def plan(request):
    return make_plan(load_scenario(request.param))


def test_the_desk_has_just_the_agents_the_target_needs_and_shifts_cover_them(plan):
    shop = plan.scenario
    for date in day.ordinary_and_peak_day(plan):
        desk = day.desk_day(plan, date)
        served = desk.hours[desk.hours["required"] > 0]
        assert set(served["hour"]) == set(range(shop.service_from_hour, shop.service_until_hour))
        assert (desk.hours["on_shift"] >= desk.hours["required"]).all()
        reply, think = 60 * desk.handle["reply_minutes"], 60 * desk.handle["think_minutes"]
        a_reply, a_thought = (minutes / desk.handle["replies"] for minutes in (reply, think))
        keywords = {"concurrency": shop.chats_at_once, "reply_seconds": a_reply, "think_seconds": a_thought}
        target, first_replies = (shop.reply_target_share, shop.reply_target_seconds), keywords | {"first_reply": True}
        share = promised_share(*target, a_reply, plan.values["reachable_reply_share"])
        chats, agents = served["chats"].to_numpy(), served["required"].to_numpy()
        met = queueing.service_level(agents, chats, reply + think, shop.reply_target_seconds, **first_replies)
        assert (met >= share - 1e-12).all()
        fewer = np.maximum(agents - 1, 0)
        level = queueing.service_level(fewer, chats, reply + think, shop.reply_target_seconds, **first_replies)
        busy = queueing.occupancy(np.maximum(fewer, 1), chats, reply + think, **keywords)
        limit = plan.values["service_occupancy_max"]
        assert ((level < share) | (busy > limit) | (agents == 1)).all()


def test_the_day_in_the_plan_is_the_day_shown(plan):
    ordinary, _ = day.ordinary_and_peak_day(plan)
    desk = day.desk_day(plan, ordinary)
    month = int(plan.inputs.days.set_index("date").loc[ordinary, "month"])
    week = plan.results.desks[desk.role].agents[0, month]
    # The plan sizes the mean day of a weekday and month; the median day of the year lies near it.
    assert (
        abs(week[ordinary.day_of_week].sum() - desk.hours["required"].sum()) <= 0.15 * week[ordinary.day_of_week].sum()
    )


def test_the_crew_ships_all_in_time_and_one_fewer_does_not(plan):
    for date in day.ordinary_and_peak_day(plan):
        found = day.warehouse_day(plan, date)
        hours = found.hours
        keywords = {"rate_per_hour": found.orders_per_person_hour}
        full = deadlines.backlog(hours["orders"], hours["is_open"], hours["due"], people=found.heads, **keywords)
        assert float(full.late_orders.sum()) == pytest.approx(0, abs=1e-6)
        assert found.late_with_one_fewer > 0
        assert found.first_late is not None


def test_temps_who_learn_make_up_for_the_missing_people(plan):
    _, peak = day.ordinary_and_peak_day(plan)
    found = day.warehouse_day(plan, peak)
    missing = found.heads - found.permanent
    assert missing > 0
    # Slower than trained people, and not slower than on their first day.
    assert missing <= found.temps <= np.ceil(missing / plan.values["temp_productivity"])
    slow = load_assumptions().with_values(temp_learning_rate=1.0)
    never_learn = day.warehouse_day(make_plan(plan.scenario, slow), peak)
    assert never_learn.temps >= found.temps


def test_rehearsals_are_repeatable_and_meet_the_target_on_most_days():
    plan = make_plan(load_scenario("tea_shop_growth"))
    _, peak = day.ordinary_and_peak_day(plan)
    desk = day.desk_day(plan, peak)
    first, again = (day.rehearse_desk_day(plan, desk, replications=60) for _ in range(2))
    np.testing.assert_array_equal(first.arrivals, again.arrivals)
    np.testing.assert_array_equal(first.service_level, again.service_level)
    # Sized for a day busier than four of five: about so many days meet the target, or more.
    assert (first.service_level >= plan.scenario.reply_target_share).mean() >= plan.scenario.busy_day_quantile - 0.1
    mean = desk.hours["chats"].sum() / plan.inputs.profile.busy_day_factor(plan.scenario.busy_day_quantile)
    assert first.arrivals.sum(axis=1).mean() == pytest.approx(mean, rel=0.15)


def test_more_people_ship_less_late():
    plan = make_plan(load_scenario("tea_shop_growth"))
    found = day.warehouse_day(plan, "2027-11-11")
    late = [
        day.rehearse_warehouse_day(plan, replace(found, heads=found.heads + more), replications=60).late_orders.sum()
        for more in (-2, 0, 4)
    ]
    assert late[0] > late[1] > late[2]


def test_the_week_of_shifts_becomes_heads(plan):
    week = day.desk_week(plan, 10).set_index("unit")["value"]
    at_work, with_leave = week["heads"]
    assert at_work >= week["hours a week"] / plan.values["hours_per_day"] / 5
    assert with_leave == queueing.rostered(at_work, plan.values["shrinkage_service"])


def test_the_week_and_the_plan_ask_for_about_the_same_hours(plan):
    # A plan takes a lower bound on the hours of the shifts, at most 3 % below the exact cover of a day shop.
    for role, desk in plan.results.desks.items():
        month = 6
        agents = desk.agents[0, month].astype(int)
        patterns = shifts.read_patterns(region=plan.scenario.region)
        exact = shifts.shift_cover(agents, patterns).paid_hours
        bound = shifts.shift_hours_bound(agents, patterns)
        assert (bound <= exact + 1e-9).all()
        assert (bound >= 0.97 * exact).all(), role


def test_without_temps_the_plan_has_the_crew_of_its_own_peak_day():
    plan = make_plan(load_scenario("tea_shop_growth", temps_on_event_days=False))
    for date in day.ordinary_and_peak_day(plan):
        found = day.warehouse_day(plan, date)
        assert found.heads <= found.permanent
        assert found.temps == 0
    peak = day.desk_day(plan, day.ordinary_and_peak_day(plan)[1])
    month = int(plan.inputs.days.set_index("date").loc[peak.date, "month"])
    assert peak.hours["required"].max() <= plan.results.desks[peak.role].most_agents[0, month]


def test_rules_of_thumb_stand_beside_the_model(plan):
    beside = day.rules_of_thumb(plan, day.ordinary_and_peak_day(plan)[0])
    assert set(beside["task"]) == {"desk", "picking", "packing", "picking and packing"}
    assert (beside["source"] != "").all()
    desk = beside[beside["task"] == "desk"]
    assert desk["people_high"].max() / desk["people_low"].min() > 10


def test_a_shop_without_a_desk_has_no_desk_rules():
    plan = make_plan(load_scenario("online_retail_uk"))
    beside = day.rules_of_thumb(plan, "2027-11-04")
    assert set(beside["task"]) == {"picking", "packing", "picking and packing"}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda p: day.desk_day(p, "2027-11-04"), "has no staffed desk; set dedicated_desk"),
        (lambda p: day.warehouse_day(p, "not a date"), "date is 'not a date'; it must lie in the plan, 2026-12-01 to"),
        (lambda p: day.warehouse_day(p, "2027-11-06"), "2027-11-06 has no orders in this plan"),
        (lambda p: day.warehouse_day(p, "2029-01-01"), "date is 2029-01-01; it must lie in the plan, 2026-12-01"),
    ],
)  # fmt: skip
def test_a_wrong_question_is_refused(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call(make_plan(load_scenario("online_retail_uk")))


def test_pictures_of_a_day_say_what_they_show(plan):
    _, peak = day.ordinary_and_peak_day(plan)
    desk, warehouse = day.desk_day(plan, peak), day.warehouse_day(plan, peak)
    share = plan.scenario.reply_target_share
    drawn = [
        team.picture(lesson.desk_hours, desk),
        team.picture(lesson.desk_rehearsed, desk, day.rehearse_desk_day(plan, desk, replications=8), share),
        team.picture(lesson.warehouse_backlog, warehouse, day.rehearse_warehouse_day(plan, warehouse, replications=8)),
    ]
    assert all(any(c.isdigit() for c in one.alt) for one in drawn)
    assert str(warehouse.temps) in lesson.warehouse_said(warehouse)
