"""When do we hire whom? Month by month: heads, starts, leavers, temps, overtime, outsourcing, moves, and their cost.

How whole heads and expected leavers go together: a hire that adds a post, a release and a move are whole people. Who
leaves is a chance, so leavers and those hired in their place are expected numbers (0.04 a month is one person in two
years). `staff` is therefore a decimal, the people expected on board; `heads` are the whole posts they sit on, the rest
of the last one being vacant for the moment.

Where there is no plan, the month, the role and the limit that block it are found by the least that must be given up.
Where months are gone, what was planned stands against what came, and a new plan runs from today on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring.programme import Rows, programme, solve, stacked, triples
from ecteam.hiring.result import HiringPlan, put_together
from ecteam.hiring.terms import Problem, RoleTerms, Transfer, problem_of, separate
from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.words import Name, Note, Sentence

_SMALL = 1e-6


@dataclass(frozen=True, eq=False)
class Shortage:
    """The least hours of work and heads that cannot be had, (roles, months), and the staff of that attempt."""

    hours: Floats
    heads: Floats
    staff: Floats


def least_shortage(problem: Problem) -> Shortage:
    """What is missing at the very least: the least help that the programme needs, if every month may have helpers."""
    model = programme(problem)
    columns, shape = len(model.cost), model.places["staff"].shape
    hours_at, heads_at = columns + np.arange(2 * np.prod(shape)).reshape(2, *shape)
    # Helpers do work (rows of the balance) and stand in for own heads (rows of least_heads, here rows, no bounds).
    old = Rows(*triples(model), model.row_low, model.row_high)
    presence = problem.of["least_present"] > problem.of["least_heads"]
    # The balance of work is the last block of rows but none, the one on presence the last of those on people.
    balance = len(model.row_low) - hours_at.size + np.arange(hours_at.size)
    first_presence = len(model.row_low) - 3 * hours_at.size - int(presence.sum())
    helped = Rows(
        np.concatenate([old.row, balance, first_presence + np.arange(presence.sum())]),
        np.concatenate([old.column, hours_at.ravel(), heads_at[presence]]),
        np.concatenate([old.value, np.ones(hours_at.size + int(presence.sum()))]),
        old.low,
        old.high,
    )
    block = np.arange(hours_at.size)
    own = Rows(
        np.concatenate([block, block]),
        np.concatenate([model.places["staff"].ravel(), heads_at.ravel()]),
        np.ones(2 * block.size),
        problem.of["least_heads"].ravel(),
        np.full(block.size, np.inf),
    )
    width = columns + 2 * hours_at.size
    matrix, row_low, row_high = stacked([helped, own], width)
    low = np.concatenate([model.low, np.zeros(2 * hours_at.size)])
    low[model.places["staff"]] = 0.0
    typical = np.maximum(problem.of["hours_per_head"], 1.0)
    cost = np.concatenate([np.zeros(columns), np.ones(hours_at.size), typical.ravel()])
    # Few starts among equals, so that the sentence speaks of a plain attempt.
    tie = np.zeros(width)
    tie[model.places["starts"]] = tie[model.places["replacements"]] = _SMALL
    x, _ = solve(
        replace(
            model, cost=cost, tie=tie, matrix=matrix, row_low=row_low, row_high=row_high, low=low,
            high=np.concatenate([model.high, np.full(2 * hours_at.size, np.inf)]),
            whole=np.concatenate([model.whole, np.zeros(2 * hours_at.size, dtype=bool)]),
            implied=np.zeros(width, dtype=bool),
        ),
        1e-6,
    )  # fmt: skip
    if x is None:
        raise RuntimeError("a plan with unlimited helpers must exist; please report these terms")
    return Shortage(x[hours_at], x[heads_at], x[model.places["staff"]])


def blockers(problem: Problem) -> list[Sentence]:
    """One sentence a role for which there is no plan: the first month in which something is missing, and what helps."""
    short = least_shortage(problem)
    sentences = []
    for r, role in enumerate(problem.roles):
        missing = (short.hours[r] > _SMALL * max(problem.need.max(), 1)) | (short.heads[r] > _SMALL)
        if missing.any():
            t = int(np.flatnonzero(missing)[0])
            sentences.append(_sentence(problem, role, r, t, short))
    return sentences


def _sentence(problem: Problem, name: str, r: int, t: int, short: Shortage) -> Sentence:
    of = {key: values[r, t] for key, values in problem.of.items()}
    heads = float(short.staff[r, t])
    overtime = of["overtime_most_hours_per_head"] if problem.allowed["overtime"][r] else 0.0
    per_head = of["temp_most_hours_per_head"]
    temps = min(of["temp_most_hours"], per_head * heads if np.isfinite(per_head) else np.inf)
    limits = {
        "temps": temps if problem.allowed["temp"][r] else 0.0,
        "outsourcing": np.inf if problem.allowed["outsourced"][r] else 0.0,
    }
    months = {"month": problem.months[t], "role": Name(name)}
    if short.hours[r, t] > _SMALL:
        hours, also = short.hours[r, t], dict(limits)
        if problem.allowed["part_time"][r]:
            also["part_time"] = of["part_time_most_hours"]
        given = [Note("no_hiring.overtime", hours=f"{overtime:,.3g}")] if overtime else [Note("no_hiring.no_overtime")]
        given += [Note(f"no_hiring.{key}", hours=f"{limit:,.0f}") for key, limit in also.items() if limit > 0]
        given += [Note("no_hiring.no_temps")] if not any(limits.values()) else []
        missing = f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}"
        values = {"missing": missing, "heads": f"{heads:,.3g}", "given": given}
        needs, not_bought = Note("no_hiring.hours", **values), list(limits)
    else:
        own = short.staff[r, t] < of["least_heads"] - _SMALL
        # Outsourced hours are nobody who is there, temps are no own people.
        not_bought = [] if own else ["temps"]
        least = max(of["least_heads"], of["least_present"])
        values = {"least": f"{least:,.3g}", "missing": f"{short.heads[r, t]:,.3g}"}
        needs = Note("no_hiring.own" if own else "no_hiring.at_once", **values)
    more = [Note(f"no_hiring.{'more' if limits[key] else 'allow'}_{key}") for key in not_bought]
    return Sentence(Note("no_hiring", needs=needs, advice=_advice(problem, r, t, more), **months))


def _advice(problem: Problem, r: int, t: int, more: list[Note]) -> list[Note]:
    """What would lift the limit that binds: earlier advertising, or buying the hours."""
    lead = int(problem.of["lead_months"][r, 0])
    # Newcomers who do nothing yet must start that much earlier.
    idle = int(np.cumprod(problem.learning[r] == 1).sum())
    early = [Note("no_hiring.advertise", month=problem.months[t] - idle - lead, n=lead)]
    return (early if t < problem.first_start[r] + idle else []) + more or [Note("no_hiring.raise")]


GAP = 1e-4
"""A plan may cost this share more than the best one, unless asked for less."""


def hiring_plan(
    months: pd.PeriodIndex,
    need_hours: npt.ArrayLike,
    terms: Sequence[RoleTerms],
    transfers: Sequence[Transfer] = (),
    *,
    advertise_from: pd.Period | None = None,
    gap: float = GAP,
) -> HiringPlan:
    """When does who start, and what covers the rest of the work, at the least cost?

    Parameters
    ----------
    months : of the plan, one after another
    need_hours : (roles, months) of work
    terms : one a role, in the order of `need_hours`; see `RoleTerms`
    transfers : the moves that are allowed
    advertise_from : the month from which advertisements may run; None: early enough for the first month
    gap : share of the cost to which the best plan is looked for

    Formula
    -------
    min  staff cost + hiring + severance + moves + temps + overtime + outsourcing + part-time
    so that in every month t
        staff_t = (1 - attrition) staff_(t-1) + starts_t + replacements_t - released_t + moved in - moved out    (1)
        replacements so far <= leavers so far                                                                 (2)
        work_t <= hours x (staff_t - learning_t) + productivity x (temps_t + overtime_t)
                  + outsourced_t + part-time_t                                                                  (3)
        overtime_t <= most overtime x staff_t;  staff_t >= least_heads;  starts_t = 0 before the lead time      (4)
        work_t = need_t                                                                                         (5)
    Nothing is counted after the last month: a head hired late looks dear, one kept idle at the end is not let go for
    what comes later. Of equal plans the one with later starts is taken.

    Raises
    ------
    InputError for wrong terms, and where there is no plan: the month, the role and the limit that block it.

    Examples
    --------
    A peak of one month in a year: three people, and temps for what exceeds them.

    >>> terms = RoleTerms(role="packer", hours_per_head=140, cost_per_head=6_000, hire_cost=900, lead_months=1,
    ...     ramp=(0.7,), heads_at_start=2, temp_cost_per_hour=33, temp_productivity=0.65)
    >>> need = [[280, 280, 280, 420, 420, 900]]
    >>> plan = hiring_plan(pd.period_range("2027-06", periods=6, freq="M"), need, [terms])
    >>> plan.table[["month", "heads", "starts", "advertise_by", "temp_hours"]].tail(3)
         month  heads  starts advertise_by  temp_hours
    3  2027-09      3       1      2027-08   64.615385
    4  2027-10      3       0          NaT    0.000000
    5  2027-11      3       0          NaT  738.461538
    """
    checked({"gap": Allowed("a share of the cost, 0 or more and below 1", at_least=0, below=1)}, gap=gap)
    problem = problem_of(months, need_hours, terms, transfers, advertise_from)
    parts, bounds, mistakes = [], [], []
    for kept in separate(problem):
        part = problem.part(kept)
        model = programme(part)
        x, bound = solve(model, gap)
        if x is None:
            mistakes += blockers(part)
        else:
            parts.append({name: x[columns] for name, columns in model.places.items()})
            bounds.append(bound)
    if mistakes:
        raise InputError(mistakes)
    return put_together(problem, parts, float(sum(bounds)))


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
            if name not in ("role", "ramp", "recent_starts") and value is not None
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
