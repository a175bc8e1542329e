"""Rehearse the days of a warehouse: how much is left over, and how many parcels are late, when orders come at random?

`fulfilment` sizes a crew for the orders expected; here as many come as chance brings, in many replications at once.
The crew does the earliest deadline first, as in `fulfilment.backlog`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.checks import InputError
from ecteam.staffing import deadlines
from ecteam.staffing.simulation import ALLOWED, drawn_counts

_ORDERS = {"orders": Allowed("0 or more orders in every hour", at_least=0, below=np.inf)}
# Sums of floats miss whole parcels by a little.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class WarehouseRehearsal:
    """Orders, shape (replications, hours): released in each hour, waiting at its end, late by the hour of release.

    `late_orders` are whole parcels: one that is half packed at its deadline is late.
    """

    orders: Floats
    waiting_orders: Floats
    late_orders: Floats


def rehearse_warehouse(
    orders: ArrayLike,
    is_open: ArrayLike,
    due: ArrayLike,
    *,
    rate_per_hour: ArrayLike,
    people: ArrayLike,
    variation: float = 0.0,
    replications: int | None = 200,
    seed: int | np.random.Generator = 0,
) -> WarehouseRehearsal:
    """What piles up and what is late, hour by hour, if this crew meets these days again and again?

    Parameters
    ----------
    orders : (hours,), orders expected in each hour
    is_open : (hours,), share of each hour worked, 0..1
    due : (hours,), last hour for the orders of each hour, as from `fulfilment.due_hours`
    rate_per_hour : orders per person and hour; a number, or (hours,)
    people : on shift; a number, or (hours,)
    variation : standard deviation over mean of a gamma distributed factor on all orders of a replication
    replications : how often chance is asked. None: nothing is drawn, and `orders` are the counts to rehearse,
        (hours,) or (replications, hours), such as days that have been.
    seed : the same seed, the same answer; and the same orders, whatever the crew

    Raises
    ------
    InputError (a ValueError) with the argument, its value and what is allowed, and as `fulfilment.backlog`.

    Examples
    --------
    Open from 9:00 to 16:00; 120 orders at 10:00 and 60 at 13:00 are due at closing time, and four people do 8 an
    hour. They are enough for the orders expected; in one day of six chance brings more than they can do.

    >>> is_open = np.isin(np.arange(24), range(9, 16))
    >>> orders = np.zeros(24); orders[10], orders[13] = 120, 60
    >>> day = dict(is_open=is_open, due=np.maximum(15, np.arange(24)), rate_per_hour=8, people=4)
    >>> float(rehearse_warehouse(orders, **day, replications=None).late_orders.sum())
    0.0
    >>> late = rehearse_warehouse(orders, **day, replications=1000, seed=1).late_orders.sum(axis=1)
    >>> float((late > 0).mean()), float(late.mean())
    (0.175, 1.39)
    """
    released = checked(_ORDERS, orders=orders)["orders"]
    chance = checked(
        ALLOWED,
        variation=variation,
        replications=1 if replications is None else replications,
        seed=0 if isinstance(seed, np.random.Generator) else seed,
    )
    if released.ndim > 2 or released.ndim == 0 or (released.ndim == 2 and replications is not None):
        allowed = "(hours,), or (replications, hours) with replications=None"
        raise InputError(f"orders has the shape {released.shape}; it must be {allowed}")
    if any(array.ndim for array in chance.values()):
        raise InputError("variation, replications and seed must be one number each")
    if replications is not None:
        rng = np.random.default_rng(seed)
        released = drawn_counts(rng, released, float(variation), int(replications)).astype(np.float64)
    released = np.atleast_2d(released)
    left = deadlines.backlog(released, is_open, due, rate_per_hour=rate_per_hour, people=people)
    late = np.minimum(np.ceil(left.late_orders - _ROUNDING), released)
    return WarehouseRehearsal(orders=released, waiting_orders=left.waiting_orders, late_orders=late)


def backlog_by_hour(rehearsal: WarehouseRehearsal, *, confidence: float = 0.9) -> pd.DataFrame:
    """How much waits at the end of each hour, on an average day and on one of the worse ones?

    Parameters
    ----------
    confidence : the share of replications between `waiting_low` and `waiting_high`, half of the rest on either side

    Returns
    -------
    One row an hour, index `hour`: mean `orders` released, mean `waiting` orders between `waiting_low` and
    `waiting_high`, mean `late` orders of those released, and the `chance_of_late`, the share of replications in
    which one of them is late.

    Raises
    ------
    InputError for a confidence that is not above 0 and below 1.

    >>> week = rehearse_warehouse(
    ...     [[40, 0, 0], [20, 0, 6]], np.ones(3), [2, 2, 2], rate_per_hour=10, people=1, replications=None
    ... )
    >>> backlog_by_hour(week).loc[:, ["orders", "waiting", "late", "chance_of_late"]].rename_axis(None)
       orders  waiting  late  chance_of_late
    0    30.0     20.0   5.0             0.5
    1     0.0     10.0   0.0             0.0
    2     3.0      5.0   0.0             0.0
    """
    given = checked({"confidence": ALLOWED["confidence"]}, confidence=confidence)
    outside = (1 - float(given["confidence"])) / 2
    low, high = np.quantile(rehearsal.waiting_orders, [outside, 1 - outside], axis=0)
    columns = {
        "orders": rehearsal.orders.mean(axis=0),
        "waiting": rehearsal.waiting_orders.mean(axis=0),
        "waiting_low": low,
        "waiting_high": high,
        "late": rehearsal.late_orders.mean(axis=0),
        "chance_of_late": (rehearsal.late_orders > 0).mean(axis=0),
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(rehearsal.orders.shape[1], name="hour"))
