"""Ladder of sizes: heads never fall, people cost an order never rises."""

import numpy as np
import pytest

from ecteam.inputs.scenario_file import load_scenario
from ecteam.plan.plan import make_plan

RUNGS = (10, 30, 100, 300, 1000, 3000, 10_000)
slow = pytest.mark.slow


def of_size(name, orders):
    return make_plan(load_scenario(name, orders_per_day=float(orders), months=1, growth_per_month_share=0.0))


@pytest.mark.parametrize(
    ("name", "rungs"),
    [
        ("tea_shop_startup", RUNGS[::2]),
        pytest.param("tea_shop_startup", RUNGS, marks=slow),
        pytest.param("tea_shop_growth", RUNGS, marks=slow),
        pytest.param("tea_shop_maturity", RUNGS, marks=slow),
    ],
)
def test_a_larger_shop_has_no_fewer_heads_and_no_dearer_orders(name, rungs):
    plans = [of_size(name, orders) for orders in rungs]
    heads = [plan.totals["heads_last_month"] for plan in plans]
    an_order = [plan.totals["cost_per_month"] / plan.results.demand.orders[0, 0] for plan in plans]
    assert heads == sorted(heads)
    assert (np.diff(an_order) <= 0).all()
