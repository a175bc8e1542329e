"""What does a hiring plan do to the cash, and when is a temp cheaper than a head?"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring.terms import RoleTerms
from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.checks import InputError

_AMOUNT = Allowed("a finite amount", at_least=-1e300, below=inf)
NO_CASH = "no cash figure given"


@dataclass(frozen=True, eq=False)
class Runway:
    """Cash month by month and the month in which it runs out.

    table : month, cash_out, inflow, net (of the two), cash_at_end (missing without a cash figure)
    runs_out : the first month that ends below 0; None where there is none, or no cash figure
    said : the answer in one sentence
    """

    table: pd.DataFrame
    runs_out: pd.Period | None
    said: str


def runway(cash_out: pd.Series, *, cash: float | None = None, inflow_per_month: npt.ArrayLike | None = None) -> Runway:
    """How long does the cash last?

    Parameters
    ----------
    cash_out : month -> what is paid in it, such as `HiringPlan.cash_out`
    cash : in hand before the first month; None: nothing is said of the runway, and nothing invented
    inflow_per_month : what comes in, one figure or one a month; None: nothing is counted, and that is said

    Formula
    -------
    cash at the end of a month = cash before + inflow - cash out, summed over the months so far.

    Examples
    --------
    >>> paid = pd.Series(40_000.0, index=pd.period_range("2027-01", periods=4, freq="M"))
    >>> runway(paid, cash=100_000, inflow_per_month=5_000).said
    'Cash of 100,000 runs out in 2027-03, with 5,000 coming in each month.'
    >>> runway(paid).said
    'no cash figure given'
    """
    if not len(cash_out):
        raise InputError("cash_out has 0 months; it must have 1 or more")
    paid = checked({"cash_out": _AMOUNT}, cash_out=cash_out.to_numpy(float))["cash_out"]
    given = 0.0 if inflow_per_month is None else inflow_per_month
    inflow = np.ravel(checked({"inflow_per_month": _AMOUNT}, inflow_per_month=given)["inflow_per_month"])
    if inflow.size not in (1, len(paid)):
        raise InputError(
            f"inflow_per_month has {inflow.size} figures; it must be one, or one for each of {len(paid)} months"
        )
    inflow = np.broadcast_to(inflow, paid.shape)
    table = pd.DataFrame({"month": cash_out.index, "cash_out": paid, "inflow": inflow, "net": inflow - paid})
    if cash is None:
        return Runway(table.assign(cash_at_end=np.nan), None, NO_CASH)
    checked({"cash": Allowed("0 or more", at_least=0, below=inf)}, cash=cash)
    left = cash + np.cumsum(inflow - paid)
    table["cash_at_end"] = left
    # A plan that ends with nothing left has not run out.
    empty = np.flatnonzero(left < -1e-9 * max(cash, 1.0))
    coming = (
        "no inflow counted"
        if inflow_per_month is None
        else f"{inflow[0]:,.0f} coming in each month"
        if np.ptp(inflow) == 0
        else f"{inflow.mean():,.0f} coming in a month on average"
    )
    if not empty.size:
        last = table["month"].iloc[-1]
        return Runway(
            table, None, f"Cash of {cash:,.0f} lasts beyond {last}, {left[-1]:,.0f} being left; with {coming}."
        )
    month = table["month"].iloc[int(empty[0])]
    return Runway(table, month, f"Cash of {cash:,.0f} runs out in {month}, with {coming}.")


def _figures(terms: RoleTerms) -> tuple[float, float, float, float]:
    """Hours of a head, cost of a head, price of a temp's hour of work, cost of coming and going.

    Means of the months, but the last month's cost of a hire: the first may hold a founding team's learning.
    """
    if terms.temp_cost_per_hour is None:
        raise InputError(f"{terms.role!r} has no temps; give temp_cost_per_hour to compare them with heads")
    given = (terms.hours_per_head, terms.cost_per_head, terms.temp_cost_per_hour)
    hours, cost, price = (float(np.mean(np.asarray(figures, dtype=float))) for figures in given)
    hire = float(np.ravel(np.asarray(terms.hire_cost, dtype=float))[-1])
    return hours, cost, price / terms.temp_productivity, hire + (terms.release_cost or 0.0)


def temp_or_head(terms: RoleTerms, months: Sequence[int] = range(1, 13)) -> pd.DataFrame:
    """For a need that lasts so many months: from how many hours a month is a head cheaper than temps?

    Parameters
    ----------
    terms : of the role, with temps; figures by month enter with their mean
    months : how long the need lasts

    Returns
    -------
    months, break_even_hours_per_month (infinite where even a fully used head is dearer), break_even_share (of a trained
    head's hours), head_cost (all in, hiring and letting go included), temp_cost_when_full (of the work that a fully
    used head would do in that time).

    Formula
    -------
    A head who is needed w hours a month saves  price/productivity x sum over months of min(w, hours x ramp);  the
    break-even w is where that equals  hire cost + cost a month x months + release cost.

    Examples
    --------
    >>> packer = RoleTerms(role="packer", hours_per_head=140, cost_per_head=6_000, hire_cost=900, ramp=(0.7,),
    ...     temp_cost_per_hour=33, temp_productivity=0.65)
    >>> temp_or_head(packer, [1, 3, 12])[["months", "break_even_hours_per_month", "break_even_share"]].round(2)
       months  break_even_hours_per_month  break_even_share
    0       1                         inf               inf
    1       3                      137.14              0.98
    2      12                      121.63              0.87
    """
    rule = Allowed("whole months, 1 or more", at_least=1, below=inf, whole=True)
    asked = checked({"months": rule}, months=list(months))
    hours, cost, price, fixed = _figures(terms)
    rows = []
    for lasting in asked["months"].astype(int):
        speed = np.ones(lasting)
        known = min(lasting, len(terms.ramp))
        speed[:known] = terms.ramp[:known]
        head = fixed + cost * lasting
        rows.append((int(lasting), _break_even(hours * speed, head / price), head, price * hours * speed.sum()))
    frame = pd.DataFrame(rows, columns=["months", "break_even_hours_per_month", "head_cost", "temp_cost_when_full"])
    share = frame["break_even_hours_per_month"] / hours if hours > 0 else inf
    frame.insert(2, "break_even_share", share)
    return frame


def _break_even(work: Floats, needed: float) -> float:
    """The least w with sum of min(w, work) >= needed, or infinity: a rising line with a bend at each month's work."""
    bends = np.sort(work)
    reached = np.minimum(bends[:, None], work).sum(axis=1)
    if not reached.size or reached[-1] < needed:
        return inf
    return float(np.interp(needed, np.concatenate([[0.0], reached]), np.concatenate([[0.0], bends])))


