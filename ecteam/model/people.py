"""Who does what? Duties and their hours to people with names: hats, one owner for each duty, the fewest people.

A *hat* is a post that a person works in; a *seat* is a place on the chart, filled or vacant. The programme is in
`people_milp`, filling people up in `people_fill`, the months in `people_year`, the words of a refusal in `people_words`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.errors import InputError, did_you_mean
from ecteam.model.people_case import NOBODY, Bools, Case, Floats, Ints, least_hours, part
from ecteam.model.people_milp import Memory
from ecteam.model.people_words import Names, sentences
from ecteam.model.people_year import NoPlan, Year, nothing_before, whole_year

HOURS_PER_DAY = 24


@dataclass(frozen=True, eq=False)
class AtOnce:
    """People who are needed at the same hour: nobody stands in two such groups.

    `words` what people call the group, "the service desk"; `duties` what it does; `people` at the same hour, whole, one
    number or (months,).
    """

    words: str
    duties: Sequence[str]
    people: npt.ArrayLike


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
    owner_hours : hours a month that an owner works on the duty at least, or an equal share of it where that is less; the
        same for a person at the same hour
    roles : all that somebody may be hired as; None does not look
    previous : an earlier answer, whose people keep their duties where they can
    gap : how far the cost may be above its bound, as a share; 0 proves the least cost

    Formula
    -------
    Hours x, hats h, owners o, open seats n, as in `people_milp._block`. First the least  sum_st cost_st n_st,  where
    an open seat stays to the end. Then, month after month, the fewest changes from the last month in which a duty had
    hours: pairs of seat and duty that begin or end, and owners who are others. That is proved for parts of up to 250
    pairs of seat and duty; above, what fits with the people of the month before is kept and the rest filled up. Then
    few hats, then few duties a person: not proved to be the fewest.

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
    ecteam.errors.InputError: 'order' and 'pay' must be two people: add a person or drop the rule
    """
    case, names = _case(
        duties, hours, seats, productive_hours, months, may, authority, at_once, keep_apart, most_hats,
        hat_loss_share, owner_hours, roles, gap,
    )  # fmt: skip
    memory = (
        _memory(previous, duties.index, seats["person"]) if previous is not None else nothing_before(*case.may.shape)
    )
    try:
        year = whole_year(case, memory, gap)
    except NoPlan as stop:
        told = []
        for its_seats, its_duties, t in stop.parts:
            told += sentences(part(case, its_seats, its_duties), t, _of_part(names, case, its_duties), str(months[t]))
        raise InputError(told) from None
    return _assignment(year, case, duties, seats, months, memory)


def _of_part(names: Names, case: Case, duties: Ints) -> Names:
    """The names as the part numbers its duties, groups and pairs."""
    groups = np.flatnonzero(case.groups[:, duties].any(axis=1))
    pairs = np.flatnonzero(np.isin(case.apart, duties).all(axis=1))
    return Names(
        [names.duties[d] for d in duties],
        names.posts,
        [names.groups[g] for g in groups],
        [names.pairs[i] for i in pairs],
    )


