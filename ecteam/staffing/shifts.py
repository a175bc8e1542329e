"""Which shifts cover the people that every hour needs? (`heads_for_week`: how many heads fill those of a week)

Time is the 24 hours of a day from midnight; a shift that passes midnight works in the first hours of the same day
type. Requirements, (..., 24), are people at work; days off, leave and illness come in last.

A break of a half or a quarter of an hour leaves that share of the hour uncovered, and people with a break in the same
hour take turns: if the shares add up to the whole number that is required, it is there in every minute of the hour.

References
----------
.. [1] G. B. Dantzig, "A comment on Edie's 'Traffic delays at toll booths'", Operations Research 2 (1954): set covering.
.. [2] A. F. Veinott, H. M. Wagner, "Optimal capacity scheduling", Operations Research 10 (1962): consecutive ones.
.. [3] V. Chvatal, "Edmonds polytopes and a hierarchy of combinatorial problems", Discrete Mathematics 4 (1973): what
   whole numbers add to a sum of limits.
.. [4] R. Tibrewala, D. Philippe, J. Browne, "Optimal scheduling of two consecutive idle periods", Management Science 19
   (1972): five days on, two off.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from ecteam.inputs.arguments import ROUNDING, Floats, Ints
from ecteam.inputs.calendar_units import DAYS_PER_WEEK, HOURS_PER_DAY
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import REGIONS, Named, Sourced, load

_HOURS = ("length_hours", "break_starts_after_hours", "break_hours", "paid_hours", "earliest_start", "latest_start",
          "start_step_hours")  # fmt: skip
_QUARTERS = 4
_ROWS_AT_ONCE = 2**10
_PAID_HOURS_COUNT = 1e-3


class _PatternRow(Sourced, Named):
    region: Literal[("all", *REGIONS)]  # type: ignore[valid-type]
    pattern: str = Field(min_length=1)
    length_hours: int = Field(ge=1, le=HOURS_PER_DAY)
    break_starts_after_hours: int = Field(ge=0, lt=HOURS_PER_DAY)
    break_hours: float = Field(ge=0, lt=HOURS_PER_DAY)
    paid_hours: float = Field(gt=0, le=HOURS_PER_DAY)
    earliest_start: int = Field(ge=0, lt=HOURS_PER_DAY)
    latest_start: int = Field(ge=0, lt=HOURS_PER_DAY)
    start_step_hours: int = Field(ge=1, le=HOURS_PER_DAY)


@dataclass(frozen=True, eq=False)
class Cover:
    """Whole shifts that cover a requirement, with its leading axes: `on_shift`, people in each hour, (..., 24);
    `shifts`, people on each, (..., shifts), in the order of `catalogue` (pattern, start_hour, end_hour, above 24 past
    midnight, paid_hours); `paid_hours` and `people` of a day, (...).
    """

    shifts: Ints
    on_shift: Floats
    paid_hours: Floats
    people: Ints
    catalogue: pd.DataFrame


class ShippingShifts(NamedTuple):
    """`paid_hours` of each weekday, (weeks, 7); `people_hours`, of people enough for every day, (weeks,); `on_shift`,
    people at work in each hour, (weeks, 168).
    """

    paid_hours: Floats
    people_hours: Floats
    on_shift: Floats


def _pattern_mistakes(table: pd.DataFrame) -> Iterator[str]:
    length, after, pause, paid, earliest, latest, step = (table[name] for name in _HOURS)
    work = length - pause
    for column, good, allowed in (
        ("break_hours", pause.isin([0.25, 0.5]) | (pause % 1 == 0), "0, 0.25, 0.5 or whole hours"),
        (
            "break_hours",
            ((after >= 1) & (after < work)).where(pause > 0, after == 0),
            "a time with work before and after it, or 0 with break_starts_after_hours 0",
        ),
        ("paid_hours", paid * _QUARTERS % 1 == 0, "quarters of an hour, such as 7.5 or 7.75"),
        ("paid_hours", paid.between(work, length), "the hours of work, with or without the break"),
        ("latest_start", latest >= earliest, "earliest_start or later; give starts after midnight their own row"),
        ("start_step_hours", (latest - earliest) % step == 0, "whole steps from earliest_start to latest_start"),
    ):
        for row in table[~good].to_dict("records"):
            yield f"{row['file']} row {row['row']}, column {column}: {row[column]:g} must be {allowed}"
    for at, row in table.iterrows():
        others = table.loc[: int(str(at)) - 1]
        clash = others[others["pattern"] == row["pattern"]]
        if (clash["region"].isin(["all", row["region"]]) | (row["region"] == "all")).any():
            yield (
                f"{row['file']} row {row['row']}, column pattern: {row['pattern']!r} is there twice "
                f"for region {row['region']!r}; a row for all regions leaves no other"
            )


def patterns_file() -> Path:
    """The table of shifts that holds unless another is named."""
    return data_dir() / "assumptions" / "shifts.csv"


@cache
def read_patterns(path: Path | None = None, region: str | None = None) -> pd.DataFrame:
    """Which shifts may people work? Those that hold in `region` (all if None), by default of
    `data/assumptions/shifts.csv`.

    pattern, region, length_hours, break_starts_after_hours, break_hours, paid_hours, the hours of the day
    earliest_start and latest_start, start_step_hours; en, zh, source, as_of, kind, file, row.

    >>> read_patterns(region="uk")[["pattern", "paid_hours", "length_hours", "earliest_start", "latest_start"]]
        pattern  paid_hours  length_hours  earliest_start  latest_start
    0  full_day         7.5             8               6            16
    1  half_day         4.0             4               6            20
    2     night         7.5             8              22            23
    """
    table = load(path or patterns_file(), _PatternRow, check=_pattern_mistakes)
    return table if region is None else table[table["region"].isin(["all", region])].reset_index(drop=True)


def shift_cover(required: npt.ArrayLike, patterns: pd.DataFrame) -> Cover:
    """Which whole shifts put the required people, (..., 24), to work at the fewest paid hours, then fewest people?

    Formula: min sum_j c_j x_j  so that  sum_j a_jh x_j >= required_h in every hour h,  x_j whole [1]_; a_jh is the
    share of hour h that shift j is at work. Each different day is an integer programme, solved to a gap of 0. Raises
    `InputError` for an hour that no shift reaches.

    >>> required = np.zeros(24, int); required[9:22] = 2; required[18:22] = 3
    >>> cover = shift_cover(required, read_patterns(region="uk"))
    >>> float(cover.paid_hours), int(cover.people)
    (34.5, 6)
    """
    # Half a second of import, for those who solve.
    from scipy.optimize import LinearConstraint, milp

    need = np.asarray(required, dtype=np.int64)
    catalogue, work = _every_shift(patterns)
    cost, _ = _cost_units(catalogue)
    days, back = np.unique(need.reshape(-1, HOURS_PER_DAY), axis=0, return_inverse=True)
    _refuse_unreached(days, work)

    shifts = np.zeros((len(days), len(catalogue)), dtype=np.int64)
    for at in np.flatnonzero(days.any(axis=1)):
        hours = np.flatnonzero(days[at])
        useful = _undominated(work[:, hours], cost)
        # One unit of cost outweighs all people, so that people decide only among the cheapest covers.
        price = cost[useful] * (days[at].sum() + 1) + 1
        enough = LinearConstraint(work[np.ix_(useful, hours)].T, days[at, hours], np.inf)
        found = milp(
            price, constraints=enough, integrality=np.ones(len(useful), dtype=np.int64), options={"mip_rel_gap": 0}
        )
        shifts[at, useful] = np.rint(_solution(found))
    on_shift = shifts @ work
    if (on_shift < days).any():
        raise RuntimeError("HiGHS gave shifts that do not cover the requirement; please report this requirement")
    shape = need.shape[:-1]
    paid_hours = shifts @ catalogue["paid_hours"].to_numpy(float)
    return Cover(
        shifts=shifts[back].reshape(*shape, len(catalogue)),
        on_shift=on_shift[back].reshape(*shape, HOURS_PER_DAY),
        paid_hours=paid_hours[back].reshape(shape)[()],
        people=shifts.sum(axis=1)[back].reshape(shape)[()],
        catalogue=catalogue,
    )


def shift_hours_bound(required: npt.ArrayLike, patterns: pd.DataFrame) -> Floats:
    """How many paid hours do the shifts of a day take at least, (...)? Without a solver, never more than `shift_cover`.

    Formula: max over g of  price_g S_g(required),  price_g = min_j cost_j / S_g(work of shift j),  rounded up to what
    whole shifts can cost. S_g(v) is the greatest sum of values at least g hours apart: B_t = max(B_(t-1), v_t +
    B_(t-g)). No shift reaches more of such hours than S_g of its own: price_g for each of them is feasible in the dual
    of the linear programme. Exact for one pattern without a break that may start at every hour, where none works past
    midnight into hours with a need [2]_; else a bound, usually within a few percent.

    Days with a need past midnight are asked besides:  cost_n N + (the bound of the hours that no shift past midnight
    reaches),  N = max over sets S of the hours that only such shifts reach of ceil(sum_S required / the most hours of S
    that one shift works), cost_n the least cost of one: N shifts are whole [3]_.

    >>> required = np.zeros(24, int); required[9:22] = 2; required[18:22] = 3
    >>> shift_hours_bound(np.stack([required, 10 * required]), read_patterns(region="uk"))
    array([ 34. , 337.5])
    """
    need = np.asarray(required, dtype=np.int64)
    days = need.reshape(-1, HOURS_PER_DAY)
    catalogue, work = _every_shift(patterns)
    cost, unit = _cost_units(catalogue)
    _refuse_unreached(days, work)
    start, end = (catalogue[name].to_numpy() for name in ("start_hour", "end_hour"))
    from_start = np.take_along_axis(work, (start[:, None] + np.arange(HOURS_PER_DAY)) % HOURS_PER_DAY, axis=1)
    # Hours on both sides of midnight are near each other where one shift may reach both: any hour may be the first.
    past_midnight = np.arange(HOURS_PER_DAY) < end.max() - HOURS_PER_DAY
    is_round = (days[:, past_midnight] > 0).any(axis=1)
    turns = (np.arange(HOURS_PER_DAY) + np.arange(HOURS_PER_DAY)[:, None]) % HOURS_PER_DAY
    bound = np.zeros(len(days))
    for gap in range(1, (end - start).max() + 1):
        price = (cost / _spaced_sum(from_start, gap, HOURS_PER_DAY)).min()
        bound[~is_round] = np.maximum(bound[~is_round], price * _spaced_sum(days[~is_round], gap, HOURS_PER_DAY))
        for part in np.array_split(np.flatnonzero(is_round), is_round.sum() // _ROWS_AT_ONCE + 1):
            turned = _spaced_sum(days[part][:, turns], gap, HOURS_PER_DAY - gap + 1).max(axis=1)
            bound[part] = np.maximum(bound[part], price * turned)
    by_night = end > HOURS_PER_DAY
    if is_round.any() and not by_night.all():
        rest = np.where(work[by_night].any(axis=0), 0, days[is_round])
        by_day = shift_hours_bound(rest, patterns) / unit
        at_night = cost[by_night].min() * _fewest_at_night(days[is_round], work, by_night)
        bound[is_round] = np.maximum(bound[is_round], by_day + at_night)
    return (np.ceil(bound * (1 - ROUNDING)) * unit).reshape(need.shape[:-1])[()]


def shipping_shifts(
    work: npt.ArrayLike, is_open: npt.ArrayLike, due: npt.ArrayLike, patterns: pd.DataFrame, *, days_per_person: float
) -> ShippingShifts:
    """Which shifts of a week that repeats do all work by its deadline, with the fewest people?

    Parameters
    ----------
    work : (weeks, 168), person-hours released in each hour of the week, Monday first
    is_open, due : (168,), as for and from `deadlines.due_hours` with `cyclic=True`
    days_per_person : how many days a week a person works

    Formula: min Z + 0.001 sum_j c_j x_j  so that  P(h) - P(h - 1) <= C(h) and due(h) <= P(h) <= released(h)  in every
    hour h: P, work that is done by the end of it in running totals over a week that repeats; C, what the shifts x do in
    it. Z, paid hours of people enough for the week, Z >= sum_j c_j x_j, and for each day, since nobody works two days
    in one: Z >= days_per_person sum_j of the day c_j x_j. Shifts need not be whole: what is less than a shift is
    part-time. Raises `InputError` for patterns that reach no hour in which work must be done.

    >>> from ecteam.staffing import deadlines
    >>> is_open = np.zeros((7, 24)); is_open[:5, 8:20] = 1
    >>> due = deadlines.due_hours(is_open.ravel(), "24h", cyclic=True)
    >>> work = np.zeros((7, 24)); work[:, 9] = 10
    >>> patterns = read_patterns(region="cn")
    >>> found = shipping_shifts(work.reshape(1, -1), is_open.ravel(), due, patterns, days_per_person=5)
    >>> found.paid_hours[0, :2].round(2), found.paid_hours.sum().round(2), found.people_hours.round(2)
    (array([24., 24.]), np.float64(78.0), array([120.]))
    """
    # Half a second of import, for those who solve.
    from scipy import sparse
    from scipy.optimize import linprog

    orders, opened = np.asarray(work, dtype=float), np.asarray(is_open, dtype=float)
    does, paid = _week_of_shifts(patterns, opened)
    weeks, hours, kinds = *orders.shape, len(does)
    # In parts of the mean hour, so that the solver's tolerance is the same for any size.
    unit = np.where(orders.any(axis=1), orders.mean(axis=1), 1.0)
    released, due_work = (each / unit[:, None] for each in _released_and_due(orders, np.asarray(due)))
    # Columns of a week: its shifts, Z, and the work that is done by the end of each hour.
    enough = np.hstack([np.vstack([paid.sum(axis=0), days_per_person * paid]), -np.ones((DAYS_PER_WEEK + 1, 1))])
    done = np.eye(hours) - np.eye(hours)[np.arange(hours) - 1]
    week = np.block([[enough, np.zeros((len(enough), hours))], [-does.T, np.zeros((hours, 1)), done]])
    most = np.zeros((weeks, week.shape[0]))
    most[:, len(enough)] = -released[:, -1]
    least, limit = np.zeros((weeks, week.shape[1])), np.full((weeks, week.shape[1]), np.inf)
    least[:, kinds + 1 :], limit[:, kinds + 1 :] = due_work, released
    price = np.concatenate([_PAID_HOURS_COUNT * paid.sum(axis=0), [1.0], np.zeros(hours)])
    rows: Any = sparse.block_diag([week] * weeks, format="csr")
    bounds: Any = np.stack([least.ravel(), limit.ravel()], axis=1)
    found: Any = linprog(np.tile(price, weeks), A_ub=rows, b_ub=most.ravel(), bounds=bounds, method="highs-ds")
    if found.status == 2:
        raise InputError("work is due in hours that no shift reaches; let a shift start earlier or later")
    # A bound of 0 is kept to the solver's tolerance only.
    answer = np.maximum(_solution(found).reshape(weeks, -1), 0) * unit[:, None]
    shifts, people = answer[:, :kinds], answer[:, kinds]
    return ShippingShifts(paid_hours=shifts @ paid.T, people_hours=people, on_shift=shifts @ does)


def _released_and_due(work: Floats, due: Ints) -> tuple[Floats, Floats]:
    """Work released, and due, by the end of each hour of a week that repeats, (weeks, hours), counted from this week
    on.
    """
    hour, rounds = np.arange(due.size), np.arange(int(due.max()) // due.size + 1)[:, None, None]
    left = (due - due.size * rounds > hour[:, None]).sum(axis=0)
    return np.cumsum(work, axis=1), work.sum(axis=1, keepdims=True) - work @ left.T


def _week_of_shifts(patterns: pd.DataFrame, is_open: Floats) -> tuple[Floats, Floats]:
    """What a shift of each weekday does in each hour of the week, (shifts, 168), and its paid hours, (7, shifts)."""
    catalogue, work = _every_shift(patterns)
    cost, _ = _cost_units(catalogue)
    start, end, pay = (catalogue[name].to_numpy() for name in ("start_hour", "end_hour", "paid_hours"))
    hour = np.arange(2 * HOURS_PER_DAY)
    at_work = np.where((hour >= start[:, None]) & (hour < end[:, None]), np.tile(work, 2), 0.0)
    does, paid = [], []
    for day in range(DAYS_PER_WEEK):
        in_week = np.zeros((len(work), is_open.size))
        in_week[:, (day * HOURS_PER_DAY + hour) % is_open.size] = at_work
        in_week *= is_open
        kept = _undominated(in_week, cost)
        kept = kept[in_week[kept].any(axis=1)]
        does.append(in_week[kept])
        paid.append(np.where(np.arange(DAYS_PER_WEEK)[:, None] == day, pay[kept], 0.0))
    return np.concatenate(does), np.concatenate(paid, axis=1)


def _fewest_at_night(days: Ints, work: Floats, by_night: npt.NDArray[np.bool_]) -> Floats:
    """The fewest shifts past midnight for the hours that no other reaches: N of `shift_hours_bound`, (days,)."""
    only = np.flatnonzero(work[by_night].any(axis=0) & ~work[~by_night].any(axis=0))
    sets = (np.arange(1, 2**only.size)[:, None] >> np.arange(only.size)) & 1
    reached = (work[by_night][:, only] @ sets.T).max(axis=0)
    return np.asarray(np.ceil(days[:, only] @ sets.T / reached * (1 - ROUNDING)).max(axis=1, initial=0))


def _spaced_sum(values: npt.NDArray[Any], gap: int, until: int) -> npt.NDArray[Any]:
    """The greatest sum of values, (..., hours), at least `gap` apart among the first `until` hours."""
    best = np.zeros((until + 1, *values.shape[:-1]), dtype=values.dtype)
    for hour in range(until):
        np.maximum(best[hour], values[..., hour] + best[max(hour + 1 - gap, 0)], out=best[hour + 1])
    return best[until]


def _every_shift(patterns: pd.DataFrame) -> tuple[pd.DataFrame, Floats]:
    """All allowed shifts: their catalogue, and the share of each hour at work, (shifts, 24)."""
    good = list(patterns.itertuples())
    starts = [np.arange(p.earliest_start, p.latest_start + 1, p.start_step_hours) for p in good]
    row_of = np.repeat(np.arange(len(good)), [len(s) for s in starts])
    start = np.concatenate(starts)
    length = np.array([p.length_hours for p in good])[row_of]
    at_work = np.stack([_at_work(p) for p in good])[row_of]
    work = np.take_along_axis(at_work, (np.arange(HOURS_PER_DAY) - start[:, None]) % HOURS_PER_DAY, axis=1)
    catalogue = pd.DataFrame(
        {
            "pattern": [good[at].pattern for at in row_of],
            "start_hour": start,
            "end_hour": start + length,
            "length_hours": length,
            "paid_hours": np.array([p.paid_hours for p in good])[row_of],
        }
    )
    return catalogue, work


def _at_work(pattern: Any) -> Floats:
    """The share of each hour since the start of the shift that it is at work, (24,)."""
    since = np.arange(HOURS_PER_DAY)
    after, until = pattern.break_starts_after_hours, pattern.break_starts_after_hours + pattern.break_hours
    paused = (since >= after) & (since < until)
    return np.where(since < pattern.length_hours, 1 - paused * min(pattern.break_hours, 1), 0.0)


def _cost_units(catalogue: pd.DataFrame) -> tuple[Ints, float]:
    """Paid hours as whole numbers of their greatest common unit, and that unit."""
    quarters = np.rint(catalogue["paid_hours"].to_numpy(float) * _QUARTERS).astype(np.int64)
    unit = np.gcd.reduce(quarters)
    return quarters // unit, float(unit) / _QUARTERS


def _undominated(work: Floats, cost: Ints) -> Ints:
    """The shifts, (shifts, hours), that no other replaces in every hour for the same cost or less."""
    replaced = (work[None] >= work[:, None]).all(axis=2) & (cost <= cost[:, None])
    earlier = np.tri(len(cost), k=-1, dtype=bool)
    return np.flatnonzero(~(replaced & (~replaced.T | earlier)).any(axis=1))


def _refuse_unreached(days: Ints, work: Floats) -> None:
    unreached = (days > 0) & ~work.any(axis=0)
    if unreached.any():
        raise InputError(
            [
                f"required is {days[:, hour].max()} people at {hour}:00, an hour that no shift reaches; "
                "let a shift of shifts.csv start earlier or later"
                for hour in np.flatnonzero(unreached.any(axis=0))
            ]
        )


def _solution(answer: Any) -> Floats:
    if answer.status != 0:
        raise RuntimeError(f"HiGHS found no solution: {answer.message}")
    return answer.x


def heads_for_week(shifts_per_weekday: npt.ArrayLike, *, days_per_week_per_person: int) -> int:
    """How many people fill the shifts of every weekday, (7,), if each works so many days a week, its days off in a row?

    Formula: min sum_i x_i  so that those who start work on weekday i, x_i whole, are enough on every day [4]_.

    >>> heads_for_week([5, 0, 5, 0, 5, 0, 0], days_per_week_per_person=5)
    5
    """
    from scipy.optimize import LinearConstraint, milp

    weekday, ones = np.arange(DAYS_PER_WEEK), np.ones(DAYS_PER_WEEK, dtype=np.int64)
    works = (weekday[:, None] - weekday) % DAYS_PER_WEEK < days_per_week_per_person
    enough = LinearConstraint(works, np.asarray(shifts_per_weekday), np.inf)
    found = milp(ones, constraints=enough, integrality=ones, options={"mip_rel_gap": 0})
    return round(_solution(found).sum())
