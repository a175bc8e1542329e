"""What changes from one plan to another: heads, cost, who, and why."""

import numpy as np
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.plan.plan import Plan


def difference(before: Plan, after: Plan) -> pd.DataFrame:
    """Which roles gain or lose heads and cost between two plans, and which duty moves them most?

    Heads of the last month, cash cost and FTE of the mean month: role (empty for the shop as a whole), heads_before,
    heads_after, heads, fte, cost_before, cost_after, cost (after less before), duty (the one of the role whose hours
    move most, empty where none does), driver, hours (of that duty, mean month); the largest change of cost first. The
    costs sum to the difference of the plans. Raises `InputError` for plans in two currencies.

    >>> from ecteam import load_scenario, make_plan
    >>> shop = load_scenario("tea_shop_startup")
    >>> table = difference(make_plan(shop), make_plan(shop.with_changes(orders_per_day=120)))
    >>> table.loc[0, "role"]
    'warehouse_keeper'
    """
    currencies = {before.scenario.currency, after.scenario.currency}
    if len(currencies) > 1:
        raise InputError(f"the plans are in {' and '.join(sorted(currencies))}; a difference needs one currency")
    old, new = _by_role(before), _by_role(after)
    roles = list(dict.fromkeys([*new.index, *old.index]))
    old, new = old.reindex(roles, fill_value=0.0), new.reindex(roles, fill_value=0.0)
    table = pd.DataFrame(
        {
            "role": roles,
            "heads_before": old["heads"].astype(int),
            "heads_after": new["heads"].astype(int),
            "heads": (new["heads"] - old["heads"]).astype(int),
            "fte": new["fte"] - old["fte"],
            "cost_before": old["cost"],
            "cost_after": new["cost"],
            "cost": new["cost"] - old["cost"],
        }
    ).reset_index(drop=True)
    moved = duties_moved(before, after)
    # Hours that move against the work of the role explain nothing.
    way = np.sign(moved["role"].map(table.set_index("role")["fte"]).fillna(0.0))
    explains = (moved["hours"] * way).where(way != 0, moved["hours"].abs())
    largest = moved.loc[explains.groupby(moved["role"], sort=False).idxmax()] if len(moved) else moved
    why = table[["role"]].merge(largest, on="role", how="left", validate="1:1")
    table = table.assign(duty=why["duty"].fillna(""), driver=why["driver"].fillna(""), hours=why["hours"].fillna(0.0),
                         now_by=why["now_by"].fillna(""))  # fmt: skip
    still = (table[["heads", "fte", "cost", "hours"]].abs() < 1e-9).all(axis=1)
    order = np.lexsort((table["role"], -table["cost"].abs()))
    return table.loc[order][~still.loc[order]].reset_index(drop=True)


def duties_moved(before: Plan, after: Plan) -> pd.DataFrame:
    """Duties whose hours change for a role: duty, role, driver, hours (of the role, mean month), now_by (another role
    that does the duty after, if this one does no more)."""

    def hours(plan: Plan) -> pd.DataFrame:
        months = len(plan.months)
        work = plan.workload.groupby(["duty", "role"], sort=False)
        return work.agg(driver=("driver", "first"), hours=("hours", lambda h: h.sum() / months))

    old, new = hours(before), hours(after)
    table = new.combine_first(old)[["driver"]]
    change = new["hours"].reindex(table.index, fill_value=0.0) - old["hours"].reindex(table.index, fill_value=0.0)
    moved = table.assign(hours=change).reset_index()
    does = new[new["hours"] > 0].reset_index().drop_duplicates("duty").set_index("duty")["role"]
    now_by = moved["duty"].map(does).fillna("")
    moved["now_by"] = now_by.where(now_by != moved["role"], "")
    return moved[moved["hours"].abs() > 1e-9].sort_values(["hours", "duty"], ascending=[False, True], ignore_index=True)


def _by_role(plan: Plan) -> pd.DataFrame:
    """Heads of the last month, FTE and cash cost of the mean month, by role; the shop as a whole with an empty role."""
    last = plan.team[plan.team["month"] == plan.months[-1]].set_index("role")["heads"]
    months = len(plan.months)
    cost = plan.cost.groupby("role", sort=False)["amount"].sum() / months
    fte = plan.team.groupby("role", sort=False)["fte"].sum() / months
    return pd.DataFrame({"heads": last, "fte": fte, "cost": cost}).fillna(0.0)
