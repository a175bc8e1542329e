"""Which assumption moves the cost of a plan, each alone, and which explains how uncertain it is?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import Floats
from ecteam.pay import loaded_cost
from ecteam.plan.plan import Plan
from ecteam.plan.prepare import values_of
from ecteam.plan.solution import Results
from ecteam.plan.solve import solve

ORDERS = "orders_times"
"""The row of the orders among the assumptions: how many times their forecast they are."""
MEASURES = {
    "minutes_per_unit": "time_some",
    "hours_per_unit": "time_some",
    "days_per_unit": "time_some",
    "units_per_hour": "count_a_day",
    "units_per_day": "count_a_day",
    "units_per_fte": "count_a_desk",
    "units_per_fte_year": "count_a_desk",
}
"""Basis of a rate -> how a shop measures it within a week; labels of the same keys say it in words."""


def influence(plan: Plan) -> pd.DataFrame:
    """Which assumptions move the cost of this plan most, each alone from its low to its high figure?

    Heads and seats are solved again for each; rows that the user has set and that do not matter are left out. key, en,
    zh, low, typical, high, unit, cost_low, cost_high (cash cost of the whole plan), swing (their distance), source,
    as_of, kind; the largest swing first.

    >>> from ecteam import load_scenario, make_plan
    >>> rows = influence(make_plan(load_scenario("tea_shop_startup")))
    >>> bool(rows["swing"].is_monotonic_decreasing)
    True
    """
    table = plan.assumptions.numbers.iloc[free_rows(plan)]
    rows = swings(plan, table, table["low"].to_numpy(), table["high"].to_numpy())
    return rows[rows["swing"] > 0].sort_values(["swing", "key"], ascending=[False, True], ignore_index=True)


def cash_cost(results: Results) -> np.ndarray:
    """What the whole plan costs in each draw, without the value of the owner's time: (draws,)."""
    draws = results.heads.shape[1]
    total = np.zeros(draws)
    for item, amounts in results.items.items():
        if item not in loaded_cost.CASH_FREE_ITEMS:
            total += amounts.reshape(-1, draws, amounts.shape[-1]).sum(axis=(0, 2))
    return total


def free_rows(plan: Plan) -> npt.NDArray[np.intp]:
    """Places of the assumptions that hold in the shop's region, have a range, and are not set by the user."""
    table = plan.assumptions.numbers
    holds = table["region"].isin(["all", plan.scenario.region]).to_numpy()
    spans = (table["high"] > table["low"]).to_numpy()
    return np.flatnonzero(holds & spans & ~table["key"].isin(list(plan.assumptions.changed)).to_numpy())


def drawn_rows(plan: Plan, spread: tuple[float | None, float | None]) -> tuple[pd.DataFrame, npt.NDArray[np.intp]]:
    """The rows that were drawn, the level of the orders last, and the places of the others in the assumptions."""
    rows = free_rows(plan)
    table = plan.assumptions.rows(plan.scenario.region)
    orders = table.loc["orders_level_spread", ["source", "as_of", "kind"]].to_dict()
    if spread[0] is not None and plan.forecast_error is not None:
        source = f"rolling-origin test of the history {plan.inputs.profile.source}"
        orders = {"source": source, "as_of": f"{plan.forecast_error['origin'].max():%Y-%m}", "kind": "computed"}
    orders |= {"key": ORDERS, "en": "Orders, times their forecast", "zh": "订单量（预测的倍数）", "typical": 1.0}
    orders |= {"unit": "times the forecast", "basis": "", "file": ""}
    return pd.concat([plan.assumptions.numbers.iloc[rows], pd.DataFrame([orders])], ignore_index=True), rows


def swings(plan: Plan, rows: pd.DataFrame, low: Floats, high: Floats, *, all_settle: bool = True) -> pd.DataFrame:
    """The plan's cost with each row alone at its low and at its high value, all in one run of the recipe.

    With `all_settle` false the cost is infinite where headcount does not converge, instead of an error.
    """
    numbers, count = plan.assumptions.numbers, len(rows)
    place = pd.Series(np.arange(len(numbers)), index=pd.MultiIndex.from_frame(numbers[["key", "region"]]))
    draws = np.repeat(plan.assumptions.draws[:, :1], 2 * count, axis=1)
    times = np.ones((2 * count, 1))
    for i, (key, region) in enumerate(zip(rows["key"], rows["region"], strict=True)):
        target = times[:, 0] if key == ORDERS else draws[place[key, region]]
        target[[i, count + i]] = low[i], high[i]
    inputs = replace(plan.inputs, assumptions=plan.assumptions.with_draws(draws), orders_times=times)
    results = solve(inputs, values_of(inputs), all_settle=all_settle).results
    total = np.where(results.settled, cash_cost(results), np.inf)
    # Infinite at both ends is as far apart as can be.
    swing = np.full(count, np.inf)
    np.subtract(total[count:], total[:count], out=swing, where=np.isfinite(total[:count]) | np.isfinite(total[count:]))
    frame = rows[["key", "en", "zh"]].assign(low=low, typical=rows["typical"], high=high, unit=rows["unit"])
    frame = frame.assign(cost_low=total[:count], cost_high=total[count:], swing=np.abs(swing))
    return pd.concat([frame, rows[["source", "as_of", "kind"]]], axis=1)


def explained_share(drawn: Floats, outcome: Floats) -> Floats:
    """The share of the outcome's variance that a parabola in each row of `drawn`, (rows, draws), explains, 0 to 1."""
    draws = len(outcome)
    goal = outcome - outcome.mean()
    whole = goal @ goal
    line = drawn - drawn.mean(axis=1, keepdims=True)
    scale = np.sqrt((line**2).sum(axis=1, keepdims=True))
    line = np.divide(line, scale, out=np.zeros_like(line), where=scale > 0)
    bend = line**2 - (line**2).mean(axis=1, keepdims=True)
    bend = bend - (bend * line).sum(axis=1, keepdims=True) * line
    size = np.sqrt((bend**2).sum(axis=1, keepdims=True))
    bend = np.divide(bend, size, out=np.zeros_like(bend), where=size > 0)
    if draws < 4 or not whole > 0:
        return np.zeros(len(drawn))
    fitted = ((line @ goal) ** 2 + (bend @ goal) ** 2) / whole
    return np.clip(1 - (1 - fitted) * (draws - 1) / (draws - 3), 0.0, 1.0)


def measured_by(row: Mapping[str, Any]) -> str:
    """How a shop finds a figure out within a week; empty where it lies in the future."""
    if row["key"] in (ORDERS, "orders_level_spread", "orders_month_spread") or row["file"] == "events.csv":
        return ""
    if row["file"] in ("pay.csv", "costs.csv") and not str(row["key"]).startswith("attrition"):
        return "look_up"
    return MEASURES.get(str(row["basis"]), "count_in_records")