def months_until_a_head_pays(terms: RoleTerms, hours_per_month: float) -> float:
    """After how many months of a steady need does a head cost less than temps? Infinite where never.

    Formula: the least whole number of months m with  hire cost + cost x m + release cost <= price/productivity x sum of
    min(need, hours x ramp)  over the first m months.

    >>> packer = RoleTerms(role="packer", hours_per_head=140, cost_per_head=6_000, hire_cost=900, ramp=(0.7,),
    ...     temp_cost_per_hour=33, temp_productivity=0.65)
    >>> months_until_a_head_pays(packer, 140), months_until_a_head_pays(packer, 100)
    (3.0, inf)
    """
    rule = Allowed("0 or more hours", at_least=0, below=inf)
    need = float(checked({"hours_per_month": rule}, hours_per_month=hours_per_month)["hours_per_month"])
    hours, cost, price, fixed = _figures(terms)
    ramp = np.asarray(terms.ramp, dtype=float)
    saved = np.concatenate([[0.0], np.cumsum(price * np.minimum(need, hours * ramp) - cost)])
    early = np.flatnonzero(saved[1:] >= fixed)
    if early.size:
        return float(early[0] + 1)
    each = price * min(need, hours) - cost
    if each <= 0:
        return inf
    return float(len(ramp) + max(ceil((fixed - saved[-1]) / each - 1e-9), 1))
