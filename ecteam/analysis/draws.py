"""Many draws of a plan: its assumptions and its orders at once, solved in parts, and what each draw answers."""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ecteam.pay import loaded_cost
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import Inputs, column, values_of
from ecteam.plan.solution import Results, Solution
from ecteam.plan.solve import solve
from ecteam.staffing import forecast

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Each = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
"""Calls a function for each of some things, in their order: `map`, or one that asks a cluster."""

TOTAL = "total"
EVERY_DUTY = "every_duty"
_ROUNDING = 1e-9


def orders_spread(plan: Plan) -> tuple[float | None, float | None]:
    """How wide level and months of the orders are by the shop's own history; None where the assumption holds."""
    test = plan.forecast_error
    own = None if test is None else forecast.forecast_spread(test)
    changed = plan.assumptions.changed
    level, month = own or (None, None)
    return (None if "orders_level_spread" in changed else level, None if "orders_month_spread" in changed else month)


def orders_times_of(
    values: Mapping[str, Any], spread: tuple[float | None, float | None], draws: int, months: int, seed: int
) -> tuple[Floats, Floats]:
    """How many times their forecast the orders of each month are, (draws, months), and the level, (draws, 1)."""
    keys = ("orders_level_spread", "orders_month_spread")
    factors = []
    for key, own, size in zip(keys, spread, (1, months), strict=True):
        rng = np.random.default_rng([seed, zlib.crc32(f"normal/{key}".encode())])
        sigma = np.sqrt(np.log1p(column(values[key] if own is None else own) ** 2))
        factors.append(np.exp(sigma * rng.standard_normal((draws, size)) - sigma**2 / 2))
    return factors[0] * factors[1], factors[0]


def part_of(inputs: Inputs, times: Floats, part: slice) -> Inputs:
    """Some of the draws, with their orders."""
    drawn = inputs.assumptions.with_draws(inputs.assumptions.draws[:, part])
    return replace(inputs, assumptions=drawn, orders_times=times[part])


def answers(plan: Plan, inputs: Inputs) -> dict[str, dict[str, Any]]:
    """What some draws say, without the arrays on the way: name -> key -> (draws, months).

    `heads` and `cost` by role and in total, solved again; `enough` by role and `kept` by target for the plan's own
    heads; of the `shop` its orders, and whether the team settles, (draws,).
    """
    solution = solve(inputs, values_of(inputs), team=plan.results, all_settle=False)
    results = solution.results
    lost = ~results.settled
    heads = dict(zip(results.roles, results.heads.copy(), strict=True))
    heads[TOTAL] = results.heads.sum(axis=0)
    paid = cash_by_role(results)
    for amounts in (*heads.values(), *paid.values()):
        amounts[lost] = np.inf
    seats, team = results.team_seats, plan.results.heads
    assert seats is not None
    return {
        "heads": heads,
        "cost": paid,
        "enough": {role: seats[i] <= team[i] for i, role in enumerate(results.roles)},
        "kept": _targets_kept(solution, team),
        "shop": {
            "orders": results.demand.orders,
            "settled": results.settled,
        },
    }


def _targets_kept(solution: Solution, team: Floats) -> dict[str, Bools]:
    """Target -> whether the heads of a given team keep it, (draws, months); desk and parcels before other duties."""
    inputs, results = solution.inputs, solution.results
    duties, roles = inputs.duties, results.roles
    shrinkage = inputs.assumptions.role_columns["shrinkage"]
    first = duties["method"].isin(["queue", "deadline"]).to_numpy()
    able = {}
    for i, role in enumerate(roles):
        hours = results.staffed_hours[first & (duties["worn_by"] == role).to_numpy()].sum(axis=0)
        needed = hours / (results.paid_hours * (1 - column(solution.values[shrinkage[role]])))
        able[role] = (needed <= team[i] + _ROUNDING) & (results.on_shift[i] <= team[i])
    kept = {}
    reply = "reply_target" if inputs.scenario.dedicated_desk else "chats_answered"
    for target, method in ((reply, "queue"), ("ship_on_time", "deadline")):
        at_it = duties.loc[duties["method"] == method, "worn_by"].unique()
        if len(at_it):
            kept[target] = np.logical_and.reduce([able[role] for role in at_it])
    assert results.team_seats is not None
    kept[EVERY_DUTY] = (results.team_seats <= team).all(axis=0)
    return kept


def cash_by_role(results: Results) -> dict[str, Floats]:
    """Cash cost of each role, of the shop as a whole ("") and in total: (draws, months)."""
    cash = {item: amounts for item, amounts in results.items.items() if item not in loaded_cost.CASH_FREE_ITEMS}
    by_role = np.sum([amounts for item, amounts in cash.items() if item in loaded_cost.ROLE_ITEMS], axis=0)
    shop = np.sum([amounts for item, amounts in cash.items() if item in loaded_cost.SHOP_ITEMS], axis=0)
    shop = shop + np.zeros(by_role.shape[1:])
    return dict(zip(results.roles, by_role, strict=True)) | {"": shop, TOTAL: by_role.sum(axis=0) + shop}


def quantile(values: npt.ArrayLike, share: float) -> Any:
    """The smallest of the values, (..., draws), that at least this share of the draws do not exceed.

    Always one of the values: whole heads stay whole.

    >>> float(quantile([5, 1, 4, 2, 3, 6, 7, 8, 9, 10], 0.9))
    9.0
    """
    ordered = np.sort(np.asarray(values, dtype=float), axis=-1)
    return ordered[..., int(np.ceil(share * ordered.shape[-1] - _ROUNDING)) - 1]
