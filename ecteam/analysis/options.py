"""Options weighed against each other: their cost over orders a day, where it is equal, and what flips the answer.

A decision is a function from a shop at some values to the cost of each option. It is asked at the shop's own orders,
over a range of orders a day, and with each assumption alone at its low and high figure, many draws at once.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.analysis.decisions import stays_cheaper_from
from ecteam.inputs.assumptions import Assumptions, names_in
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.words import Note
from ecteam.plan.cost import cost_of_a_head
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import Inputs, column, stage_duties, values_of

Floats = npt.NDArray[np.float64]
Reckon = Callable[[Inputs, Mapping[str, Any]], Mapping[str, Floats]]
"""(inputs, values) -> option -> its cost in each draw, (draws,)."""

LEAST_ORDERS, MOST_ORDERS, POINTS = 10, 10_000, 24
MOST_KEYS = 4
"""So many assumptions, those that move the gap most, are followed over all orders a day."""
COMMON_KEYS = (
    "pay_months_per_year",
    "seat_cost",
    "welfare_cost",
    "software_cost",
    "overhead_share",
    "day_spread",
    "hours_per_day",
    "leading_hours_per_head",
)
"""Assumptions that bear on the cost of any people."""
ROUNDS, PARTS = 3, 8
"""The value at which an answer flips is found in rounds, each in a part of the one before: to a five-hundredth of the
range of its assumption."""


@dataclass(frozen=True, eq=False)
class Decision:
    """Options weighed. `now`: option, cost, more_than_best, at the shop's own orders; `best`: the cheapest of them.

    `curves`: option, orders_per_day, cost. `break_evens`: below (cheaper before), above (stays cheaper from there),
    orders_per_day, low, high (over the assumptions that move it most, each alone), decides (no third option is cheaper
    there). `flips`: key, en, zh, low, typical,
    high, unit, best_at_low, best_at_high, flips_at (the value at which the answer changes; NaN where it does not),
    swing (of the gap between two options), source, as_of, kind; those that flip first. Costs are in the currency of the
    plan, `per` month or event.
    """

    name: str
    currency: str
    per: str
    orders_per_day: float
    best: str
    now: pd.DataFrame
    curves: pd.DataFrame
    break_evens: pd.DataFrame
    flips: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def options(self) -> list[str]:
        """The options, in the order in which they were given."""
        return self.now["option"].tolist()


def weigh(
    name: str, plan: Plan, reckon: Reckon, among: Collection[str], *, per: str = "month", notes: tuple[Note, ...] = ()
) -> Decision:
    """Weigh the options of a decision for a plan's shop.

    among : the assumptions that bear on it; others move all options alike, but for the steps of whole people
    """
    own, table = plan.inputs.orders_per_day, plan.assumptions.numbers

    def ask(assumptions: Assumptions, orders_per_day: Floats | float = own) -> tuple[list[str], Floats]:
        inputs = at_orders(replace(plan.inputs, assumptions=assumptions), orders_per_day)
        costs = reckon(inputs, values_of(inputs))
        draws = assumptions.draws.shape[1]
        return list(costs), np.stack([np.broadcast_to(np.ravel(c), draws) for c in costs.values()])

    rows = spanning_rows(plan, among)
    # Asked at once: the plan's own values, then each row at its low end, then each at its high one.
    own_draw = plan.assumptions.draws[:, :1]
    at_ends = np.hstack([own_draw, one_at_a_time(plan.assumptions, rows).draws])
    options, costs = ask(plan.assumptions.with_draws(at_ends))
    now, low, high = np.split(costs, [1, 1 + len(rows)], axis=1)
    best = int(now[:, 0].argmin())
    swing = np.abs((high - high[best]) - (low - low[best])).max(axis=0)
    best_low, best_high = low.argmin(axis=0), high.argmin(axis=0)
    flips = (best_low != best) | (best_high != best)
    order = np.lexsort((table["key"].to_numpy()[rows], -swing, ~flips))
    order = order[swing[order] > 0]
    flips_at = _flip_values(plan, rows, best, best_low, best_high, lambda a: ask(a)[1])

    chosen = rows[order[:MOST_KEYS]]
    volumes = np.unique(np.append(np.geomspace(LEAST_ORDERS, MOST_ORDERS, POINTS).round(), max(own, 1.0)))
    around = np.hstack([own_draw, one_at_a_time(plan.assumptions, chosen).draws])
    # (options, draws, volumes), all asked at once; the first draw is the plan's own.
    at_all = plan.assumptions.with_draws(np.repeat(around, len(volumes), axis=1))
    costs = ask(at_all, np.tile(volumes, around.shape[1]))[1].reshape(len(options), -1, len(volumes))
    names = [options[i] for i in range(len(options))]
    moving = table.iloc[rows[order]]
    return Decision(
        name,
        plan.scenario.currency,
        per,
        own,
        names[best],
        pd.DataFrame({"option": names, "cost": now[:, 0], "more_than_best": now[:, 0] - now[best, 0]}),
        pd.DataFrame(
            {
                "option": np.repeat(names, len(volumes)),
                "orders_per_day": np.tile(volumes, len(names)),
                "cost": costs[:, 0].ravel(),
            }
        ),
        _break_evens(names, volumes, costs),
        moving[["key", "en", "zh", "low", "typical", "high", "unit"]]
        .assign(
            best_at_low=[names[i] for i in best_low[order]],
            best_at_high=[names[i] for i in best_high[order]],
            flips_at=flips_at[order],
            swing=swing[order],
            **{name: moving[name] for name in ("source", "as_of", "kind")},
        )
        .reset_index(drop=True),
        notes,
    )


def _break_evens(names: list[str], volumes: Floats, costs: Floats) -> pd.DataFrame:
    """Where one option stays cheaper than another, at the plan's values and over the assumptions, each alone."""
    rows = []
    for below, above in permutations(range(len(names)), 2):
        at = stays_cheaper_from(volumes, costs[below], costs[above])
        if volumes[0] < at[0] < np.inf:
            there = np.array([np.interp(at[0], volumes, costs[option, 0]) for option in range(len(names))])
            decides = there[[below, above]].min() <= there.min() * (1 + 1e-9)
            rows.append((names[below], names[above], float(at[0]), float(at.min()), float(at.max()), bool(decides)))
    columns = ["below", "above", "orders_per_day", "low", "high", "decides"]
    frame = pd.DataFrame(rows, columns=columns).astype({"decides": bool})
    return frame.sort_values("orders_per_day", ignore_index=True)


