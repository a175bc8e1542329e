"""Who does what over the months of a plan: which seats open when, and the same people for the same duties."""

from dataclasses import dataclass

import numpy as np

from ecteam.people.people_month import inside, kept, of_open, one_month
from ecteam.people.people_open import open_seats
from ecteam.people.problem import NOBODY, Bools, Case, Floats, Ints, independent_parts, part
from ecteam.people.programme import Memory


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


def whole_year(case: Case, memory: Memory, gap: float) -> Year:
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


def remember(before: Memory, hours: Floats, owner: Ints, case: Case, is_open: Bools, t: int) -> Memory:
    """Duties without hours leave what was: who did them last has them when they come again."""
    asked = case.hours[:, t] > 0
    seen = np.broadcast_to(is_open[:, None], before.seen.shape)
    return Memory(
        np.where(asked, hours > 0, before.worked),
        np.where(asked, seen, before.seen),
        np.where(asked, owner, before.owner),
    )
