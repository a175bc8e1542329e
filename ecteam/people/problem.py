"""The problem of who does what as arrays, with every mistake in words, and its smaller equals: independent parts,
identical duties."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy.typing import NDArray

from ecteam.inputs.arguments import ROUNDING
from ecteam.inputs.checks import InputError


class Names(NamedTuple):
    """What people call the things of a case: duties, groups, pairs of duties."""

    duties: Sequence[str]
    groups: Sequence[str]
    pairs: Sequence[str]


Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NOBODY = -1


@dataclass(frozen=True, eq=False)
class AssignmentProblem:
    """What `people.assign_people` was asked, as arrays; or a part of it.

    `hours` (duties, months); `post` (duties,) as a number; `may` (seats, duties); `capacity`, the productive hours of
    each seat, (seats, months); `cost` and `on_board` (seats,);
    `apart` (pairs, 2), numbers of duties; `groups` (groups, duties), which duties share their people at one hour, and
    `bodies` (groups, months), how many; `least` (duties, months) and `group_least` (groups, months), the hours that an
    owner, or a body of a group, works at least; `hat_loss_share`.
    """

    hours: Floats
    post: Ints
    may: Bools
    capacity: Floats
    cost: Floats
    on_board: Bools
    apart: Ints
    groups: Bools
    bodies: Ints
    least: Floats
    group_least: Floats
    hat_loss_share: float

    @property
    def there(self) -> Bools:
        """(seats, months): from the first month with productive hours on."""
        return np.maximum.accumulate(self.capacity, axis=1) > 0

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


def part(case: AssignmentProblem, seats: npt.ArrayLike, duties: npt.ArrayLike) -> AssignmentProblem:
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
        capacity=case.capacity[seats],
        cost=case.cost[seats],
        on_board=case.on_board[seats],
        apart=apart[(apart >= 0).all(axis=1)],
        groups=case.groups[np.ix_(inside, duties)],
        bodies=case.bodies[inside],
        least=case.least[duties],
        group_least=case.group_least[inside],
    )


def independent_parts(case: AssignmentProblem) -> list[tuple[Ints, Ints]]:
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


def merged_duties(case: AssignmentProblem) -> tuple[AssignmentProblem, Ints]:
    """Duties that ask the same of everybody as one: same post, same people, same group, no pair.

    Costs are the same, and owners follow from `least_hours`. Also returns which one each duty is in.
    """
    alone = np.isin(np.arange(len(case.post)), case.apart)
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


@dataclass(frozen=True, eq=False)
class AtOnce:
    """People who are needed at the same hour: nobody stands in two such groups.

    `words` what people call the group, "the service desk"; `duties` what it does; `people` at the same hour, whole, one
    number or (months,).
    """

    words: str
    duties: Sequence[str]
    people: npt.ArrayLike


def read_wish(
    duties: pd.DataFrame,
    hours: npt.ArrayLike,
    seats: pd.DataFrame,
    productive_hours: npt.ArrayLike,
    months: pd.PeriodIndex,
    may: npt.ArrayLike,
    at_once: Sequence[AtOnce],
    keep_apart: pd.DataFrame | None,
    hat_loss_share: float,
    owner_hours: float,
) -> tuple[AssignmentProblem, Names]:
    """The arrays of a wish; raises `InputError` for every duty that nobody can do."""
    words = (duties["words"] if "words" in duties else duties.index.to_series()).astype(str).to_list()
    width = len(months)

    def table(given: npt.ArrayLike, rows: int) -> Floats:
        return np.broadcast_to(np.asarray(given, dtype=float), (rows, width)).copy()

    work, capacity = table(hours, len(duties)), table(productive_hours, len(seats))
    able = np.broadcast_to(np.asarray(may, dtype=bool), (len(seats), len(duties))).copy()
    groups = np.array([duties.index.isin(list(g.duties)) for g in at_once], dtype=bool).reshape(
        len(at_once), len(duties)
    )
    group_words = [group.words for group in at_once]
    bodies = table([np.broadcast_to(group.people, width) for group in at_once] or 0, len(at_once))
    mistakes = [
        f"seats row {row}, column person: {seats['person'].iloc[row - 1]!r} is there twice; each person has one name"
        for row in np.flatnonzero(seats["person"].duplicated()) + 1
    ]
    for d in np.flatnonzero((work > 0).any(axis=1)).tolist():
        asked = work[d] > 0
        if not able[:, d].any():
            mistakes.append(f"nobody may do {words[d]!r}: let a role wear it or hire one")
        elif (missing := asked & ~(able[:, d] @ (capacity > 0))).any():
            mistakes.append(
                f"nobody who may do {words[d]!r} has hours in {months[int(missing.argmax())]}: hire one earlier"
            )
    if mistakes:
        raise InputError(mistakes)

    post_names = list(dict.fromkeys(duties["post"]))
    pairs = keep_apart if keep_apart is not None else pd.DataFrame({"duty_a": [], "duty_b": []})
    apart = np.stack([duties.index.get_indexer(pairs[one]) for one in ("duty_a", "duty_b")], axis=1).astype(np.int64)
    least, group_least = least_hours(work, able, capacity, groups, owner_hours)
    case = AssignmentProblem(
        hours=work,
        post=np.array([post_names.index(post) for post in duties["post"]], dtype=np.int64),
        may=able,
        capacity=capacity,
        cost=seats["cost_per_month"].to_numpy(float),
        on_board=seats["on_board"].to_numpy(bool),
        apart=apart,
        groups=groups,
        bodies=bodies.astype(np.int64),
        least=least,
        group_least=group_least,
        hat_loss_share=float(hat_loss_share),
    )
    two_people = [f"{words[a]!r} and {words[b]!r} must be two people" for a, b in apart]
    if "words" in pairs:
        two_people = [f"{text} ({why})" for text, why in zip(two_people, pairs["words"], strict=True)]
    return case, Names(words, group_words, two_people)
