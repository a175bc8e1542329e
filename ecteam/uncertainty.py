"""How sure is a plan? The recipe under other values of its assumptions."""

from dataclasses import replace

import numpy as np
import pandas as pd

from ecteam.inputs import values_of
from ecteam.model import cost
from ecteam.plan import Plan
from ecteam.recipe import Solved, solve


def influence(plan: Plan) -> pd.DataFrame:
    """Which assumptions move the cost of this plan most, each alone from its low to its high figure?

    Every other row stays at the plan's value; heads and seats are solved again for each. Rows that the user has set
    and rows that do not matter here are left out. Columns: key, en, zh, low, typical, high, unit, cost_low, cost_high
    (cash cost of the whole plan in its currency, with the row at low and at high), swing (their distance), source,
    as_of, kind; the largest swing first.

    >>> from ecteam import load_scenario, make_plan
    >>> rows = influence(make_plan(load_scenario("tea_shop_startup")))
    >>> bool(rows["swing"].is_monotonic_decreasing)
    True
    """
    table = plan.assumptions.numbers
    holds = table["region"].isin(["all", plan.scenario.region]).to_numpy()
    spans = (table["high"] > table["low"]).to_numpy()
    rows = np.flatnonzero(holds & spans & ~table["key"].isin(list(plan.assumptions.changed)).to_numpy())
    draws = np.repeat(plan.assumptions.draws[:, :1], 2 * len(rows), axis=1)
    draws[rows, np.arange(len(rows))] = table["low"].to_numpy()[rows]
    draws[rows, len(rows) + np.arange(len(rows))] = table["high"].to_numpy()[rows]
    inputs = replace(plan.inputs, assumptions=replace(plan.assumptions, draws=draws))
    total = cash_cost(solve(inputs, values_of(inputs)))
    low, high = total[: len(rows)], total[len(rows) :]
    found = table.iloc[rows][["key", "en", "zh", "low", "typical", "high", "unit"]].assign(
        cost_low=low, cost_high=high, swing=np.abs(high - low)
    )
    found = pd.concat([found, table.iloc[rows][["source", "as_of", "kind"]]], axis=1)
    return found[found["swing"] > 0].sort_values(["swing", "key"], ascending=[False, True], ignore_index=True)


def cash_cost(solved: Solved) -> np.ndarray:
    """What the whole plan costs in each draw, without the value of the owner's time: (draws,)."""
    draws = solved.heads.shape[1]
    total = np.zeros(draws)
    for item, amounts in solved.items.items():
        if item not in cost.CASH_FREE_ITEMS:
            total += amounts.reshape(-1, draws, amounts.shape[-1]).sum(axis=(0, 2))
    return total
