"""Who does what? Duties and their hours to people with names: hats, one owner for each duty, the fewest people.

A *hat* is a post that a person works in; a *seat* is a place on the chart, filled or vacant. Beside it:
`people_wish` what may be asked, `people_case` the same as arrays, `people_block` and `people_milp` the programme,
`people_fill` filling people up, `people_open` the seats, `people_month` and `people_year` the months, and
`people_words` the words of a refusal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.people.infeasible import Names, sentences
from ecteam.people.people_month import nothing_before
from ecteam.people.people_wish import AtOnce, read_wish
from ecteam.people.people_year import NoPlan, Year, whole_year
from ecteam.people.problem import NOBODY, Case, Ints, part
from ecteam.people.programme import Memory


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who does what, and what it costs.

    `people`, one row for each month, person and duty with hours: month, person, hired_as, post, role, duty, hours,
    share (of the person's productive hours of the month), accountable. `seats`, one row for each open seat: person,
    hired_as, department, opened (first month), productive_hours and cost_per_month (of the month it opens), vacant.
    `changes`: month, person, duty, change ("begins", "ends", "owns"), among seats and duties that were there before.
    `cost` of all seats over all months, its proved lower `bound`, and the `gap`, (cost - bound) / cost.
    """

    people: pd.DataFrame
    seats: pd.DataFrame
    changes: pd.DataFrame
    cost: float
    bound: float
    gap: float


def assign_people(
    duties: pd.DataFrame,
    hours: npt.ArrayLike,
    seats: pd.DataFrame,
    productive_hours: npt.ArrayLike,
    *,
    months: pd.PeriodIndex,
    may: npt.ArrayLike,
    authority: npt.ArrayLike | None = None,
    at_once: Sequence[AtOnce] = (),
    keep_apart: pd.DataFrame | None = None,
    most_hats: int | None = None,
    hat_loss_share: float,
    owner_hours: float,
    roles: Collection[str] | None = None,
    previous: Assignment | None = None,
    gap: float = 0.0,
) -> Assignment:
    """Who does what, month by month, at the least cost and with the fewest changes?

    Parameters
    ----------
    duties : indexed by duty; post, role, and `words` for sentences (by default the duty)
    hours : (duties, months), what people must give
    seats : one row a seat: person, hired_as, department, cost_per_month, on_board (stays and is paid, needed or not);
        `vacant` if it is not the same as not on board
    productive_hours : of a seat in each month, paid hours less shrinkage, (seats, months), (seats, 1) or one number; a
        seat is there from its first month with hours on
    may : (seats, duties), whose skills allow a duty
    authority : (seats, duties), who holds the authority that the owner of a duty needs; by default who may do it
    at_once : groups of duties with the people they need at the same hour
    keep_apart : duty_a, duty_b, and `words` for sentences; nobody works on both in one month
    most_hats : most posts of one person in one month; None is no limit
    hat_loss_share : share of a person's productive hours that each post after the first costs
    owner_hours : hours a month that an owner works on the duty at least, or an equal share of it among those who may do
        it where that is less; the same for a person at the same hour
    roles : all that somebody may be hired as; None does not look
    previous : an earlier answer, whose people keep their duties where they can
    gap : how far the cost may be above its bound, as a share; 0 proves the least cost

    Formula
    -------
    Hours x, hats h, owners o, open seats n, as in `people_milp._block`. First the least  sum_st cost_st n_st,  where
    an open seat stays to the end. Then, month after month, the fewest changes from the last month in which a duty had
    hours: pairs of seat and duty that begin or end, and owners who are others. That is proved for parts of up to 36
    pairs of seat and duty; above, what fits with the people of the month before is kept and the rest filled up. Then
    few hats, then few duties a person: not proved to be the fewest.

    Larger parts with people to choose from may cost more than their `bound`; `gap` says how much.

    Seats and duties that have nothing to do with each other are solved apart. Hours are conserved to 1e-9.

    Raises
    ------
    InputError for wrong input, and for a wish that cannot be met: one sentence for each set of rules that blocks it.

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
    >>> answer.cost, answer.gap
    (16000.0, 0.0)
    >>> answer.people[["month", "person", "duty", "hours", "accountable"]]
         month person   duty  hours  accountable
    0  2027-01     Bo  order   30.0         True
    1  2027-01     Bo    pay   60.0         True
    2  2027-02     Bo  order   40.0         True
    3  2027-02     Bo    pay   70.0         True
    >>> rule = pd.DataFrame({"duty_a": ["order"], "duty_b": ["pay"]})
    >>> assign_people(duties, hours, seats, 130, keep_apart=rule, **ask).cost
    34000.0
    >>> assign_people(duties, hours, seats[:1], 130, keep_apart=rule, **ask)
    Traceback (most recent call last):
    ecteam.inputs.checks.InputError: 'order' and 'pay' must be two people: add a person or drop the rule
    """
    case, names = read_wish(
        duties, hours, seats, productive_hours, months, may, authority, at_once, keep_apart, most_hats,
        hat_loss_share, owner_hours, roles, gap,
    )  # fmt: skip
    memory = (
        _memory(previous, duties.index, seats["person"]) if previous is not None else nothing_before(*case.may.shape)
    )
    try:
        year = whole_year(case, memory, gap)
    except NoPlan as stop:
        told: list[str] = []
        for its_seats, its_duties, t in stop.parts:
            told += sentences(part(case, its_seats, its_duties), t, _of_part(names, case, its_duties), str(months[t]))
        if not told:
            raise RuntimeError("the search found no people for a wish that no rule blocks; please report it") from None
        raise InputError(told) from None
    return _assignment(year, case, duties, seats, months, memory)


