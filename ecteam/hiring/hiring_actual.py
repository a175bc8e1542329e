"""Months that are gone: what was planned against what came, and a new plan from today on."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring.optimise import hiring_plan
from ecteam.hiring.result import HiringPlan
from ecteam.hiring.terms import RoleTerms, Transfer
from ecteam.inputs.checks import InputError, did_you_mean

MEASURES = (
    "heads", "starts", "leavers", "released", "temp_hours", "overtime_hours", "outsourced_hours", "need_hours", "cost",
)  # fmt: skip


def checked_actuals(gone: pd.DataFrame, months: pd.PeriodIndex, roles: Sequence[str]) -> pd.DataFrame:
    """Actual months: month, role, heads, and whatever else of `MEASURES` is known; every mistake at once.

    They must be the plan's first months without a gap, with every role in each of them.

    >>> months = pd.period_range("2027-01", periods=3, freq="M")
    >>> checked_actuals(pd.DataFrame({"month": ["2027-01"], "role": ["packr"], "heads": [2]}), months, ["packer"])
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: months gone, row 1: role is 'packr'; did you mean 'packer'?
    months gone have no row for 'packer' in 2027-01; every role needs its heads, 0 where there are none
    """
    missing = [name for name in ("month", "role", "heads") if name not in gone]
    if missing:
        raise InputError([f"months gone have no column {name!r}{did_you_mean(name, gone.columns)}" for name in missing])
    frame, mistakes = gone.reset_index(drop=True).copy(), []
    try:
        frame["month"] = pd.PeriodIndex(frame["month"].astype(str), freq="M")
    except ValueError as error:
        raise InputError(f"months gone, column month: {error}; it must be months such as 2027-01") from None
    for number, (month, role) in enumerate(zip(frame["month"], frame["role"], strict=True), start=1):
        if month not in months:
            mistakes.append(
                f"months gone, row {number}: month is {month}; the plan runs from {months[0]} to {months[-1]}"
            )
        if role not in roles:
            mistakes.append(f"months gone, row {number}: role is {role!r}{did_you_mean(role, roles)}")
    known = [name for name in MEASURES if name in frame]
    for name in known:
        numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(float)
        for row in np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0))):
            mistakes.append(f"months gone, row {row + 1}: {name} is {frame[name].iloc[row]}; it must be 0 or more")
        frame[name] = numbers
    for month, role in frame.loc[frame.duplicated(["month", "role"]), ["month", "role"]].itertuples(index=False):
        mistakes.append(f"months gone have {role!r} in {month} twice")
    if len(frame):
        last = frame["month"].max()
        there = set(zip(frame["month"], frame["role"], strict=True))
        mistakes += [
            f"months gone have no row for {role!r} in {month}; every role needs its heads, 0 where there are none"
            for month in months[months <= last]
            for role in roles
            if (month, role) not in there
        ]
    if mistakes:
        raise InputError(mistakes)
    place = {role: i for i, role in enumerate(roles)}
    order = np.lexsort([frame["role"].map(place), frame["month"].map(lambda m: m.ordinal)])
    return frame.iloc[order][["month", "role", *known]].reset_index(drop=True)


def plan_against_actual(plan: HiringPlan, gone: pd.DataFrame) -> pd.DataFrame:
    """How did it come, against the plan? month, role, measure, planned, actual, difference (actual - planned).

    `gone`: month, role, heads, and of starts, leavers, released, temp_hours, overtime_hours, outsourced_hours,
    need_hours, cost what is known; only what is known is compared.
    """
    actual = checked_actuals(gone, plan.problem.months, plan.problem.roles)
    paid = plan.cost.groupby(["month", "role"])["amount"].sum()
    planned = plan.table.assign(
        cost=paid.reindex(pd.MultiIndex.from_frame(plan.table[["month", "role"]]), fill_value=0.0).to_numpy(),
        starts=plan.table["starts"] + plan.table["signed"] + plan.table["replacements"],
    )
    names = [name for name in MEASURES if name in actual]
    long = [
        frame.melt(["month", "role"], names, "measure", value)
        for frame, value in ((planned[["month", "role", *names]], "planned"), (actual, "actual"))
    ]
    both = long[1].merge(long[0], on=["month", "role", "measure"], how="left", validate="one_to_one")
    both["difference"] = both["actual"] - both["planned"]
    return both[["month", "role", "measure", "planned", "actual", "difference"]].astype(
        {"planned": float, "actual": float}
    )


def replan(
    months: pd.PeriodIndex,
    need_hours: npt.ArrayLike,
    terms: Sequence[RoleTerms],
    gone: pd.DataFrame,
    transfers: Sequence[Transfer] = (),
    *,
    earlier: HiringPlan | None = None,
    advertise_from: pd.Period | None = None,
    **options: Any,
) -> HiringPlan:
    """What now? A plan of the months that are left, from the people who are really there.

    Parameters
    ----------
    months, need_hours, terms, transfers, options : of the whole plan, as in `hiring_plan`
    gone : the actual first months, as in `plan_against_actual`; its last heads are those the new plan starts with, and
        its starts (if known) still learn
    earlier : the plan made before; whom it has advertised for by now starts as it says
    advertise_from : by default the first month that is left: nobody can be advertised for in the past

    Raises
    ------
    InputError for wrong months gone, where no month is left, and where there is no plan.
    """
    roles = [one.role for one in terms]
    actual = checked_actuals(gone, months, roles)
    past = actual["month"].nunique()
    if past == len(months):
        raise InputError(f"all {past} months of the plan are gone; there is nothing left to plan")
    need = np.asarray(need_hours, dtype=float)[..., past:]
    left = months[past:]
    today = left[0] if advertise_from is None else advertise_from
    heads = actual[actual["month"] == months[past - 1]].set_index("role")["heads"] if past else {}
    starts = actual.pivot_table("starts", "month", "role") if "starts" in actual else None
    now = []
    for one in terms:
        changed: dict[str, Any] = {
            name: value[past:] if np.ndim(value) else value
            for name, value in vars(one).items()
            if name not in ("role", "ramp", "recent_starts", "storage") and value is not None
        }
        if past:
            begun = () if starts is None else tuple(starts[one.role].to_numpy()[::-1])
            changed |= {"heads_at_start": float(heads[one.role]), "recent_starts": (*begun, *one.recent_starts)}
        changed["signed_starts"] = changed["signed_starts"] + (
            0.0 if earlier is None else _advertised(earlier, one.role, left, today)
        )
        now.append(replace(one, **changed))
    return hiring_plan(left, need, now, transfers, advertise_from=today, **options)


def _advertised(earlier: HiringPlan, role: str, left: pd.PeriodIndex, today: pd.Period) -> np.ndarray:
    """Starts (months left,) of an earlier plan whose advertisement is out before today."""
    mine = earlier.table[(earlier.table["role"] == role) & (earlier.table["advertise_by"] < today)]
    return mine.set_index("month")["starts"].reindex(left, fill_value=0).to_numpy(float)
