"""The shop from 10 to 10,000 orders a day: at which number does a post become a person of its own?

Only the orders change; the stage follows them through its thresholds, with the duties it brings. The work of a post is
looked at as if everybody did one post only, so that a hat splits off where it fills a person: one full-time equivalent,
mean of the plan's months. Work of a post never falls with orders, so that who has appeared stays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecteam.analysis.options import LEAST_ORDERS, MOST_ORDERS, with_choices
from ecteam.analysis.sensitivity import cash_cost
from ecteam.analysis.stages import fte_by_post, read_stages
from ecteam.analysis.uncertainty import Each
from ecteam.inputs.checks import InputError
from ecteam.inputs.tables import STAGES
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import Inputs, values_of
from ecteam.plan.solution import Solution
from ecteam.plan.solve import solve, with_hats

POINTS, POINTS_AT_ONCE = 25, 5
ONE_PERSON = 1.0
"""A post that fills this many full-time equivalents is a person of its own."""


@dataclass(frozen=True, eq=False)
class TimeMachine:
    """`posts`: post, tips_at (orders a day at which it becomes a person of its own; NaN: not in the range), fte_below
    and fte_at (its work one order below and there), stage (of the shop there), worn_by (the role that wears the hat
    until then), at_least (its work at the fewest orders is a person's already: tips_at is the start of the range).

    `stages`: stage, from_orders_per_day. `work`: post, orders_per_day, fte. `team`: orders_per_day, stage, heads
    (last month), cost_per_month: the whole plan with the hats of its size. `falls`: posts whose work falls
    somewhere on the way; empty, or the tipping points would flicker.
    """

    posts: pd.DataFrame
    stages: pd.DataFrame
    work: pd.DataFrame
    team: pd.DataFrame
    falls: tuple[str, ...]


def time_machine(
    plan: Plan,
    lowest: int = LEAST_ORDERS,
    highest: int = MOST_ORDERS,
    *,
    each: Each = map,
) -> TimeMachine:
    """Which posts become a person of their own, at which orders a day, for this shop?

    The stage is that of the orders (`data/stages/thresholds.csv`). A tipping point is a whole number of orders found by
    halving: the plan there has the work of a person, that with one order fewer has not. `each` asks for several points
    at once, as `map` does, maybe on a cluster (`publish.cluster.spread`).

    >>> from ecteam import load_scenario, make_plan
    >>> machine = time_machine(make_plan(load_scenario("tea_shop_startup")), 20, 200)
    >>> float(machine.posts.set_index("post").loc["helmsman", "tips_at"])
    200.0
    """
    if not (1 <= lowest < highest and float(lowest).is_integer() and float(highest).is_integer()):
        raise InputError(f"the range is {lowest} to {highest} orders a day; it must be whole, rising and 1 or more")
    shop = _Shop(plan)
    grid = sorted({int(n) for n in np.geomspace(lowest, highest, POINTS).round()})
    parts = [grid[first : first + POINTS_AT_ONCE] for first in range(0, len(grid), POINTS_AT_ONCE)]
    points = [point for part in each(shop.points, parts) for point in part]
    # What a cluster has found out is known here as well, and goes with what it is asked next.
    shop.known.update(zip(grid, (work for work, _ in points), strict=True))
    posts = list(read_stages().posts["post"])
    table = pd.DataFrame([{post: work.get(post, 0.0) for post in posts} for work, _ in points], index=grid)
    tipping_points = list(each(shop.tip, [(post, tuple(grid)) for post in posts]))
    tips = [float(row["tips_at"]) for row in tipping_points]
    starts = [{"stage": stage, "from_orders_per_day": first} for stage, first in _stage_starts(lowest, highest)]
    return TimeMachine(
        pd.DataFrame(tipping_points).assign(
            stage=[stage_of_orders(int(tip)) if tip == tip else "" for tip in tips],
            worn_by=[_worn_by(shop, post, tip) for post, tip in zip(posts, tips, strict=True)],
        ),
        pd.DataFrame(starts),
        table.rename_axis("orders_per_day")
        .reset_index()
        .melt("orders_per_day", var_name="post", value_name="fte")[["post", "orders_per_day", "fte"]],
        pd.DataFrame(
            [(n, *team) for n, (_, team) in zip(grid, points, strict=True)],
            columns=["orders_per_day", "stage", "heads", "cost_per_month"],
        ),
        tuple(post for post in posts if (np.diff(table[post]) < -1e-9).any()),
    )


@dataclass(frozen=True, eq=False)
class _Shop:
    """The shop at any number of orders a day; `known`: the work of posts at those that were asked for."""

    plan: Plan
    known: dict[int, dict[str, float]] = field(default_factory=dict)

    def orders(self, orders: int, hats: str | None = None) -> Inputs:
        """The shop at so many orders."""
        return with_choices(self.plan.inputs, stage=stage_of_orders(orders), hats=hats, orders_per_day=float(orders))

    def at(self, orders: int, hats: str | None) -> Solution:
        """The shop solved at so many orders."""
        inputs = self.orders(orders, hats)
        return solve(inputs, values_of(inputs))

    def work(self, orders: int) -> dict[str, float]:
        """The full-time equivalents of each post, if everybody did one only."""
        if orders not in self.known:
            self.known[orders] = fte_by_post(self.at(orders, "specialists"))
        return self.known[orders]

    def points(self, grid: Sequence[int]) -> list[tuple[dict[str, float], tuple[str, int, float]]]:
        """At each number of orders the work of posts; and of the usual team its stage, heads and cost a month."""
        points: list[tuple[dict[str, float], tuple[str, int, float]]] = []
        for orders in grid:
            here = self.at(orders, self.plan.scenario.hats)
            cost = float(cash_cost(here.results)[0]) / len(self.plan.months)
            team = here.scenario.stage, int(here.results.heads[:, 0, -1].sum()), cost
            points.append((self.work(orders), team))
        return points

    def tip(self, post_and_grid: tuple[str, Sequence[int]]) -> dict[str, Any]:
        """Where a post tips; the points between which it does are known."""
        post, grid = post_and_grid
        return _tip(post, grid, lambda orders: self.work(orders).get(post, 0.0))


def stage_of_orders(orders_per_day: float) -> str:
    """The stage that orders a day alone speak for.

    >>> [stage_of_orders(n) for n in (50, 500, 5000)]
    ['startup', 'growth', 'maturity']
    """
    limits = read_stages().thresholds
    reached = limits[(limits["measure"] == "orders_per_day") & (limits["typical"] <= orders_per_day)]
    return max(["startup", *reached["stage"]], key=STAGES.index)


def _tip(post: str, grid: Sequence[int], work: Callable[[int], float]) -> dict[str, Any]:
    """The first whole number of orders at which a post's work fills a person, by halving between two points."""
    full = [work(n) >= ONE_PERSON for n in grid]
    if not any(full):
        return {"post": post, "tips_at": np.nan, "fte_below": np.nan, "fte_at": work(grid[-1]), "at_least": False}
    place = full.index(True)
    if place == 0:
        return {"post": post, "tips_at": grid[0], "fte_below": np.nan, "fte_at": work(grid[0]), "at_least": True}
    below, above = grid[place - 1], grid[place]
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if work(middle) >= ONE_PERSON else (middle, above)
    return {"post": post, "tips_at": above, "fte_below": work(below), "fte_at": work(above), "at_least": False}


def _stage_starts(lowest: int, highest: int) -> list[tuple[str, int]]:
    """The stages of the range, each with the first number of orders at which it holds."""
    limits = read_stages().thresholds
    at = limits.loc[limits["measure"] == "orders_per_day", "typical"]
    firsts = [lowest, *sorted(int(np.ceil(n)) for n in at if lowest < n <= highest)]
    in_range = dict.fromkeys(stage_of_orders(n) for n in firsts)
    return [(stage, next(n for n in firsts if stage_of_orders(n) == stage)) for stage in in_range]


def _worn_by(shop: _Shop, post: str, tips_at: float) -> str:
    """The role that wears most duties of a post just below its tipping point, or in the plan where it has none; ""
    where the post has no duty there."""
    below = with_hats(shop.orders(max(int(tips_at) - 1, 1))) if tips_at == tips_at else shop.plan.inputs
    worn = below.duties.loc[below.duties["post"] == post, "worn_by"].mode()
    return str(worn.iloc[0]) if len(worn) else ""
