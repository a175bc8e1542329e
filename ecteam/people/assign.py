"""Who does what? Duties and their hours to people with names: hats, one owner for each duty, few people.

A *hat* is a post that a person works in; a *seat* is a place on the chart, filled or vacant. Candidates without whom
the others can do all of it are left out, then it is settled who does what, month by month, with the fewest changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.people.fill import inside, kept, nothing_before, of_open, one_month
from ecteam.people.infeasible import sentences
from ecteam.people.problem import (
    NOBODY,
    AssignmentProblem,
    AtOnce,
    Bools,
    Floats,
    Ints,
    Names,
    independent_parts,
    part,
    read_wish,
)
from ecteam.people.programme import Memory


def needed_seats(case: AssignmentProblem) -> Bools:
    """Which seats are taken on, (seats,): all on board, and of the others those without whom the rest does not fit.

    They are left out one after the other, the dearest first.
    """
    needed, kinds = np.ones(len(case.may), dtype=bool), set()
    for s in np.argsort(-case.cost, kind="stable"):
        kind = b"".join(each[s].tobytes() for each in (case.may, case.capacity))
        if case.on_board[s] or kind in kinds:
            continue
        fewer = needed & (np.arange(len(needed)) != s)
        without = of_open(case, fewer)
        if all(one_month(without, t, search=False)[0] is not None for t in range(case.hours.shape[1])):
            needed = fewer
        else:
            kinds.add(kind)
    return needed


@dataclass(frozen=True, eq=False)
class Year:
    """`hours` (seats, duties, months), `owner` (duties, months), `stands` and `open` (seats, months)."""

    hours: Floats
    owner: Ints
    stands: Ints
    open: Bools


class NoPlan(Exception):
    """No plan for these independent parts, even with all seats: (seats, duties, month) of each."""

    def __init__(self, parts: list[tuple[Ints, Ints, int]]) -> None:
        self.parts = parts


def whole_year(case: AssignmentProblem, memory: Memory) -> Year:
    """Who does what, month by month with the fewest changes from the one before. Raises `NoPlan`."""
    seats, duties = case.may.shape
    months = case.hours.shape[1]
    parts = [(part(case, *both), *both) for both in independent_parts(case)]
    is_open = np.zeros((seats, months), dtype=bool)
    for small, its_seats, _ in parts:
        is_open[its_seats] = small.there & needed_seats(small)[:, None]
    blocked: list[tuple[Ints, Ints, int]] = []
    hours, owner = np.zeros((seats, duties, months)), np.full((duties, months), NOBODY)
    stands = np.full((seats, months), NOBODY)
    for t in range(months):
        on_those_before = kept(of_open(case, is_open[:, t]), t, memory)
        for small, its_seats, its_duties in parts:
            cut = np.ix_(its_seats, its_duties)
            before = Memory(memory.worked[cut], memory.seen[cut], inside(memory.owner[its_duties], its_seats))
            month, _ = one_month(of_open(small, is_open[its_seats, t]), t, before, on_those_before[cut])
            if month is None:
                blocked.append((its_seats, its_duties, t))
                continue
            groups = np.append(np.flatnonzero(case.groups[:, its_duties].any(axis=1)), NOBODY)
            hours[its_seats[:, None], its_duties, t] = month.hours
            owner[its_duties, t] = np.append(its_seats, NOBODY)[month.owner]
            stands[its_seats, t] = groups[month.stands]
        if blocked:
            raise NoPlan(blocked)
        memory = remember(memory, hours[:, :, t], owner[:, t], case, is_open[:, t], t)
    return Year(hours, owner, stands, is_open)


def remember(before: Memory, hours: Floats, owner: Ints, case: AssignmentProblem, is_open: Bools, t: int) -> Memory:
    """Duties without hours leave what was: who did them last has them when they come again."""
    asked = case.hours[:, t] > 0
    seen = np.broadcast_to(is_open[:, None], before.seen.shape)
    return Memory(
        np.where(asked, hours > 0, before.worked),
        np.where(asked, seen, before.seen),
        np.where(asked, owner, before.owner),
    )


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who does what.

    `people`, one row for each month, person and duty with hours: month, person, hired_as, post, role, duty, hours,
    share (of the person's productive hours of the month), accountable. `seats`, one row for each open seat: person,
    hired_as, department, opened (first month), productive_hours and cost_per_month (of the month it opens), vacant.
    `changes`: month, person, duty, change ("begins", "ends", "owns"), among seats and duties that were there before.
    """

    people: pd.DataFrame
    seats: pd.DataFrame
    changes: pd.DataFrame


