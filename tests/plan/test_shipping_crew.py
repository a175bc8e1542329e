"""The warehouse team is enough for its own crew: simulated with the hours that the heads of the plan have."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from ecteam.inputs.calendar_units import WEEKS_PER_MONTH
from ecteam.inputs.scenario_file import load_scenario
from ecteam.plan.plan import make_plan
from ecteam.plan.staffing import open_week
from ecteam.staffing import deadlines, headcount, shifts

FIVE_DAYS = str(Path(__file__).parents[1] / "data" / "warehouse_5_days_24h.yaml")


def week_of(plan, month):
    """Person-hours released by the hour of a mean ordinary week in orders, the open hours, and when each is due."""
    shop, is_open = plan.scenario, open_week(plan.inputs)
    orders = plan.results.demand.week[0, [month]]
    work, due = headcount.week_of_orders(orders, plan.inputs.profile.hour, is_open, shop.ship_rule, shop.cutoff_hour)
    return work, is_open, due


def hours_for_shipping(plan, role, month):
    """Hours a week of the heads of a role, after days off, leave and illness, less what their other duties take; the
    hours of a day on which all of them are there."""
    team = plan.team[(plan.team["role"] == role) & (plan.team["month"] == plan.months[month])]
    productive = 1 - plan.values[plan.assumptions.roles.loc[role, "shrinkage"]]
    heads_hours = float(team["heads"].iloc[0]) * productive
    duties = plan.headcount[(plan.headcount["role"] == role) & (plan.headcount["month"] == plan.months[month])]
    other = duties.loc[duties["duty"].map(plan.inputs.duties["method"]) != "deadline", "staffed_hours"].sum()
    month_hours = heads_hours * plan.results.paid_hours[0, month] - other
    day_hours = heads_hours * plan.values["hours_per_day"] * month_hours / (month_hours + other)
    return month_hours / WEEKS_PER_MONTH, day_hours


def late_share(plan, role, month, weeks=26, runs=20):
    """Share of parcels late over half a year of ordinary days that differ by chance, with the heads of the plan.

    An independent rota: each day the same people in every open hour, as many hours as the heads have, dealt out by what
    falls due on each day, none above what heads can be there.
    """
    work, is_open, due = week_of(plan, month)
    hours, day_hours = hours_for_shipping(plan, role, month)
    found = shifts.shipping_shifts(
        work, is_open, due, shifts.read_patterns(region=plan.scenario.region),
        days_per_person=plan.inputs.working_days[month] / WEEKS_PER_MONTH,
    )  # fmt: skip
    people = found.on_shift[0] * hours / found.paid_hours[0].sum()
    by_day = people.reshape(7, 24)
    by_day *= np.minimum(1, day_hours / np.maximum(by_day.sum(axis=1), 1e-9))[:, None]
    duties = (plan.inputs.duties["method"] == "deadline") & (plan.inputs.duties["worn_by"] == role)
    per_order = plan.results.hours[duties.to_numpy(), 0, month].sum() / plan.results.demand.orders[0, month]
    rng, spread = np.random.default_rng(7), plan.values["day_spread"]
    days = rng.gamma(spread**-2, spread**2, (runs, weeks * 7))
    orders = rng.poisson(np.repeat(days, 24, axis=1) * np.tile(work[0], weeks))
    due_by = np.concatenate([due + 168 * week for week in range(weeks)])
    orders[:, due_by >= orders.shape[1]] = 0
    rate, people = 1 / per_order, np.tile(by_day.ravel(), weeks)
    left = deadlines.backlog(orders, np.tile(is_open, weeks), due_by, rate_per_hour=rate, people=people)
    return left.late_orders.sum() / orders.sum()


@pytest.mark.parametrize("shop", ["tea_shop_growth", "tea_shop_maturity", FIVE_DAYS])
def test_heads_ship_in_time(shop):
    plan = make_plan(load_scenario(shop))
    # The promise: at most what comes above the busy day is late, E max(G - b, 0) of a day G with mean 1.
    spread, busy = plan.values["day_spread"], plan.results.demand.busy_day_factor.item()
    shape = spread**-2
    above = stats.gamma.sf(busy * shape, shape + 1) - busy * stats.gamma.sf(busy * shape, shape)
    assert 0.01 < above < 0.04
    for role in plan.results.crews:
        assert late_share(plan, role, 0) <= above


def test_first_day_after_a_closed_weekend_has_its_people():
    plan = make_plan(load_scenario(FIVE_DAYS))
    packing = plan.results.crews["packer"]
    _, day_hours = hours_for_shipping(plan, "packer", 0)
    # The crew of 56 stands there for all 12 open hours of Monday: 672 hours of people who work 8 a day.
    assert day_hours >= packing.people[0, 0] * 12
    # An order of 1.6 lines and 1.92 pieces: 60/32 minutes, 0.6 further lines at 0.35 and 0.32 further pieces at 0.15,
    # and 60/250 to load it. On a busy Monday wait the weekend's orders and those after closing time on Friday.
    minutes = 60 / 32 + 0.6 * 0.35 + 0.32 * 0.15 + 60 / 250
    assert packing.people[0, 0] * 12 == pytest.approx(16_751 * minutes / 60, abs=0.1)


@pytest.mark.parametrize("shop", ["tea_shop_maturity", FIVE_DAYS])
def test_busier_days_take_more_heads(shop):
    shop = load_scenario(shop)
    teams = [make_plan(shop.with_changes(busy_day_quantile=share)).results for share in (0.5, 0.8, 0.95)]
    for role in teams[0].crews:
        heads = [team.heads[team.roles.index(role), 0, -1] for team in teams]
        assert heads[0] < heads[1] < heads[2]
