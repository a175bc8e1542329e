"""What if orders, handle time, shipping or pay were others? Heads and cost of a plan at every step of a grid.

One run of the recipe answers every step of orders and handle time, one for each way of shipping; heads do not follow
pay, so its steps are priced afterwards. Every step is what `make_plan` says of it: nothing is interpolated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ecteam.pay import loaded_cost
from ecteam.plan.cost import role_items
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import prepare, values_of
from ecteam.plan.solution import Results, Solution
from ecteam.plan.solve import solve

Floats = npt.NDArray[np.float64]

HANDLE = ("presale_minutes_per_chat", "insale_minutes_per_chat", "aftersale_minutes_per_chat")
"""The minutes that an agent gives a chat."""
ORDERS_TIMES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
HANDLE_TIMES = (0.6, 0.75, 0.9, 1.0, 1.15, 1.3, 1.5)
PAY_TIMES = (0.9, 0.95, 1.0, 1.05, 1.1, 1.2)
"""Steps of the sliders, as times what the plan has."""


@dataclass(frozen=True, eq=False)
class WhatIfGrid:
    """A plan at every step: `ships`, `orders_per_day`, `handle_times` and `pay_times` are the axes, in this order.

    heads : (ships, orders, handle, months); by_department : heads of the last month, (..., departments)
    cost : cash cost by month, (ships, orders, handle, pay, months); NaN where headcount does not converge, as are heads
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
    >>> more = make_plan(shop.with_changes(orders_per_day=grid.orders_per_day[-1])).totals()["heads_last_month"]
    >>> bool(grid.heads[0, -1, grid.base[2], -1] == more)
    True
    """
    level = plan.inputs.orders_per_day
    orders = order_steps(level)
    ships = (True, False) if plan.scenario.self_shipping else (False, True)
    size = len(orders), len(HANDLE_TIMES)
    times = np.repeat([o / level if level else 1.0 for o in orders], size[1])[:, None]
    handle = np.tile(HANDLE_TIMES, size[0])[:, None]
    solutions = []
    for ship in ships:
        own = ship == plan.scenario.self_shipping
        inputs = plan.inputs if own else prepare(plan.scenario.with_changes(self_shipping=ship), plan.assumptions)
        values = values_of(inputs)
        longer = values | {key: values[key] * handle for key in HANDLE}
        solutions.append(solve(replace(inputs, orders_times=times), longer, all_settle=False))
    roles = plan.assumptions.roles["department"]
    filled = {role for solution in solutions for role in solution.results.roles}
    departments = tuple(dict.fromkeys(roles[role] for role in roles.index if role in filled))
    heads = np.stack([_settled(s.results, s.results.heads.sum(axis=0)) for s in solutions])
    last = np.stack([_by_department(s.results, roles.to_dict(), departments) for s in solutions])
    paid = np.stack([np.stack([_cost(s, times_pay) for times_pay in PAY_TIMES], axis=1) for s in solutions])
    months = heads.shape[-1]
    return WhatIfGrid(
        ships,
        orders,
        HANDLE_TIMES,
        PAY_TIMES,
        departments,
        heads.reshape(len(ships), *size, months),
        last.reshape(len(ships), *size, len(departments)),
        paid.reshape(len(ships), *size, len(PAY_TIMES), months),
        solutions[0].results.demand.orders.sum(axis=-1).reshape(size)[:, 0],
        (0, orders.index(level), HANDLE_TIMES.index(1.0), PAY_TIMES.index(1.0)),
    )


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


def _cost(solution: Solution, times_pay: float) -> Floats:
    """Cash cost by month at so many times the pay of every role, (draws, months)."""
    results, values = solution.results, solution.values
    paid = dict(values) | {f"pay_{role}": values[f"pay_{role}"] * times_pay for role in results.roles}
    items = role_items(
        solution.inputs,
        paid,
        results.roles,
        results.heads,
        results.employed_fte,
        results.hires,
        results.temp_hours,
        results.bought_hours,
    )
    total = sum(items[item].sum(axis=0) for item in loaded_cost.ROLE_ITEMS if item not in loaded_cost.CASH_FREE_ITEMS)
    shop = sum(results.items[item] for item in loaded_cost.SHOP_ITEMS if item in results.items)
    return _settled(results, np.asarray(total + shop))
