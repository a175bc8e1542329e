"""Who does what? Duties and their hours to people with names: hats, one owner for each duty, the fewest people.

A *hat* is a post that a person works in; a *seat* is a place on the chart, filled or vacant. First it is settled which
seats open when, at the least cost, then who does what, month by month, with the fewest changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.checks import InputError
from ecteam.people.fill import inside, kept, nodes, nothing_before, of_open, one_month
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
    merged_duties,
    merged_seats,
    part,
    read_wish,
)
from ecteam.people.programme import Memory, cheapest, may_be_possible

# So often the programme is asked for a larger part where filling does not come out; then it is taken not to fit.
_TRIES = 2
# Up to so many pairs, of all months, whole seats are proved; above, the bound is that of parts of seats.
_OPENING_PAIRS = 200
# So many rounds of cuts for a part that is not small; then the cheapest further seats that help are opened.
_ROUNDS = 2


def open_seats(case: AssignmentProblem, gap: float) -> tuple[Bools, float] | int:
    """Which seats are open each month at the least cost, (seats, months), and the proved bound of that cost.

    The programme of identical seats and duties says how many; each month is then tried with real people. What does not
    do is cut off, with all that is less, and the programme is asked again: the last answer is the least cost. A large
    part is opened from the programme whose seats may be parts, and its bound is that. Where even all seats do not do,
    the month.
    """
    there = case.there
    if case.on_board.all():
        return there, float((case.cost * there).sum())
    merged, row = merged_seats(merged_duties(case)[0])
    rank = np.zeros(len(row), dtype=np.int64)
    for one in range(len(merged.size)):
        alike = np.flatnonzero(row == one)
        rank[alike] = np.arange(len(alike))
    months = range(case.hours.shape[1])
    large = merged.may.sum() * len(months) > _OPENING_PAIRS
    cuts: list[tuple[int, Ints]] = []
    works: dict[int, list[Ints]] = {t: [] for t in months}
    bound, proved, tries = -np.inf, True, _TRIES

    def fits(counts: Ints, t: int) -> bool:
        nonlocal tries, proved
        if any((counts >= known).all() for known in works[t]):
            return True
        open_now = of_open(case, rank < counts[row])
        month, sure = one_month(open_now, t, search=False)
        if month is None and not sure and tries:
            tries -= 1
            month, sure = one_month(open_now, t)
        if month is None:
            proved = proved and sure
            return False
        works[t].append(counts)
        return True

    rounds = 0
    small = all(nodes(merged, t) is None for t in months)
    while (found := cheapest(merged, cuts, gap, whole=not large)) is not None:
        parts, least = found
        bound = max(bound, least) if proved else bound
        counts = _pruned(merged, parts) if large else parts.astype(np.int64)
        if large or (rounds == _ROUNDS and not small):
            widened = _widened(merged, counts, fits)
            if widened is None:
                break
            counts = widened
        failed = [t for t in months if not fits(counts[:, t], t)]
        if not failed:
            return rank[:, None] < counts[row], bound
        cuts += [(t, counts[:, t]) for t in failed]
        rounds += 1
    for t in months:
        if one_month(of_open(case, there[:, t]), t)[0] is None:
            return t
    # Filling up did not come out with all seats, searching did: all seats are open.
    return there, max(bound, 0.0)


def _pruned(merged: AssignmentProblem, parts: Floats) -> Ints:
    """Whole seats from parts of seats: rounded up, then one fewer where hours still fit, the dearest first."""
    counts = np.maximum.accumulate(np.ceil(parts - 1e-6), axis=1).astype(np.int64)
    least = np.where(merged.on_board, merged.size, 0)
    for one in np.argsort(-merged.cost.mean(axis=1), kind="stable"):
        for t in range(counts.shape[1]):
            fewer = counts[:, t].copy()
            fewer[one] -= 1
            if fewer[one] < (counts[one, t - 1] if t else 0) or fewer[one] < least[one] * merged.there[one, t]:
                continue
            if may_be_possible(replace(of_open(merged, fewer > 0), size=fewer), t, whole=False):
                counts[one, t] -= 1
    return counts


def _widened(merged: AssignmentProblem, counts: Ints, fits: Callable[[Ints, int], bool]) -> Ints | None:
    """More seats, the cheapest that helps first, until every month fits; None where all of them do not."""
    counts = counts.copy()
    for t in range(counts.shape[1]):
        while not fits(counts[:, t], t):
            free = np.flatnonzero((counts[:, t] < merged.size) & merged.there[:, t])
            if not free.size:
                return None
            order = free[np.argsort(merged.cost[free, t:].sum(axis=1), kind="stable")]
            more = np.eye(len(merged.size), dtype=np.int64)
            helps = (one for one in order if fits(counts[:, t] + more[one], t))
            counts[:, t:] = np.maximum(counts[:, t:], counts[:, t : t + 1])
            counts[next(helps, order[0]), t] += 1
            counts[:, t:] = np.maximum(counts[:, t:], counts[:, t : t + 1])
    return counts


@dataclass(frozen=True, eq=False)
class Year:
    """`hours` (seats, duties, months), `owner` (duties, months), `stands` and `open` (seats, months); the cost of the
    open seats and its proved lower bound."""

    hours: Floats
    owner: Ints
    stands: Ints
    open: Bools
    cost: float
    bound: float


class NoPlan(Exception):
    """No plan for these independent parts, even with all seats: (seats, duties, month) of each."""

    def __init__(self, parts: list[tuple[Ints, Ints, int]]) -> None:
        self.parts = parts


def whole_year(case: AssignmentProblem, memory: Memory, gap: float) -> Year:
    """Least cost of seats, then month by month the fewest changes from the one before. Raises `NoPlan`."""
    seats, duties = case.may.shape
    months = case.hours.shape[1]
    is_open = case.there & case.on_board[:, None]
    bound, blocked, parts = 0.0, [], []
    for its_seats, its_duties in independent_parts(case):
        small = part(case, its_seats, its_duties)
        found = open_seats(small, gap)
        if isinstance(found, int):
            blocked.append((its_seats, its_duties, found))
        else:
            is_open[its_seats] = found[0]
            bound += found[1]
            parts.append((small, its_seats, its_duties))
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
    if blocked:
        raise NoPlan(blocked)
    return Year(hours, owner, stands, is_open, float((case.cost * is_open).sum()), bound)


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
    previous : an earlier answer, whose people keep their duties where they can
    gap : how far the cost may be above its bound, as a share; 0 proves the least cost

    Formula
    -------
    Hours x, hats h, owners o, open seats n, as in `programme.month_block`. First the least  sum_st cost_st n_st,  where
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
        hat_loss_share, owner_hours,
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


def _of_part(names: Names, case: AssignmentProblem, duties: Ints) -> Names:
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
        cost_per_month=case.cost[opened, first],
        vacant=vacant.astype(bool),
    )
    bound = min(year.bound, year.cost)
    gap = (year.cost - bound) / year.cost if year.cost > 0 else 0.0
    changes = _changes(year, case, duties.index, seats["person"].to_numpy(), months, memory)
    return Assignment(people, its, changes, year.cost, bound, gap)


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