def _case(
    duties: pd.DataFrame,
    hours: npt.ArrayLike,
    seats: pd.DataFrame,
    productive_hours: npt.ArrayLike,
    months: pd.PeriodIndex,
    may: npt.ArrayLike,
    authority: npt.ArrayLike | None,
    at_once: Sequence[AtOnce],
    keep_apart: pd.DataFrame | None,
    most_hats: int | None,
    hat_loss_share: float,
    owner_hours: float,
    roles: Collection[str] | None,
    gap: float,
) -> tuple[Case, Names]:
    """The arrays of a wish that is allowed; raises `InputError` with every mistake."""
    mistakes = list(_frame_mistakes(duties, seats, keep_apart, at_once, roles))
    if mistakes:
        raise InputError(mistakes)
    words = (duties["words"] if "words" in duties else duties.index.to_series()).astype(str).to_list()
    people = seats["person"].to_list()
    keys = duties.index.to_list()
    shape, width = (len(seats), len(duties)), len(months)
    calendar = np.asarray(months.days_in_month, dtype=float) * HOURS_PER_DAY

    def table(name: str, given: npt.ArrayLike, rows: list[str], columns: int) -> Floats:
        try:
            return np.broadcast_to(np.asarray(given, dtype=float), (len(rows), columns)).copy()
        except (TypeError, ValueError):
            mistakes.append(
                f"{name} has the shape {np.shape(given)}; it must be numbers of the shape ({len(rows)}, {columns})"
            )
            return np.zeros((len(rows), columns))

    work = table("hours", hours, keys, width)
    capacity = table("productive_hours", productive_hours, people, width)
    cost = table("cost_per_month", seats["cost_per_month"].to_numpy()[:, None], people, width)
    for name, values, rows, most, allowed in (
        ("hours", work, keys, np.inf, "0 or more hours"),
        ("productive_hours", capacity, people, calendar, "0 hours or more and at most those of the month"),
        ("cost_per_month", cost, people, np.inf, "0 or more a month"),
    ):
        wrong = ~((values >= 0) & (values <= most) & np.isfinite(values))
        for row in np.flatnonzero(wrong.any(axis=1)):
            t = int(np.argmax(wrong[row]))
            mistakes.append(f"{name} of {rows[row]!r} in {months[t]} is {values[row, t]:.15g}; it must be {allowed}")
    able = _flags("may", may, shape, mistakes)
    holds = able if authority is None else _flags("authority", authority, shape, mistakes)
    for name, share, below, unit in (
        ("hat_loss_share", hat_loss_share, 1.0, "a share of a person's hours, 0 or more and below 1"),
        ("owner_hours", owner_hours, np.inf, "more than 0 hours a month"),
        ("gap", gap, 1.0, "a share of the cost, 0 or more and below 1"),
    ):
        if not 0 <= share < below or (name == "owner_hours" and share == 0):
            mistakes.append(f"{name} is {share!r}; it must be {unit}")
    if most_hats is not None and (most_hats < 1 or most_hats != int(most_hats)):
        mistakes.append(
            f"most_hats is {most_hats!r}; it must be a whole number of hats, 1 or more, or None for no limit"
        )
    groups = np.array([duties.index.isin(list(g.duties)) for g in at_once], dtype=bool).reshape(len(at_once), len(keys))
    bodies = table(
        "at_once", [np.broadcast_to(g.people, width) for g in at_once] or 0, [g.words for g in at_once], width
    )
    for g in np.flatnonzero(~((bodies >= 0) & (bodies == np.floor(bodies)) & (bodies < np.inf)).all(axis=1)):
        mistakes.append(f"people of {at_once[g].words!r} must be whole numbers of people at the same hour, 0 or more")
    if mistakes:
        raise InputError(mistakes)

    there = np.logical_or.accumulate(capacity > 0, axis=1)
    for d in np.flatnonzero((work > 0).any(axis=1)):
        asked = work[d] > 0
        if not able[:, d].any():
            mistakes.append(f"nobody may do {words[d]!r}: let a role wear it or hire one")
        elif not (able & holds)[:, d].any():
            mistakes.append(f"nobody who may do {words[d]!r} holds the authority for it: give it to one of them")
        elif (missing := asked & ~(able[:, d] @ (capacity > 0))).any():
            mistakes.append(
                f"nobody who may do {words[d]!r} has hours in {months[int(np.argmax(missing))]}: hire one earlier"
            )
        elif (missing := asked & ~((able & holds)[:, d] @ (capacity > 0))).any():
            mistakes.append(
                f"nobody with the authority for {words[d]!r} has hours in {months[int(np.argmax(missing))]}: "
                "give it to somebody who is there"
            )
    for g, group in enumerate(at_once):
        idle = (bodies[g] > 0) & (work[groups[g]].sum(axis=0) <= 0)
        if idle.any():
            t = int(np.argmax(idle))
            mistakes.append(
                f"{group.words} needs {bodies[g, t]:.0f} at the same hour in {months[t]}, but its duties have no hours"
            )
    if mistakes:
        raise InputError(mistakes)

    post_names = list(dict.fromkeys(duties["post"]))
    pairs = keep_apart if keep_apart is not None else pd.DataFrame({"duty_a": [], "duty_b": []})
    apart = np.stack([duties.index.get_indexer(pairs[one]) for one in ("duty_a", "duty_b")], axis=1).astype(np.int64)
    # Only seats that are there ever count among those who may.
    least, group_least = least_hours(work, able & there.any(axis=1)[:, None], capacity, groups, owner_hours)
    case = Case(
        hours=work,
        post=np.array([post_names.index(post) for post in duties["post"]], dtype=np.int64),
        may=able,
        authority=holds & able,
        capacity=capacity,
        cost=cost,
        on_board=seats["on_board"].to_numpy(bool),
        size=np.ones(len(seats), dtype=np.int64),
        apart=apart,
        groups=groups,
        bodies=bodies.astype(np.int64),
        least=least,
        group_least=group_least,
        most_hats=len(post_names) if most_hats is None else int(most_hats),
        hat_loss_share=float(hat_loss_share),
    )
    said = [f"{words[a]!r} and {words[b]!r} must be two people" for a, b in apart]
    if "words" in pairs:
        said = [f"{text} ({why})" for text, why in zip(said, pairs["words"], strict=True)]
    return case, Names(words, [str(post) for post in post_names], [group.words for group in at_once], said)


