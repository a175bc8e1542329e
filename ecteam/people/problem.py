"""The problem of who does what as arrays, and its smaller equals: independent parts, identical seats and duties."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from ecteam.staffing.headcount import ROUNDING

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOBODY = -1


@dataclass(frozen=True, eq=False)
class Case:
    """What `people.assign_people` was asked, as arrays; or a part of it.

    `hours` (duties, months); `post` (duties,) as a number; `may` and `authority` (seats, duties); `capacity`, the
    productive hours of one seat, and `cost` (seats, months); `on_board` and `size` (seats,), how many identical seats a
    row is;
    `apart` (pairs, 2), numbers of duties; `groups` (groups, duties), which duties share their people at one hour, and
    `bodies` (groups, months), how many; `least` (duties, months) and `group_least` (groups, months), the hours that an
    owner, or a body of a group, works at least; `most_hats`; `hat_loss_share`.
    """

    hours: Floats
    post: Ints
    may: Bools
    authority: Bools
    capacity: Floats
    cost: Floats
    on_board: Bools
    size: Ints
    apart: Ints
    groups: Bools
    bodies: Ints
    least: Floats
    group_least: Floats
    most_hats: int
    hat_loss_share: float

    @property
    def there(self) -> Bools:
        """(seats, months): from the first month with productive hours on."""
        return np.maximum.accumulate(self.capacity, axis=1) > 0

    @property
    def scarce(self) -> Bools:
        """(duties,): somebody who may do it holds no authority over it."""
        return np.asarray((self.may & ~self.authority).any(axis=0))

    def clash(self) -> Bools:
        """(duties, duties): must not be one person's."""
        found = np.zeros((len(self.post), len(self.post)), dtype=bool)
        found[self.apart[:, 0], self.apart[:, 1]] = found[self.apart[:, 1], self.apart[:, 0]] = True
        return found


def least_hours(
    hours: Floats, may: Bools, capacity: Floats, groups: Bools, owner_hours: float
) -> tuple[Floats, Floats]:
    """What an owner of a duty, and a body of a group, works at least: `owner_hours`, or an equal share where less.

    An equal share among all who may do it: so whoever does most of a duty always does enough to own it.
    """
    able = may.T.astype(float) @ (capacity > 0)
    able_of_group = (groups.astype(int) @ may.T > 0).astype(float) @ (capacity > 0)
    group_hours = groups.astype(float) @ hours
    share = np.divide(hours, able, out=np.zeros_like(hours), where=able > 0)
    shares = np.divide(group_hours, able_of_group, out=np.zeros_like(group_hours), where=able_of_group > 0)
    # A hair less, so that an equal share is reached in floats.
    return np.minimum(owner_hours, share * (1 - ROUNDING)), np.minimum(owner_hours, shares * (1 - ROUNDING))


def part(case: Case, seats: npt.ArrayLike, duties: npt.ArrayLike) -> Case:
    """The same problem for some seats and duties; groups and pairs that reach outside are cut."""
    seats, duties = np.asarray(seats), np.asarray(duties)
    number = np.full(len(case.post), NOBODY)
    number[duties] = np.arange(len(duties))
    apart = number[case.apart].reshape(-1, 2)
    inside = case.groups[:, duties].any(axis=1)
    return replace(
        case,
        hours=case.hours[duties],
        post=case.post[duties],
        may=case.may[np.ix_(seats, duties)],
        authority=case.authority[np.ix_(seats, duties)],
        capacity=case.capacity[seats],
        cost=case.cost[seats],
        on_board=case.on_board[seats],
        size=case.size[seats],
        apart=apart[(apart >= 0).all(axis=1)],
        groups=case.groups[np.ix_(inside, duties)],
        bodies=case.bodies[inside],
        least=case.least[duties],
        group_least=case.group_least[inside],
    )


def independent_parts(case: Case) -> list[tuple[Ints, Ints]]:
    """Seats and duties that no other part touches: (seats, duties) of each. Seats that may do nothing are one each."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    seats, duties = case.may.shape
    asked = (case.hours > 0).any(axis=1)
    # Nodes: seats, then duties, then groups.
    seat, duty = np.nonzero(case.may & asked)
    group, member = np.nonzero(case.groups & asked)
    start = np.concatenate([seat, seats + member])
    end = np.concatenate([seats + duty, seats + duties + group])
    nodes = seats + duties + len(case.groups)
    graph = csr_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    parts = []
    for one in dict.fromkeys(label[:seats].tolist()):
        parts.append((np.flatnonzero(label[:seats] == one), np.flatnonzero(label[seats : seats + duties] == one)))
    return parts


def merged_seats(case: Case) -> tuple[Case, Ints]:
    """Identical seats as one row with their `size`, and the row that each seat is in."""
    rows = np.hstack([case.may, case.authority & case.may, case.capacity, case.cost, case.on_board[:, None]])
    first, row = _alike(rows.astype(float))
    size = np.bincount(row, weights=case.size, minlength=len(first)).astype(np.int64)
    return replace(part(case, first, np.arange(len(case.post))), size=size), row


def merged_duties(case: Case) -> tuple[Case, Ints]:
    """Duties that ask the same of everybody as one: same post, same people, same group, no pair, no scarce authority.

    Costs are the same, and owners follow from `least_hours`. Also returns which one each duty is in.
    """
    alone = case.scarce | np.isin(np.arange(len(case.post)), case.apart)
    key = np.hstack(
        [case.post[:, None], case.may.T, case.groups.T, np.where(alone, np.arange(len(alone)), NOBODY)[:, None]]
    )
    first, row = _alike(key.astype(float))
    total = np.eye(len(first))[row].T
    fewer = part(case, np.arange(len(case.may)), first)
    return replace(fewer, hours=total @ case.hours, least=total @ case.least), row


def _alike(rows: Floats) -> tuple[Ints, Ints]:
    """The first of each kind of row in order of appearance, and the kind of each row."""
    _, first, kind = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[kind.reshape(-1)]