def assign_people(
    duties: pd.DataFrame,
    hours: npt.ArrayLike,
    seats: pd.DataFrame,
    productive_hours: npt.ArrayLike,
    *,
    months: pd.PeriodIndex,
    may: npt.ArrayLike,
    at_once: Sequence[AtOnce] = (),
    keep_apart: pd.DataFrame | None = None,
    hat_loss_share: float,
    owner_hours: float,
    previous: Assignment | None = None,
) -> Assignment:
    """Who does what, month by month, with the fewest changes?

    Parameters
    ----------
    duties : indexed by duty; post, role, and `words` for sentences (by default the duty)
    hours : (duties, months), what people must give
    seats : one row a seat: person, hired_as, department, cost_per_month, on_board (stays, needed or not; others are
        candidates, taken on where the work does not fit without, the cheapest first); `vacant` if it is not the same
        as not on board
    productive_hours : of a seat in each month, paid hours less shrinkage, (seats, months), (seats, 1) or one number; a
        seat is there from its first month with hours on
    may : (seats, duties), who may do a duty and answer for it
    at_once : groups of duties with the people they need at the same hour
    keep_apart : duty_a, duty_b, and `words` for sentences; nobody works on both in one month
    hat_loss_share : share of a person's productive hours that each post after the first costs
    owner_hours : hours a month that an owner works on the duty at least, or an equal share of it among those who may do
        it where that is less; the same for a person at the same hour
    previous : an earlier answer, whose people keep their duties where they can

    Formula
    -------
    Hours x, hats h, owners o, as in `programme.month_block`. Month after month, the fewest changes from the last month
    in which a duty had hours: pairs of seat and duty that begin or end, and owners who are others. That is proved for
    parts of up to 36 pairs of seat and duty; above, what fits with the people of the month before is kept and the rest
    filled up. Then few hats, then few duties a person: not proved to be the fewest.

    Seats and duties that have nothing to do with each other are solved apart. Hours are conserved to 1e-9.

    Raises
    ------
    InputError for a wish that cannot be met: one sentence for each set of rules that blocks it.

    Examples
    --------
    Two part-time posts fit one person; who pays must not be who orders.

    >>> duties = pd.DataFrame({"post": ["supply", "finance"], "role": ["buyer", "accountant"]}, index=["order", "pay"])
    >>> seats = pd.DataFrame({
    ...     "person": ["Ann", "Bo"], "hired_as": "shop_manager", "department": "operations",
    ...     "cost_per_month": [9000.0, 8000.0], "on_board": False,
    ... })
    >>> ask = dict(months=pd.period_range("2027-01", periods=2, freq="M"), may=True, hat_loss_share=0.1, owner_hours=1)
    >>> hours = [[30, 40], [60, 70]]
    >>> answer = assign_people(duties, hours, seats, 130, **ask)
    >>> answer.people[["month", "person", "duty", "hours", "accountable"]]
         month person   duty  hours  accountable
    0  2027-01     Bo  order   30.0         True
    1  2027-01     Bo    pay   60.0         True
    2  2027-02     Bo  order   40.0         True
    3  2027-02     Bo    pay   70.0         True
    >>> rule = pd.DataFrame({"duty_a": ["order"], "duty_b": ["pay"]})
    >>> assign_people(duties, hours, seats, 130, keep_apart=rule, **ask).seats["person"].tolist()
    ['Ann', 'Bo']
    >>> assign_people(duties, hours, seats[:1], 130, keep_apart=rule, **ask)
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: 'order' and 'pay' must be two people: add a person or drop the rule
    """
    case, names = read_wish(
        duties, hours, seats, productive_hours, months, may, at_once, keep_apart, hat_loss_share, owner_hours
    )
    memory = (
        _memory(previous, duties.index, seats["person"]) if previous is not None else nothing_before(*case.may.shape)
    )
    try:
        year = whole_year(case, memory)
    except NoPlan as stop:
        told: list[str] = []
        for its_seats, its_duties, t in stop.parts:
            told += sentences(part(case, its_seats, its_duties), t, _of_part(names, case, its_duties), str(months[t]))
        if not told:
            raise RuntimeError("the search found no people for a wish that no rule blocks; please report it") from None
        raise InputError(told) from None
    return _assignment(year, case, duties, seats, months, memory)


