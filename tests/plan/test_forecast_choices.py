"""Which forecast a plan is made from: the history's, naive, the shop's own events, or the shop's own figures."""

import numpy as np
import pandas as pd
import pytest

from ecteam import load_scenario, make_plan
from ecteam.analysis.options import at_orders
from ecteam.inputs.checks import InputError
from ecteam.plan.prepare import values_of
from ecteam.plan.solve import forecast_orders

SHOP = load_scenario("tea_shop_startup", growth_per_month_share=None, start_month="2027-01")


def with_history(tmp_path, orders, start="2025-01-01", **changes):
    """The plan of a shop with this many orders a day, all of them at noon."""
    dates = pd.date_range(start, periods=len(orders))
    path = tmp_path / "orders.csv"
    rows = pd.DataFrame({"hour_start": dates.strftime("%Y-%m-%d 12:00"), "orders": orders})
    rows[rows["orders"] > 0].to_csv(path, index=False)
    return make_plan(SHOP.with_changes(history=str(path), orders_per_day=None, **changes))


def said(plan, key):
    return [note for note in plan.notes if note.key == key]


def test_the_forecast_plans_where_it_beats_the_last_open_days(tmp_path):
    plan = with_history(tmp_path, np.random.default_rng(1).poisson(200, 731))
    assert not said(plan, "naive_is_better")
    assert plan.inputs.orders_per_day == pytest.approx(200, rel=0.03)


def test_naive_plans_and_is_said_where_the_forecast_loses(tmp_path):
    # Each quarter the level jumps and stays: nothing that was seen before helps, and the last week is right.
    level = np.repeat(np.random.default_rng(2).choice([60, 150, 400, 900], 27), 28)[:728]
    plan = with_history(tmp_path, level)
    error = plan.forecast_error[["model_error", "naive_error"]].sum()
    assert error["model_error"] > error["naive_error"]
    (note,) = said(plan, "naive_is_better")
    assert "repeats those days" in str(note)
    assert "重复" in note.in_language("zh")
    ordinary = plan.days[plan.days["lift"] == ""]
    assert ordinary["orders"].to_numpy() == pytest.approx(level[-1])


def test_the_trend_of_a_history_is_continued_and_said(tmp_path):
    orders = np.random.default_rng(3).poisson(50 * 2 ** (np.arange(1096) / 365))
    plan = with_history(tmp_path, orders, start="2024-01-01")
    assert plan.days.groupby("month")["orders"].mean().iloc[[0, -1]].tolist() == pytest.approx([415, 560], rel=0.15)
    assert said(plan, "trend_continued")
    flat = with_history(tmp_path, orders, start="2024-01-01", growth_per_month_share=0.0)
    assert flat.inputs.growth.tolist() == [1] * 12


def test_spring_festival_dips_are_learnt(tmp_path):
    dates = pd.date_range("2024-01-01", "2025-12-31")
    dip = dates.isin(pd.date_range("2024-02-07", periods=12).union(pd.date_range("2025-01-26", periods=12)))
    plan = with_history(tmp_path, np.where(dip, 15, 100), start="2024-01-01", start_month="2026-01")
    days = plan.days.set_index("date")["orders"]
    assert days["2026-02-14":"2026-02-25"].to_numpy() == pytest.approx(15, abs=2)
    assert days["2026-03-02":"2026-03-30"].to_numpy() == pytest.approx(100, rel=0.03)


def test_own_events_have_their_factor_or_are_learnt(tmp_path):
    stated = make_plan(SHOP.with_changes(events=["2027-05-20 x 3", "fourth Thursday of November +1 for 4 days x 2"]))
    days = stated.days.set_index("date")
    times = days["orders"] / days["ordinary_orders"]
    assert times["2027-05-20"] == pytest.approx(3)
    assert times["2027-11-26":"2027-11-29"].tolist() == pytest.approx([2] * 4)
    with pytest.raises(InputError, match="2027-05-20 has no factor, and the order history has no such day"):
        make_plan(SHOP.with_changes(events="2027-05-20"))
    dates = pd.date_range("2025-01-01", periods=731)
    orders = np.random.default_rng(4).poisson(np.where((dates.month == 5) & (dates.day == 20), 800, 200))
    learnt = with_history(tmp_path, orders, events="05-20")
    days = learnt.days.set_index("date")
    assert (days["orders"] / days["ordinary_orders"])["2027-05-20"] == pytest.approx(4, rel=0.15)


MONTHLY = [1000.0 * month for month in range(1, 13)]


def test_own_monthly_figures_are_the_orders_of_the_months():
    plan = make_plan(SHOP.with_changes(orders_per_month=MONTHLY, growth_per_month_share=0.1))
    assert plan.days.groupby("month")["orders"].sum().tolist() == pytest.approx(MONTHLY)
    assert said(plan, "own_forecast_planned")
    assert plan.inputs.orders_per_day == pytest.approx(sum(MONTHLY) / 365)
    weak = make_plan(SHOP.with_changes(orders_per_month=MONTHLY, event_strength=0.0))
    assert weak.days.groupby("month")["orders"].sum().tolist() == pytest.approx(MONTHLY)
    assert weak.days["orders"].max() < plan.days["orders"].max()


def test_own_daily_figures_are_the_orders_of_the_days():
    figures = np.random.default_rng(5).integers(0, 300, 365)
    plan = make_plan(SHOP.with_changes(orders_per_month=figures.tolist()))
    assert plan.days["orders"].to_numpy() == pytest.approx(figures)


def test_an_own_forecast_scales_as_a_whole():
    plan = make_plan(SHOP.with_changes(orders_per_month=MONTHLY))
    double = at_orders(plan.inputs, 2 * plan.inputs.orders_per_day)
    orders = forecast_orders(double, values_of(double)).orders
    assert orders[0] == pytest.approx(2 * np.array(MONTHLY))