def _of_part(names: Names, case: Case, duties: Ints) -> Names:
    """The names as the part numbers its duties, groups and pairs."""
    groups = np.flatnonzero(case.groups[:, duties].any(axis=1))
    pairs = np.flatnonzero(np.isin(case.apart, duties).all(axis=1))
    return Names(
        [names.duties[d] for d in duties],
        names.posts,
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
    year: Year, case: Case, duties: pd.DataFrame, seats: pd.DataFrame, months: pd.PeriodIndex, memory: Memory
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
    rows = seats[opened]
    vacant = rows["vacant"] if "vacant" in rows else ~rows["on_board"].astype(bool)
    its = pd.DataFrame(
        {
            "person": rows["person"].to_numpy(),
            "hired_as": rows["hired_as"].to_numpy(),
            "department": rows["department"].to_numpy(),
            "opened": months[first],
            "productive_hours": case.capacity[np.flatnonzero(opened), first],
            "cost_per_month": case.cost[np.flatnonzero(opened), first],
            "vacant": vacant.to_numpy(bool),
        }
    )
    bound = min(year.bound, year.cost)
    gap = (year.cost - bound) / year.cost if year.cost > 0 else 0.0
    changes = _changes(year, case, duties.index, seats["person"].to_numpy(), months, memory)
    return Assignment(people, its, changes, year.cost, bound, gap)


def _changes(
    year: Year, case: Case, duties: pd.Index, people: npt.NDArray, months: pd.PeriodIndex, memory: Memory
) -> pd.DataFrame:
    """What changes against the last month in which a duty had hours, among those who were there."""
    found = []
    worked, seen, owner = memory.worked, memory.seen, memory.owner
    for t in range(len(months)):
        asked = case.hours[:, t] > 0
        now = year.hours[:, :, t] > 0
        before = worked.copy()
        for change, pairs in (("begins", now & ~before & seen & asked), ("ends", before & ~now & seen & asked)):
            s, d = np.nonzero(pairs)
            found += [(t, s[i], d[i], change) for i in range(len(s))]
        d = np.flatnonzero(asked & (owner != NOBODY) & (owner != year.owner[:, t]))
        s = year.owner[d, t]
        found += [(t, s[i], d[i], "owns") for i in range(len(s))]
        there = np.broadcast_to(year.open[:, t : t + 1], seen.shape)
        worked, seen = np.where(asked, now, worked), np.where(asked, there, seen)
        owner = np.where(asked, year.owner[:, t], owner)
    month, person, duty = (np.array([row[part] for row in found], dtype=int) for part in range(3))
    kinds = np.array([row[3] for row in found], dtype=object)
    return pd.DataFrame({"month": months[month], "person": people[person], "duty": duties[duty], "change": kinds})
