"""Hire now, see demand later: a plan over demand scenarios, with tangents instead of one programme for all of them.

What covers a shortage when demand is seen (overtime, temps on call, outsourced hours, cheapest first) costs a convex,
piecewise linear amount in what was decided before. The programme holds that cost from below by tangents and gets a new
one wherever its solution pays too little [1].

[1] R. M. Van Slyke, R. Wets, L-shaped linear programs with applications to optimal control and stochastic programming,
SIAM J. Appl. Math. 17 (1969).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ecteam.hiring.hiring_problem import Problem
from ecteam.hiring.programme import Ints, Programme, Rows, Whole, programme, rows_of, solve, stacked, triples
from ecteam.inputs.arguments import Floats

OPTIONS = ("overtime", "temps", "outsourced")
MOST_ROUNDS = 60
"""Rounds of new tangents; three to fifteen are usual. A plan that needs more is returned with the gap it has."""
FIRST_TANGENTS = 7
_CLOSED = 1e-9
"""The linear programme is followed until its tangents pay all but this share of the cost."""


@dataclass(frozen=True, eq=False)
class Recourse:
    """What is done when demand is seen: hours (scenarios, roles, months) by option, `missing` hours of work that
    nothing covers, its expected cost (roles, months), and how that cost changes with capacity, staff and booked temps.
    """

    hours: Mapping[str, Floats]
    missing: Floats
    cost: Floats
    by_capacity: Floats
    by_staff: Floats
    by_booked: Floats


def recourse(problem: Problem, staff: Floats, booked: Floats, capacity: Floats) -> Recourse:
    """The cheapest cover of every scenario's shortage, given (roles, months) of staff, booked temp hours and capacity.

    Formula: options in order of their price for an hour of work, each to its limit; the price of the last one used is
    what one hour more of capacity saves, and what it exceeds a cheaper option's own price is what more of that saves.
    """
    of, chance = problem.of, problem.chances[:, None, None]
    material = of["work_cost_per_hour"]
    speed = np.stack([of["overtime_productivity"], of["temp_productivity"], np.ones_like(staff)])
    allowed = np.stack([problem.allowed[name][:, None] for name in ("overtime", "temp", "outsourced")])
    paid = np.stack([of[f"{name}_cost_per_hour"] for name in ("overtime", "temp", "outsourced")])
    price = paid / speed
    # Own work uses up material, bought work does not.
    price[2] -= material
    per_head = of["temp_most_hours_per_head"]
    with_staff = np.where(np.isfinite(per_head), np.where(np.isfinite(per_head), per_head, 0.0) * staff, np.inf)
    most_temps = np.minimum(of["temp_most_hours"], with_staff)
    limits = np.stack([of["overtime_most_hours_per_head"] * staff, most_temps - booked, of["outsourced_most_hours"]])
    limit = np.where(allowed, np.maximum(limits, 0) * speed, 0.0)
    order = np.argsort(np.where(allowed, price, np.inf), axis=0, kind="stable")
    price_in_order, limit_in_order = (np.take_along_axis(a, order, axis=0) for a in (price, limit))
    before = np.concatenate([np.zeros((1, *staff.shape)), np.cumsum(limit_in_order, axis=0)])

    short = np.maximum(problem.need - capacity, 0.0)
    used = np.minimum(np.maximum(short[:, None] - before[:-1], 0.0), limit_in_order)
    # The dearest option in use: the last one whose turn has come.
    turn = np.where(used > 0, np.arange(1, len(OPTIONS) + 1)[:, None, None], 0).max(axis=1)
    marginal = np.take_along_axis(price_in_order, np.maximum(turn - 1, 0).reshape(-1, *staff.shape), axis=0)
    marginal = np.where(turn > 0, marginal, 0.0)
    by_option = np.empty_like(used)
    np.put_along_axis(by_option, np.broadcast_to(order, used.shape), used, axis=1)
    saved = chance[:, None] * np.maximum(marginal[:, None] - price, 0.0) * (turn > 0)[:, None]
    saved = saved.sum(axis=0)
    finite = np.isfinite(most_temps) & allowed[1]
    by_head = finite & (with_staff < of["temp_most_hours"])
    cost = (chance * ((used * price_in_order).sum(axis=1) + material * problem.need)).sum(axis=0)
    return Recourse(
        hours={name: by_option[:, i] / speed[i] for i, name in enumerate(OPTIONS)},
        missing=short - used.sum(axis=1),
        cost=cost,
        by_capacity=-(chance * marginal).sum(axis=0),
        by_staff=-saved[0] * np.where(allowed[0], of["overtime_most_hours_per_head"] * speed[0], 0.0)
        - saved[1] * np.where(by_head, np.where(by_head, per_head, 0.0) * speed[1], 0.0),
        by_booked=np.where(finite, saved[1] * speed[1], 0.0),
    )


def _tangents(model: Programme, seen: Recourse, staff: Floats, booked: Floats, capacity: Floats, wanted: Ints) -> Rows:
    """later_cost >= cost + slopes x (decisions - these), for the wanted places (roles x months, flat)."""
    at = {name: columns.ravel()[wanted] for name, columns in model.places.items() if name != "moved"}
    slopes = [s.ravel()[wanted] for s in (seen.by_capacity, seen.by_staff, seen.by_booked)]
    values = [v.ravel()[wanted] for v in (capacity, staff, booked)]
    block = np.arange(len(wanted))
    terms: list[tuple[Any, Any, Any]] = [(block, at["later_cost"], 1.0)]
    terms += [(block, at[n], -s) for n, s in zip(("capacity", "staff", "booked"), slopes, strict=True)]
    level = seen.cost.ravel()[wanted] - sum(s * v for s, v in zip(slopes, values, strict=True))
    return rows_of(terms, level, np.inf, (len(wanted),))


def _first_tangents(problem: Problem, model: Programme) -> list[Rows]:
    """Tangents at capacities from the least to the largest need, so that the first solution is no wild guess."""
    hours = problem.of["hours_per_head"]
    every = np.arange(hours.size)
    rows = []
    for level in np.quantile(problem.need, np.linspace(0, 1, FIRST_TANGENTS), axis=0):
        staff = np.divide(level, hours, out=np.zeros_like(hours), where=hours > 0)
        none = np.zeros_like(staff)
        rows.append(_tangents(model, recourse(problem, staff, none, level), staff, none, level, every))
    return rows


def solve_over_scenarios(
    problem: Problem, whole: Whole, gap: float, fixed: Mapping[str, Floats] | None = None
) -> tuple[Programme, Floats | None, float]:
    """The programme, the columns of the cheapest plan found, and a bound below which no plan costs.

    `fixed` holds blocks of decisions at given values. The linear programme gets its tangents first; they stay for the
    programme in whole heads, which then needs few more.
    """
    model = programme(problem, whole, later=False)
    low, high = model.low.copy(), model.high.copy()
    for name, values in (fixed or {}).items():
        low[model.places[name]] = high[model.places[name]] = values
    rows = [Rows(*triples(model), model.row_low, model.row_high), *_first_tangents(problem, model)]
    best, best_cost, bound = None, np.inf, -np.inf
    for relaxed in (True, False) if model.whole.any() else (True,):
        for _ in range(MOST_ROUNDS):
            matrix, row_low, row_high = stacked(rows, len(model.cost))
            now = replace(model, matrix=matrix, row_low=row_low, row_high=row_high, low=low, high=high)
            x, found_bound = solve(now, gap / 2, relaxed=relaxed)
            if x is None:
                return model, None, np.inf
            staff, booked, capacity = (x[model.places[name]] for name in ("staff", "booked", "capacity"))
            seen = recourse(problem, staff, booked, capacity)
            cost = float(model.cost @ x - x[model.places["later_cost"]].sum() + seen.cost.sum())
            bound = max(bound, found_bound)
            if (not relaxed or not model.whole.any()) and cost < best_cost:
                best, best_cost = x, cost
            below = (seen.cost - x[model.places["later_cost"]]).ravel()
            tolerance = (_CLOSED if relaxed else gap / 4) * max(abs(cost), 1.0)
            if below.sum() <= tolerance:
                break
            wanted = np.flatnonzero(below > tolerance / (2 * below.size))
            rows.append(_tangents(model, seen, staff, booked, capacity, wanted))
    return model, best, min(bound, best_cost)
