"""A hiring plan as tables: who is on board, whom to advertise for, the cost; the runway; when a temp beats a head."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring.terms import Problem, RoleTerms, separate
from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.checks import InputError

ITEMS = ("staff_cost", "hiring", "severance", "transfers", "temps", "overtime", "outsourced_work", "part_time_work")
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class HiringPlan:
    """A plan and how far it may be from the best one.

    table : one row a month and role: month, role, need_hours, heads (whole posts), staff (people expected on board),
        starts, advertise_by (month, where somebody starts a new post), signed (starts settled before), replacements,
        leavers, released, moved_in, moved_out, temp_hours, overtime_hours, outsourced_hours (paid hours),
        part_time_hours, own_hours (work of staff, overtime aside), spare_hours.
    cost : month, role, item, amount; items that are 0 throughout are left out
    total, bound : the plan's cost, and what no plan costs less than; gap = (total - bound) / total
    """

    problem: Problem
    table: pd.DataFrame
    cost: pd.DataFrame
    total: float
    bound: float

    @property
    def gap(self) -> float:
        """The share of its cost that the plan may be dearer than the best one."""
        return max(self.total - self.bound, 0.0) / self.total if self.total > 0 else 0.0

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """Whom to advertise for: advertise_by, month (of the start), role, new_posts, replacements, as whole people.

        Expected replacements are summed up until they make a person: half a person early or late at most.
        """
        table, lead = self.table, pd.Series(dict(zip(self.problem.roles, _leads(self.problem), strict=True)))
        so_far = table.groupby("role", sort=False)["replacements"].cumsum()
        people = np.floor(so_far + 0.5 - _ROUNDING)
        replaced = people.groupby(table["role"], sort=False).diff().fillna(people).astype(int)
        place = (table["month"].astype("int64") - table["month"].iloc[0].ordinal).to_numpy()
        months = np.array([lead[role][t] for role, t in zip(table["role"], place, strict=True)], dtype=int)
        posts = table["starts"] + table["signed"]
        frame = pd.DataFrame(
            {
                "advertise_by": pd.PeriodIndex.from_ordinals(table["month"].astype("int64") - months, freq="M"),
                "month": table["month"],
                "role": table["role"],
                "new_posts": posts,
                "replacements": replaced,
            }
        )
        begun = frame[(posts > 0) | (replaced > 0)]
        return begun.sort_values(["advertise_by", "month"], kind="stable", ignore_index=True)

    @property
    def cash_out(self) -> pd.Series:
        """What is paid each month."""
        return self.cost.groupby("month")["amount"].sum().reindex(self.problem.months, fill_value=0.0)


def put_together(problem: Problem, parts: list[dict[str, Floats]], bound: float) -> HiringPlan:
    """The parts as tables."""
    shape = (len(problem.roles), len(problem.months))
    names = [name for name in parts[0] if name != "moved"]
    blocks = {name: np.zeros(shape) for name in names}
    moved = np.zeros((len(problem.moves), shape[1]))
    for kept, part in zip(separate(problem), parts, strict=True):
        for name in names:
            blocks[name][kept] = part[name]
        moved[np.isin(problem.moves, kept).all(axis=1)] = part["moved"]
    moved_in, moved_out = np.zeros(shape), np.zeros(shape)
    np.add.at(moved_in, problem.moves[:, 1], moved)
    np.add.at(moved_out, problem.moves[:, 0], moved)
    table = _table(problem, blocks, moved_in, moved_out)
    cost = _cost(problem, blocks, moved)
    return HiringPlan(problem, table, cost, float(cost["amount"].sum()), bound)


def _table(problem: Problem, of: dict[str, Floats], moved_in: Floats, moved_out: Floats) -> pd.DataFrame:
    roles, months = len(problem.roles), problem.months
    staff, terms = of["staff"], problem.of
    before = np.concatenate([terms["heads_at_start"][:, :1], staff[:, :-1]], axis=1)
    overtime_work = terms["overtime_productivity"] * of["overtime"]
    # Months down, roles across: the order of the rows.
    by_month = np.tile(np.arange(roles), len(months)), np.repeat(np.arange(len(months)), roles)
    columns: dict[str, Any] = {
        "need_hours": problem.need,
        "heads": np.ceil(staff - _ROUNDING).astype(int),
        "staff": staff,
        "starts": of["starts"].astype(int),
        "signed": terms["signed_starts"],
        "replacements": of["replacements"],
        "leavers": before * terms["attrition_per_month"],
        "released": of["released"].astype(int),
        "moved_in": moved_in.astype(int),
        "moved_out": moved_out.astype(int),
        "temp_hours": of["booked"],
        "overtime_hours": of["overtime"],
        "outsourced_hours": of["outsourced"],
        "part_time_hours": of["part_time"],
        "own_hours": of["capacity"] - terms["temp_productivity"] * of["booked"],
        "spare_hours": np.maximum(of["capacity"] + overtime_work - of["worked"], 0.0),
    }
    frame = pd.DataFrame({name: values[by_month] for name, values in columns.items()})
    frame.insert(0, "month", months[by_month[1]])
    frame.insert(1, "role", np.array(problem.roles, dtype=object)[by_month[0]])
    before_start = frame["month"].astype("int64") - _leads(problem)[by_month]
    advert = pd.PeriodIndex.from_ordinals(before_start, freq="M")
    frame.insert(6, "advertise_by", pd.Series(advert).where(frame["starts"] > 0))
    return frame


def _leads(problem: Problem) -> npt.NDArray[np.int64]:
    """Months from advertisement to start, (roles, months); a founding team learns before the first month."""
    lead = problem.of["lead_months"].astype(np.int64)
    lead[:, 0] += np.where(problem.trained, (problem.learning > 0).sum(axis=1), 0)
    return lead


def _cost(problem: Problem, of: dict[str, Floats], moved: Floats) -> pd.DataFrame:
    terms, months = problem.of, problem.months
    moving = np.zeros((len(problem.roles), len(months)))
    np.add.at(moving, problem.moves[:, 1], moved * problem.move_cost[:, None])
    amounts = {
        "staff_cost": of["staff"] * terms["cost_per_head"],
        "hiring": (of["starts"] + of["replacements"]) * terms["hire_cost"],
        "severance": of["released"] * terms["release_cost"],
        "transfers": moving,
        "temps": of["booked"] * terms["temp_cost_per_hour"],
        "overtime": of["overtime"] * terms["overtime_cost_per_hour"],
        "outsourced_work": of["outsourced"] * terms["outsourced_cost_per_hour"],
        "part_time_work": of["part_time"] * terms["part_time_cost_per_hour"],
    }
    long = pd.DataFrame(
        {
            "month": np.tile(months.repeat(len(problem.roles)), len(ITEMS)),
            "role": np.tile(np.array(problem.roles, dtype=object), len(ITEMS) * len(months)),
            "item": np.repeat(np.array(ITEMS, dtype=object), moving.size),
            "amount": np.concatenate([amounts[item].T.ravel() for item in ITEMS]),
        }
    )
    long["month"] = pd.PeriodIndex(long["month"], freq="M")
    used = long.groupby("item", sort=False)["amount"].transform(lambda a: a.ne(0).any())
    return long[used].reset_index(drop=True)


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
    coming = "no inflow counted"
    if inflow_per_month is not None:
        each = "each month" if np.ptp(inflow) == 0 else "a month on average"
        coming = f"{inflow.mean():,.0f} coming in {each}"
    if not empty.size:
        lasts = f"lasts beyond {table['month'].iloc[-1]}, {left[-1]:,.0f} being left"
        return Runway(table, None, f"Cash of {cash:,.0f} {lasts}; with {coming}.")
    month = table["month"].iloc[int(empty[0])]
    return Runway(table, month, f"Cash of {cash:,.0f} runs out in {month}, with {coming}.")


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
    if terms.temp_cost_per_hour is None:
        raise InputError(f"{terms.role!r} has no temps; give temp_cost_per_hour to compare them with heads")
    given = (terms.hours_per_head, terms.cost_per_head, terms.temp_cost_per_hour)
    hours, cost, temp = (float(np.mean(np.asarray(figures, dtype=float))) for figures in given)
    price = temp / terms.temp_productivity
    # The first month's cost of a hire may hold a founding team's learning: the last month's stands for all.
    fixed = float(np.ravel(np.asarray(terms.hire_cost, dtype=float))[-1]) + (terms.release_cost or 0.0)
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