def _flip_values(
    plan: Plan,
    rows: npt.NDArray[np.int64],
    best: int,
    best_low: npt.NDArray[np.int64],
    best_high: npt.NDArray[np.int64],
    ask: Callable[[Assumptions], Floats],
) -> Floats:
    """The value of each row at which the cheapest option changes, the one nearest to the plan's own value.

    The end that flips; where both do, the one nearer to the plan's value. NaN where neither does.
    """
    table, own = plan.assumptions.numbers, plan.assumptions.draws[rows, 0]
    low, high = table["low"].to_numpy()[rows], table["high"].to_numpy()[rows]
    to_high = (best_high != best) & ((best_low == best) | (high - own <= own - low))
    flips = np.flatnonzero((best_low != best) | (best_high != best))
    flips_at = np.full(len(rows), np.nan)
    if not len(flips):
        return flips_at
    same, other = own[flips], np.where(to_high, high, low)[flips]
    each, inner = np.arange(len(flips)), np.arange(1, PARTS)[:, None] / PARTS
    for _ in range(ROUNDS):
        between = same + (other - same) * inner
        draws = np.repeat(plan.assumptions.draws[:, :1], between.size, axis=1)
        draws[np.tile(rows[flips], len(inner)), np.arange(between.size)] = between.ravel()
        kept = ask(plan.assumptions.with_draws(draws)).argmin(axis=0).reshape(between.shape) == best
        steps = np.vstack([same, between, other])
        first = np.where(kept.all(axis=0), PARTS, 1 + np.argmin(kept, axis=0))
        same, other = steps[first - 1, each], steps[first, each]
    flips_at[flips] = other
    return flips_at


