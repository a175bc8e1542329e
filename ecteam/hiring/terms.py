"""What a hire takes: the months to fill a post and to learn it, who leaves, and when temps are cheaper than a head."""

from collections.abc import Sequence
from math import ceil, inf

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import ROUNDING, Allowed, Floats, checked
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR, WEEKS_PER_YEAR
from ecteam.inputs.checks import InputError

_WEEKS = Allowed("0 or more weeks", at_least=0, below=inf)


def lead_months(weeks_to_fill: float) -> int:
    """How many whole months before the start must an advertisement be out?

    >>> lead_months(4), lead_months(6), lead_months(9)
    (1, 2, 3)
    """
    checked({"weeks_to_fill": _WEEKS}, weeks_to_fill=weeks_to_fill)
    return ceil(weeks_to_fill * MONTHS_PER_YEAR / WEEKS_PER_YEAR - ROUNDING)


def ramp_by_month(weeks_to_full_speed: float, start_share: float) -> tuple[float, ...]:
    """Which share of a trained head's work does a newcomer do in each month on board?

    Speed rises in a straight line from `start_share` to 1 over the weeks; a month's share is the mean over its weeks.

    >>> [round(share, 3) for share in ramp_by_month(8, 0.35)]
    [0.526, 0.874]
    """
    speed = Allowed("a share of a trained worker, more than 0 and at most 1", at_most=1, above=0)
    checked(
        {"weeks_to_full_speed": _WEEKS, "start_share": speed},
        weeks_to_full_speed=weeks_to_full_speed,
        start_share=start_share,
    )
    month = WEEKS_PER_YEAR / MONTHS_PER_YEAR
    if weeks_to_full_speed == 0:
        return ()
    edges = np.minimum(np.arange(ceil(weeks_to_full_speed / month) + 1) * month, weeks_to_full_speed)
    missing = (1 - start_share) * np.diff(edges - edges**2 / (2 * weeks_to_full_speed))
    return tuple((1 - missing / month).tolist())


def people_replaced(leavers: npt.ArrayLike) -> Floats:
    """In which months must somebody who left be replaced, as whole people, (..., months)? Expected leavers add up.

    >>> people_replaced([0.6, 0.6, 0.6, 0.6]).tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    return np.diff(np.floor(np.cumsum(leavers, axis=-1) + ROUNDING), axis=-1, prepend=0)


def temp_or_head(
    *, temp_cost_per_hour: float, head_cost: float, hire_cost: float, hours_per_head: float, ramp: Sequence[float]
) -> pd.DataFrame:
    """For a need that lasts so many months: from how many hours a month is a head cheaper than temps?

    temp_cost_per_hour : of an hour of trained work, so the price of a paid hour over a temp's speed
    head_cost : of a head a month, all in; hire_cost : once
    hours_per_head : of work a month of a trained head; ramp : share of them in the first months, `ramp_by_month`

    Returns months (1 to 12), break_even_hours_per_month (infinite where even a fully used head is dearer),
    break_even_share (of a trained head's hours), head_cost (all in), work_hours (of a fully used head),
    temp_cost_when_full.

    Formula: A head who is needed w hours a month saves  price x sum over months of min(w, hours x ramp);  the
    break-even w is where that equals  hire cost + cost a month x months.

    >>> found = temp_or_head(temp_cost_per_hour=51, head_cost=6_000, hire_cost=900, hours_per_head=140, ramp=(0.7,))
    >>> found.loc[[0, 2, 11], ["months", "break_even_hours_per_month", "break_even_share"]].round(2)
        months  break_even_hours_per_month  break_even_share
    0        1                         inf               inf
    2        3                      136.29              0.97
    11      12                      121.04              0.86
    """
    months = np.arange(1, MONTHS_PER_YEAR + 1)
    speed = np.r_[ramp, np.ones(MONTHS_PER_YEAR)][:MONTHS_PER_YEAR]
    cost, work = hire_cost + head_cost * months, hours_per_head * speed
    hours = [_break_even(work[:n], all_in / temp_cost_per_hour) for n, all_in in zip(months, cost, strict=True)]
    total = work.cumsum()
    return pd.DataFrame({
        "months": months, "break_even_hours_per_month": hours, "break_even_share": np.array(hours) / hours_per_head,
        "head_cost": cost, "work_hours": total, "temp_cost_when_full": temp_cost_per_hour * total,
    })  # fmt: skip


def _break_even(work: Floats, needed: float) -> float:
    """The least w with sum of min(w, work) >= needed, or infinity: a rising line with a bend at each month's work."""
    bends = np.sort(work)
    reached = np.minimum(bends[:, None], work).sum(axis=1)
    if reached[-1] < needed:
        return inf
    return float(np.interp(needed, np.r_[0.0, reached], np.r_[0.0, bends]))


def runway(
    cash_out: pd.Series, *, cash: float | None = None, inflow_per_month: npt.ArrayLike | None = None
) -> pd.DataFrame:
    """How long does the cash last?

    cash_out : month -> what is paid in it; cash : in hand before the first month, None: nothing is said of the runway
    inflow_per_month : what comes in, one figure or one a month; None: nothing is counted

    Returns month, cash_out, inflow, net (of the two), cash_at_end (missing without a cash figure): cash before + net,
    summed over the months so far.

    >>> paid = pd.Series(40_000.0, index=pd.period_range("2027-01", periods=4, freq="M"))
    >>> runway(paid, cash=100_000, inflow_per_month=5_000)["cash_at_end"].tolist()
    [65000.0, 30000.0, -5000.0, -40000.0]
    """
    given = 0.0 if inflow_per_month is None else inflow_per_month
    rule = Allowed("a finite amount", at_least=-1e300, below=inf)
    inflow = np.ravel(checked({"inflow_per_month": rule}, inflow_per_month=given)["inflow_per_month"])
    if inflow.size not in (1, len(cash_out)):
        raise InputError(
            f"inflow_per_month has {inflow.size} figures; it must be one, or one for each of {len(cash_out)} months"
        )
    table = cash_out.rename("cash_out").rename_axis("month").reset_index()
    table = table.assign(inflow=inflow if inflow.size > 1 else inflow.item())
    table = table.assign(net=table["inflow"] - table["cash_out"], cash_at_end=np.nan)
    if cash is None:
        return table
    checked({"cash": Allowed("0 or more", at_least=0, below=inf)}, cash=cash)
    return table.assign(cash_at_end=cash + table["net"].cumsum())