def _frame_mistakes(
    duties: pd.DataFrame,
    seats: pd.DataFrame,
    keep_apart: pd.DataFrame | None,
    at_once: Sequence[AtOnce],
    roles: Collection[str] | None,
) -> list[str]:
    mistakes = []
    columns = {"person", "hired_as", "department", "cost_per_month", "on_board"}
    for name, frame, wanted in (("duties", duties, {"post", "role"}), ("seats", seats, columns)):
        mistakes += [f"{name} has no column {column!r}" for column in sorted(wanted - set(frame.columns))]
    if keep_apart is not None:
        lost = sorted({"duty_a", "duty_b"} - set(keep_apart.columns))
        mistakes += [f"keep_apart has no column {column!r}" for column in lost]
    if mistakes:
        return mistakes
    known = duties.index.to_list()
    for duty in duties.index[duties.index.duplicated()].unique():
        mistakes.append(f"duties has {duty!r} more than once; it must have one row for each duty")
    for number, (person, again) in enumerate(zip(seats["person"], seats["person"].duplicated(), strict=True), start=1):
        if again:
            mistakes.append(f"seats row {number}, column person: {person!r} is there twice; each person has one name")
    if roles is not None:
        for number, role in enumerate(seats["hired_as"], start=1):
            if role not in roles:
                near = did_you_mean(role, sorted(roles))
                mistakes.append(f"seats row {number}, column hired_as: {role!r} is no role{near}")
    if keep_apart is not None:
        for number, pair in enumerate(keep_apart[["duty_a", "duty_b"]].to_dict("records"), start=1):
            for column, duty in pair.items():
                if duty not in known:
                    near = did_you_mean(duty, known)
                    mistakes.append(f"keep_apart row {number}, column {column}: {duty!r} is no duty{near}")
            if pair["duty_a"] == pair["duty_b"]:
                mistakes.append(f"keep_apart row {number} keeps {pair['duty_a']!r} apart from itself")
    for group in at_once:
        for duty in (name for name in group.duties if name not in known):
            mistakes.append(f"at_once {group.words!r}: {duty!r} is no duty{did_you_mean(duty, known)}")
    return mistakes


def _flags(name: str, given: npt.ArrayLike, shape: tuple[int, int], mistakes: list[str]) -> Bools:
    try:
        values = np.broadcast_to(np.asarray(given), shape)
        if values.dtype != bool:
            raise ValueError(values.dtype)
    except ValueError:
        mistakes.append(f"{name} has the shape {np.shape(given)}; it must be yes or no, of the shape {shape}")
        return np.zeros(shape, dtype=bool)
    return values.copy()


def _memory(previous: Assignment, duties: pd.Index, people: pd.Series) -> Memory:
    """What the earlier answer leaves: for each duty its last month there; people and duties that are gone leave nothing."""
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
    for t, month in enumerate(months):
        asked = case.hours[:, t] > 0
        now = year.hours[:, :, t] > 0
        before = worked.copy()
        for change, pairs in (("begins", now & ~before & seen & asked), ("ends", before & ~now & seen & asked)):
            s, d = np.nonzero(pairs)
            found.append(pd.DataFrame({"month": month, "person": people[s], "duty": duties[d], "change": change}))
        d = np.flatnonzero(asked & (owner != NOBODY) & (owner != year.owner[:, t]))
        s = year.owner[d, t]
        found.append(pd.DataFrame({"month": month, "person": people[s], "duty": duties[d], "change": "owns"}))
        there = np.broadcast_to(year.open[:, t : t + 1], seen.shape)
        worked, seen = np.where(asked, now, worked), np.where(asked, there, seen)
        owner = np.where(asked, year.owner[:, t], owner)
    kept = [frame for frame in found if len(frame)]
    columns = {"month": months[:0], "person": people[:0], "duty": duties[:0], "change": people[:0]}
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns)
