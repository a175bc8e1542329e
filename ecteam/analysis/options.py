"""Options weighed against each other: their cost over orders a day, where it is equal, and what flips the answer.

A decision is a function from a shop at some values to the monthly cost of each option, asked at the shop's own orders,
over a range of orders a day, and with each assumption alone at its low and high figure, many draws at once. Costs with
whole people are steps: the break-even is the volume from which one option stays cheaper.

References
----------
.. [1] F. P. Brooks, The Mythical Man-Month (1975), ch. 2: n people have n(n - 1)/2 pairs to keep in step.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel

from ecteam.analysis.sensitivity import free_rows
from ecteam.inputs.arguments import Floats, whole
from ecteam.inputs.assumptions import Assumptions, load_assumptions, names_in
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.files import data_dir
from ecteam.inputs.scenario import PLACES
from ecteam.inputs.tables import load
from ecteam.inputs.words import Note
from ecteam.pay import loaded_cost
from ecteam.plan.cost import cost_of_a_head
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import Inputs, column, stage_duties, values_of


def cost_per_month(
    once: npt.ArrayLike,
    fixed_per_month: npt.ArrayLike,
    per_unit: npt.ArrayLike,
    units_per_month: npt.ArrayLike,
    years: npt.ArrayLike,
) -> Floats:
    """What does an option cost a month over its years: once / (12 years) + fixed + per unit x units?

    >>> float(cost_per_month(36_000, 500, 2.0, 1000, years=3))
    3500.0
    """
    once, fixed, each, units = (np.asarray(v, dtype=float) for v in (once, fixed_per_month, per_unit, units_per_month))
    return once / (MONTHS_PER_YEAR * np.asarray(years)) + fixed + each * units


def stays_cheaper_from(volumes: npt.ArrayLike, cost_a: npt.ArrayLike, cost_b: npt.ArrayLike) -> Floats:
    """From which volume on does B stay cheaper than A, up to the last volume looked at? Costs (..., volumes) -> (...).

    Costs of whole people cross more than once: the last crossing counts, between two volumes on a straight line. The
    lowest volume where B is cheaper all along, infinite where A is cheaper at the last one.

    >>> stays_cheaper_from([10, 20, 40], [1.0, 2.0, 4.0], [2.0, 1.5, 3.0]).round(2).item()
    16.67
    """
    at = np.asarray(volumes, dtype=float)
    saved = np.asarray(cost_a, dtype=float) - np.asarray(cost_b, dtype=float)
    dearer = saved <= 0
    last = at.size - 1 - np.argmax(dearer[..., ::-1], axis=-1)
    left = np.minimum(last, at.size - 2)
    below, above = (np.take_along_axis(saved, place[..., None], axis=-1)[..., 0] for place in (left, left + 1))
    run = np.where(above > below, above - below, 1.0)
    crossing = at[left] - below * (at[left + 1] - at[left]) / run
    return np.where(~dearer.any(axis=-1), at[0], np.where(dearer[..., -1], inf, crossing))


def outsourced_desk(
    chats: Any,
    staffed_hours: Any,
    *,
    seat_cost: Any,
    seat_hours: Any,
    shared_cost: Any,
    shared_chats: Any,
    chat_price: Any,
    lead_cost_per_chat: Any,
) -> dict[str, Floats]:
    """What does an outsourced desk cost a month, for chats and hours in which somebody must be there, (..., months)?

    Seats are whole in each month: those of `loaded_cost.outside_desk`, or ceil(chats / chats in a shared seat). The
    shop's own time for each chat that others answer comes on top.

    >>> desk = outsourced_desk([1000], [300], seat_cost=7000, seat_hours=176, shared_cost=2500, shared_chats=800,
    ...                        chat_price=1.5, lead_cost_per_chat=0.2)
    >>> {option: float(cost) for option, cost in desk.items()}
    {'outsourced_seats': 14200.0, 'shared_seats': 5200.0, 'paid_per_chat': 1700.0}
    """
    chats = np.asarray(chats, dtype=float)
    mean = chats.mean(axis=-1)
    lead = mean * np.asarray(lead_cost_per_chat, dtype=float)
    per_month = [np.asarray(v, dtype=float)[..., None] for v in (seat_hours, seat_cost, shared_chats, shared_cost)]
    return {
        "outsourced_seats": loaded_cost.outside_desk(np.asarray(staffed_hours), *per_month[:2]).mean(axis=-1) + lead,
        "shared_seats": (whole(chats / per_month[2]) * per_month[3]).mean(axis=-1) + lead,
        "paid_per_chat": mean * np.asarray(chat_price, dtype=float) + lead,
    }


def peak_cost(
    hours: Any,
    orders: Any,
    *,
    pay_per_hour: Any,
    temp_pay_per_hour: Any,
    temp_agency_share: Any,
    temp_productivity: Any,
    overtime_factor: Any,
    overtime_hours_most: Any,
    hours_per_head: Any,
    head_cost_per_month: Any,
    hire_cost: Any,
    months_kept: Any,
    late_cost_per_order: Any,
) -> dict[str, Floats]:
    """Temps, overtime, hires or nobody: what does the extra work of one event cost?

    hours : work above an ordinary day over the whole event; orders : the orders behind it, late if nobody does it
    overtime_hours_most : what all heads together may add; months_kept : for how long a hire is paid at least

    Formula: temps = hours / productivity x pay x (1 + agency); overtime = min(hours, most) x factor x pay, the rest by
    temps; hires = ceil(hours / hours per head) x (hire cost + months kept x cost of a head); leave it late = orders x
    cost of a late one.

    >>> peak_cost(260, 3000, pay_per_hour=40, temp_pay_per_hour=20, temp_agency_share=0.1, temp_productivity=0.5,
    ...           overtime_factor=2, overtime_hours_most=130, hours_per_head=130, head_cost_per_month=7000,
    ...           hire_cost=900, months_kept=3, late_cost_per_order=8)["temps"]
    11440.0
    """
    temp_hour = temp_pay_per_hour * (1 + temp_agency_share) / temp_productivity
    added = np.minimum(hours, overtime_hours_most)
    return {
        "leave_it_late": orders * late_cost_per_order,
        "temps": hours * temp_hour,
        "overtime": added * overtime_factor * pay_per_hour + (hours - added) * temp_hour,
        "hires": whole(hours / hours_per_head) * (hire_cost + months_kept * head_cost_per_month),
    }


def pairs(n: npt.ArrayLike) -> Floats:
    """How many pairs must be kept in step: n(n - 1)/2 [1]_? An index of friction, not a measured cost.

    >>> pairs([1, 5, 10, 50]).tolist()
    [0.0, 10.0, 45.0, 1225.0]
    """
    people = np.asarray(n, dtype=float)
    return np.maximum(people * (people - 1) / 2, 0.0)


class Standardiser(NamedTuple):
    """What the first head of HR, finance or technology does: hours a month of its duties, fixed and for each head on
    board; hours a month that each pair of people costs, and the share of them that a standard saves; what an hour is
    worth; and the most hours that one head works.
    """

    hours_fixed: Any
    hours_per_head_on_board: Any
    friction_hours_per_pair: Any
    removed_share: Any
    value_per_hour: Any
    hours_most: Any = inf

    def value(self, n: npt.ArrayLike) -> Floats:
        """What is the head worth a month, at n heads on board?

        Formula: value per hour x min(fixed hours + hours per head x n + removed share x hours per pair x n(n - 1)/2,
        hours_most).

        >>> Standardiser(5, 1, 0.1, 0.2, 100).value(10).item()
        1590.0
        """
        heads = np.asarray(n, dtype=float)
        friction = self.removed_share * self.friction_hours_per_pair * pairs(heads)
        hours = self.hours_fixed + self.hours_per_head_on_board * heads + friction
        return np.asarray(self.value_per_hour * np.minimum(hours, self.hours_most))

    def break_even(self, cost_per_month: npt.ArrayLike) -> Floats:
        """From how many heads on board, at least 1, is the head worth its cost? The root of `value` = cost, infinite if
        none.

        >>> Standardiser(5, 1, 0.1, 0.2, 100).break_even(1590).round(9).item()
        10.0
        """
        cost = np.asarray(cost_per_month, dtype=float)
        square = self.removed_share * self.friction_hours_per_pair / 2
        linear = self.hours_per_head_on_board - square
        missing = cost / self.value_per_hour - self.hours_fixed
        square, linear, missing = np.broadcast_arrays(square, linear, missing)
        # The stable form of the root: no difference of near-equal numbers where the square term is small.
        below = linear + np.sqrt(np.maximum(linear**2 + 4 * square * missing, 0.0))
        heads = np.full(below.shape, inf)
        np.divide(2 * missing, below, out=heads, where=below > 0)
        affordable = cost <= self.value_per_hour * self.hours_most
        return np.where(affordable, np.where(missing <= 0, 1.0, np.maximum(heads, 1.0)), inf)


def answer(net_low: float, net_typical: float, net_high: float) -> str:
    """What the net benefit of a post says, at its low, typical and high end: `hire` where it pays at the low end too,
    `part_time` at the typical figures, `measure_first` at the high end only, else `not_yet`.

    >>> answer(-5, 3, 20), answer(-9, -5, -1)
    ('part_time', 'not_yet')
    """
    if net_low > 0:
        return "hire"
    if net_typical > 0:
        return "part_time"
    return "measure_first" if net_high > 0 else "not_yet"


Reckon = Callable[[Inputs, Mapping[str, Any]], Mapping[str, Floats]]
"""(inputs, values) -> option -> its cost in each draw, (draws,)."""

LEAST_ORDERS, MOST_ORDERS, POINTS = 10, 10_000, 24
MOST_KEYS = 4
"""So many assumptions, those that move the gap most, are followed over all orders a day."""
ROUNDS, PARTS = 3, 8
"""The value at which an answer flips is found in rounds, each in a part of the one before: to a five-hundredth of the
range of its assumption."""


@dataclass(frozen=True, eq=False)
class Decision:
    """Options weighed, in the currency of the plan, `per` month or event. `now`: option, cost, more_than_best,
    more_than_present, at the shop's own orders; `best`: the cheapest of them; `present`: what the plan does.

    `curves`: option, orders_per_day, cost. `break_evens`: below (cheaper before), above (stays cheaper from there),
    orders_per_day, low, high (over the assumptions that move it most, each alone), decides (no third option is cheaper
    there). `flips`: key, en, zh, low, typical, high, unit, best_at_low, best_at_high, flips_at (the value at which the
    answer changes; NaN where it does not), swing (of the gap between two options), source, as_of, kind; those that flip
    first.
    """

    name: str
    currency: str
    per: str
    orders_per_day: float
    best: str
    present: str
    now: pd.DataFrame
    curves: pd.DataFrame
    break_evens: pd.DataFrame
    flips: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def options(self) -> list[str]:
        """The options, in the order in which they were given."""
        return self.now["option"].tolist()

    @property
    def flipping(self) -> int:
        """How many of the assumptions, each alone within its range, change the answer."""
        return int(self.flips["flips_at"].notna().sum())


def weigh(
    name: str,
    plan: Plan,
    reckon: Reckon,
    among: Collection[str],
    *,
    present: str,
    per: str = "month",
    notes: tuple[Note, ...] = (),
) -> Decision:
    """Weigh the options of a decision for a plan's shop, of which it does one at `present`.

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
    names, costs = ask(plan.assumptions.with_draws(at_ends))
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
    costs = ask(at_all, np.tile(volumes, around.shape[1]))[1].reshape(len(names), -1, len(volumes))
    moving = table.iloc[rows[order]]
    cost, now_does = now[:, 0], names.index(present)
    compared = {"option": names, "cost": cost, "more_than_best": cost - cost[best]}
    flipping = moving[["key", "en", "zh", "low", "typical", "high", "unit"]].assign(
        best_at_low=[names[i] for i in best_low[order]],
        best_at_high=[names[i] for i in best_high[order]],
        flips_at=flips_at[order],
        swing=swing[order],
        **{name: moving[name] for name in ("source", "as_of", "kind")},
    )
    by_orders = {"option": np.repeat(names, len(volumes)), "orders_per_day": np.tile(volumes, len(names))}
    return Decision(
        name=name,
        currency=plan.scenario.currency,
        per=per,
        orders_per_day=own,
        best=names[best],
        present=present,
        now=pd.DataFrame(compared | {"more_than_present": cost - cost[now_does]}),
        curves=pd.DataFrame(by_orders | {"cost": costs[:, 0].ravel()}),
        break_evens=_break_evens(names, volumes, costs),
        flips=flipping.reset_index(drop=True),
        notes=notes,
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
    """The value of each row at which the cheapest option changes, nearest to the plan's own; NaN where it does not."""
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
    rows = free_rows(plan)
    return rows[plan.assumptions.numbers["key"].iloc[rows].isin(list(among)).to_numpy()]


class _BearsOn(BaseModel):
    decision: Literal["all", "shop_system", "shipping", "service_desk", "event", "first_hires"]
    key: str


@cache
def read_bearing(path: Path | None = None) -> pd.DataFrame:
    """Which assumptions bear on a decision ("all": on any) besides those of its posts' work? decision, key."""
    path = path or data_dir() / "assumptions" / "bears_on.csv"
    known = load_assumptions(path.parent).numbers["key"]
    return load(path, _BearsOn, key=("decision", "key"), refs={"key": known})


def bearing_keys(inputs: Inputs, posts: Collection[str], decision: str) -> set[str]:
    """The assumptions that a decision rests on: its own, and rates, drivers, pay and cost of some posts' work."""
    assumptions, level = inputs.assumptions, PLACES[inputs.scenario.city]["pay_level"]
    duties = assumptions.duties[assumptions.duties["post"].isin(list(posts))]
    formulas = assumptions.drivers["formula"].to_dict()
    table = read_bearing()
    keys = {*duties["rate"], level, *table.loc[table["decision"].isin(["all", decision]), "key"]}
    to_follow, seen = list(dict.fromkeys(duties["driver"])), set()
    while to_follow:
        # A driver may have the name of the field that it is.
        if (driver := to_follow.pop()) in seen:
            continue
        seen.add(driver)
        formula = formulas.get(driver, "")
        names = names_in(formula) if formula else ()
        keys |= set(names)
        to_follow += [name for name in names if name in formulas]
    worn = inputs.duties.loc[inputs.duties["post"].isin(list(posts)), "worn_by"]
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
    if inputs.own_days is not None:
        return replace(inputs, orders_times=np.reshape(orders_per_day, (-1, 1)) / inputs.orders_per_day)
    if np.ndim(orders_per_day) == 0:
        return with_choices(inputs, orders_per_day=float(orders_per_day))
    # Times its own orders: who wears which hats is found there.
    own = inputs.orders_per_day or 1.0
    shop = inputs.scenario.with_changes(orders_per_day=own)
    return replace(inputs, scenario=shop, orders_times=np.reshape(np.asarray(orders_per_day) / own, (-1, 1)))


def with_choices(inputs: Inputs, **changes: Any) -> Inputs:
    """The same shop with other choices that change its duties or who does them (stage, hats, self_shipping ...)."""
    scenario = inputs.scenario.with_changes(**changes)
    duties = stage_duties(scenario, inputs.assumptions)
    return replace(inputs, scenario=scenario, duties=duties, hats_settled=scenario.hats is not None)


def head_cost_per_month(inputs: Inputs, values: Mapping[str, Any], role: str) -> Floats:
    """What a head of a role costs a month, fully loaded, its share of recruiting included: (draws,), plan's mean."""
    return cost_of_a_head(inputs, values, [role])[0].mean(axis=-1)


def hours_per_head(inputs: Inputs, values: Mapping[str, Any], role: str) -> Floats:
    """Hours a month that a head of a role really works, in the plan's mean month: (draws,)."""
    paid = column(values["hours_per_day"] * values["working_days_per_month"])
    return (paid * (1 - column(values[inputs.assumptions.roles.loc[role, "shrinkage"]])))[:, 0]


def flat(values: Mapping[str, Any], key: str) -> Floats:
    """A value as (draws,) or (1,)."""
    return column(values[key])[:, 0]