def _of_part(names: Names, case: AssignmentProblem, duties: Ints) -> Names:
    """The names as the part numbers its duties, groups and pairs."""
    groups = np.flatnonzero(case.groups[:, duties].any(axis=1))
    pairs = np.flatnonzero(np.isin(case.apart, duties).all(axis=1))
    return Names(
        [names.duties[d] for d in duties],
        [names.groups[int(g)] for g in groups],
        [names.pairs[int(i)] for i in pairs],
    )


def _memory(previous: Assignment, duties: pd.Index, people: pd.Series) -> Memory:
    """What the earlier answer leaves: the last month of each duty in it; who and what is gone leaves nothing."""
    memory = nothing_before(len(people), len(duties))
    rows = previous.people[previous.people["duty"].isin(duties)]
    last = rows[rows["month"] == rows.groupby("duty", sort=False)["month"].transform("max")]
    opened = previous.seats.set_index("person")["opened"].reindex(people)
    for duty, month in last.groupby("duty", sort=False)["month"].first().items():
        memory.seen[:, duties.get_loc(duty)] = (opened <= month).to_numpy()
    last = last[last["person"].isin(people)]
    seat, duty = pd.Index(people).get_indexer(last["person"]), duties.get_indexer(last["duty"])
    memory.worked[seat, duty] = True
    owns = last["accountable"].to_numpy(bool)
    memory.owner[duty[owns]] = seat[owns]
    return memory


def _assignment(
    year: Year,
    case: AssignmentProblem,
    duties: pd.DataFrame,
    seats: pd.DataFrame,
    months: pd.PeriodIndex,
    memory: Memory,
) -> Assignment:
    # Order of rows: month, seat, duty.
    t, s, d = np.nonzero(year.hours.transpose(2, 0, 1) > 0)
    given = year.hours.sum(axis=0)
    exact = np.divide(case.hours, given, out=np.zeros_like(given), where=given > 0)
    hours = year.hours[s, d, t] * exact[d, t]
    people = pd.DataFrame(
        {
            "month": months[t],
            "person": seats["person"].to_numpy()[s],
            "hired_as": seats["hired_as"].to_numpy()[s],
            "post": duties["post"].to_numpy()[d],
            "role": duties["role"].to_numpy()[d],
            "duty": duties.index.to_numpy()[d],
            "hours": hours,
            "share": hours / case.capacity[s, t],
            "accountable": year.owner[d, t] == s,
        }
    )
    opened = year.open.any(axis=1)
    first = year.open.argmax(axis=1)[opened]
    rows = seats[opened].reset_index(drop=True)
    vacant = rows["vacant"] if "vacant" in rows else ~rows["on_board"].astype(bool)
    its = rows[["person", "hired_as", "department"]].assign(
        opened=months[first],
        productive_hours=case.capacity[opened, first],
        cost_per_month=case.cost[opened],
        vacant=vacant.astype(bool),
    )
    return Assignment(people, its, _changes(year, case, duties.index, seats["person"].to_numpy(), months, memory))


def _changes(
    year: Year, case: AssignmentProblem, duties: pd.Index, people: npt.NDArray, months: pd.PeriodIndex, memory: Memory
) -> pd.DataFrame:
    """What changes against the last month in which a duty had hours, among those who were there."""
    rows: list[tuple[Any, ...]] = []
    for t in range(len(months)):
        asked, now = case.hours[:, t] > 0, year.hours[:, :, t] > 0
        among = memory.seen & asked
        for change, pairs in (("begins", now & ~memory.worked & among), ("ends", memory.worked & ~now & among)):
            rows += [(t, s, d, change) for s, d in np.argwhere(pairs)]
        handed_over = asked & (memory.owner != NOBODY) & (memory.owner != year.owner[:, t])
        rows += [(t, year.owner[d, t], d, "owns") for d in np.flatnonzero(handed_over)]
        memory = remember(memory, year.hours[:, :, t], year.owner[:, t], case, year.open[:, t], t)
    month, person, duty = (np.array([row[at] for row in rows], dtype=int) for at in range(3))
    kinds = np.array([row[3] for row in rows], dtype=object)
    return pd.DataFrame({"month": months[month], "person": people[person], "duty": duties[duty], "change": kinds})