def spanning_rows(plan: Plan, among: Collection[str]) -> npt.NDArray[np.int64]:
    """The rows of these assumptions that hold in the shop's region, span a range, and are not the shop's own figure."""
    table = plan.assumptions.numbers
    holds = (table["region"].isin(["all", plan.scenario.region]) & table["key"].isin(list(among))).to_numpy()
    spans = (table["high"] > table["low"]).to_numpy()
    return np.flatnonzero(holds & spans & ~table["key"].isin(list(plan.assumptions.changed)).to_numpy())


def bearing_keys(inputs: Inputs, posts: Collection[str]) -> set[str]:
    """The assumptions that the work of some posts rests on: rates, what drives them, pay and cost of who does it."""
    assumptions, level = inputs.assumptions, PLACES[inputs.scenario.city]["pay_level"]
    duties = assumptions.duties[assumptions.duties["post"].isin(list(posts))]
    formulas = assumptions.drivers["formula"].to_dict()
    keys, to_follow, seen = {*duties["rate"], level, *COMMON_KEYS}, list(dict.fromkeys(duties["driver"])), set()
    while to_follow:
        # A driver may have the name of the field that it is.
        if (driver := to_follow.pop()) in seen:
            continue
        seen.add(driver)
        formula = formulas.get(driver, "")
        names = names_in(formula) if formula else ()
        keys |= set(names)
        to_follow += [name for name in names if name in formulas]
    worn = duties["role"].map(assumptions.role_columns[inputs.scenario.hat_scheme])
    for role in {*duties["role"], *worn}:
        cells = assumptions.roles.loc[role, ["shrinkage", "attrition", "hire_cost", "equipment", "temp_pay"]]
        keys |= {f"pay_{role}", *cells}
    return keys


def one_at_a_time(assumptions: Assumptions, rows: npt.NDArray[np.int64]) -> Assumptions:
    """Each row alone at its low figure, then each alone at its high one: 2 x rows draws."""
    draws = np.repeat(assumptions.draws[:, :1], 2 * len(rows), axis=1)
    draws[rows, np.arange(len(rows))] = assumptions.numbers["low"].to_numpy()[rows]
    draws[rows, len(rows) + np.arange(len(rows))] = assumptions.numbers["high"].to_numpy()[rows]
    return assumptions.with_draws(draws)


def at_orders(inputs: Inputs, orders_per_day: Floats | float) -> Inputs:
    """The same shop at another number of orders a day, or at one for each draw; calendar and shape of demand stay."""
    if np.ndim(orders_per_day) == 0:
        return replace(inputs, scenario=inputs.scenario.with_changes(orders_per_day=float(orders_per_day)))
    shop = inputs.scenario.with_changes(orders_per_day=1.0)
    return replace(inputs, scenario=shop, orders_times=np.reshape(orders_per_day, (-1, 1)))


def with_choices(inputs: Inputs, **changes: Any) -> Inputs:
    """The same shop with other choices that change its duties (stage, hats, self_shipping, dedicated_desk ...)."""
    scenario = inputs.scenario.with_changes(**changes)
    return replace(inputs, scenario=scenario, duties=stage_duties(scenario, inputs.assumptions))


def head_cost_per_month(inputs: Inputs, values: Mapping[str, Any], role: str) -> Floats:
    """What a head of a role costs a month, fully loaded, its share of recruiting included: (draws,), plan's mean."""
    return cost_of_a_head(inputs, values, [role])[0].mean(axis=-1)


def hours_per_head(inputs: Inputs, values: Mapping[str, Any], role: str) -> Floats:
    """Hours a month that a head of a role really works, in the plan's mean month: (draws,)."""
    paid = inputs.working_days.mean() * column(values["hours_per_day"])
    return (paid * (1 - column(values[inputs.assumptions.roles.loc[role, "shrinkage"]])))[:, 0]


def flat(values: Mapping[str, Any], key: str) -> Floats:
    """A value as (draws,) or (1,)."""
    return column(values[key])[:, 0]
