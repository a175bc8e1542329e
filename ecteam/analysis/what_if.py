"""What if orders, handle time, shipping or pay were others? Heads and cost of a plan at every step of a grid, each what
`make_plan` says of it: one run answers all steps at which the same people wear the same hats.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ecteam.analysis.options import at_orders, with_choices
from ecteam.analysis.uncertainty import TOTAL, cash_by_role
from ecteam.inputs.arguments import Floats
from ecteam.plan.plan import Plan, plan_of
from ecteam.plan.prepare import Inputs, values_of
from ecteam.plan.solution import Results, Solution
from ecteam.plan.solve import hats_by_case, solve

HANDLE = ("presale_minutes_per_chat", "insale_minutes_per_chat", "aftersale_minutes_per_chat")
"""The minutes that an agent gives a chat."""
ORDERS_TIMES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
HANDLE_TIMES = (0.6, 0.75, 0.9, 1.0, 1.15, 1.3, 1.5)
PAY_TIMES = (0.9, 0.95, 1.0, 1.05, 1.1, 1.2)
"""Steps of the sliders, as times what the plan has."""


@dataclass(frozen=True, eq=False)
class WhatIfGrid:
    """A plan at every step: `ships`, `orders_per_day`, `handle_times` and `pay_times` are the axes, in this order.

    heads, cost : people and cash cost by month, (ships, orders, handle, pay, months), NaN where headcount does not
    converge; by_department : heads of the last month, (ships, orders, handle, pay, departments)
    orders : orders of the whole plan, (orders,); base : the place of the plan itself on each axis
    """

    ships: tuple[bool, ...]
    orders_per_day: tuple[float, ...]
    handle_times: tuple[float, ...]
    pay_times: tuple[float, ...]
    departments: tuple[str, ...]
    heads: Floats
    by_department: Floats
    cost: Floats
    orders: Floats
    base: tuple[int, int, int, int]


def what_if_grid(plan: Plan) -> WhatIfGrid:
    """Heads and cost of a plan at every step of orders per day, handle time, shipping and pay.

    >>> from ecteam import load_scenario, make_plan
    >>> shop = load_scenario("tea_shop_startup")
    >>> grid = what_if_grid(make_plan(shop))
    >>> more = make_plan(shop.with_changes(orders_per_day=grid.orders_per_day[-1])).totals["heads_last_month"]
    >>> bool(grid.heads[0, -1, grid.base[2], grid.base[3], -1] == more)
    True
    """
    level = plan.inputs.orders_per_day
    orders = order_steps(level)
    ships = (True, False) if plan.scenario.self_shipping else (False, True)
    size = len(orders), len(HANDLE_TIMES), len(PAY_TIMES)
    times, handle, pay = (
        axis.reshape(-1, 1)
        for axis in np.meshgrid([o / level if level else 1.0 for o in orders], HANDLE_TIMES, PAY_TIMES, indexing="ij")
    )
    pays = [f"pay_{role}" for role in plan.assumptions.roles.index]
    parts = []
    for at, ship in enumerate(ships):
        inputs = with_choices(plan.inputs, self_shipping=ship)
        values = values_of(inputs)
        steps = {key: values[key] * handle for key in HANDLE} | {key: values[key] * pay for key in pays}
        parts += [(at, *part) for part in _by_hats(replace(inputs, orders_times=times), values, steps)]
    roles = plan.assumptions.roles["department"]
    filled = {role for _, _, solution in parts for role in solution.results.roles}
    departments = tuple(dict.fromkeys(roles[role] for role in roles.index if role in filled))
    heads, cost = (np.empty((len(ships), len(times), len(plan.months))) for _ in range(2))
    last, ordered = np.empty((len(ships), len(times), len(departments))), np.empty(len(times))
    for at, cases, solution in parts:
        results = solution.results
        heads[at, cases] = _settled(results, results.heads.sum(axis=0))
        last[at, cases] = _by_department(results, roles.to_dict(), departments)
        cost[at, cases] = _settled(results, cash_by_role(results)[TOTAL])
        ordered[cases] = results.demand.orders.sum(axis=-1)
    heads, last, cost = (array.reshape(len(ships), *size, -1) for array in (heads, last, cost))
    return WhatIfGrid(
        ships,
        orders,
        HANDLE_TIMES,
        PAY_TIMES,
        departments,
        heads,
        last,
        cost,
        ordered.reshape(size)[:, 0, 0],
        (0, orders.index(level), HANDLE_TIMES.index(1.0), PAY_TIMES.index(1.0)),
    )


def at_times_orders(plan: Plan, times: Sequence[float] = (0.5, 2.0)) -> pd.DataFrame:
    """The plan at so many times its orders: times, orders_per_day, heads (last month), cost_per_month (cash).

    >>> from ecteam import load_scenario, make_plan
    >>> shop = load_scenario("tea_shop_startup")
    >>> row = at_times_orders(make_plan(shop), [2.0]).iloc[0]
    >>> totals = make_plan(shop.with_changes(orders_per_day=row["orders_per_day"])).totals
    >>> bool(row["heads"] == totals["heads_last_month"]), bool(row["cost_per_month"] == totals["cost_per_month"])
    (True, True)
    """
    rows = []
    for orders in np.asarray(times) * plan.inputs.orders_per_day:
        totals = plan_of(at_orders(with_choices(plan.inputs), float(orders))).totals
        rows.append((orders, totals["heads_last_month"], totals["cost_per_month"]))
    return pd.DataFrame(rows, columns=["orders_per_day", "heads", "cost_per_month"]).assign(times=times)


def _by_hats(
    inputs: Inputs, values: Mapping[str, Any], steps: Mapping[str, Floats]
) -> Iterator[tuple[list[int], Solution]]:
    """The cases of some steps, those in which the same people wear the same hats together, and what they take."""
    every = range(len(inputs.orders_times))
    shared: dict[tuple[str, ...], list[int]] = {}
    if inputs.hats_settled:
        shared[tuple(inputs.duties["worn_by"])] = list(every)
    else:
        # Hats follow the work alone: what differs by pay only is found once.
        once = every[:: len(PAY_TIMES)]
        found = hats_by_case(
            replace(inputs, orders_times=inputs.orders_times[once]),
            {**values, **{key: at[once] for key, at in steps.items()}},
        )
        for first, worn in zip(once, found, strict=True):
            cases = shared.setdefault(tuple(worn), [])
            cases += range(first, first + len(PAY_TIMES))
    for hats, cases in shared.items():
        own = replace(inputs.wearing(pd.Series(hats, inputs.duties.index)), orders_times=inputs.orders_times[cases])
        yield cases, solve(own, {**values, **{key: at[cases] for key, at in steps.items()}}, all_settle=False)


def order_steps(level: float) -> tuple[float, ...]:
    """Orders a day that people would name, around the plan's own level, which is one of them.

    >>> order_steps(600.0)
    (300.0, 360.0, 420.0, 480.0, 540.0, 600.0, 690.0, 780.0, 900.0, 1000.0, 1200.0)
    """
    if not level:
        return (level,)
    return tuple(sorted({level if t == 1.0 else float(f"{level * t:.2g}") for t in ORDERS_TIMES}))


def _settled(results: Results, figures: Floats) -> Floats:
    """Figures of each draw, NaN where its headcount does not converge."""
    return np.where(results.settled.reshape(-1, *([1] * (figures.ndim - 1))), figures, np.nan)


def _by_department(results: Results, department: Mapping[str, str], departments: tuple[str, ...]) -> Floats:
    """Heads of the last month, (draws, departments)."""
    last = results.heads[..., -1]
    belongs = np.array([[department[role] == name for role in results.roles] for name in departments], dtype=float)
    return _settled(results, (belongs @ last).T)
