"""Who does what over the months of a plan: which seats open when, and the same people for the same duties."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ecteam.model.people_case import (
    NOBODY,
    Bools,
    Case,
    Floats,
    Ints,
    independent_parts,
    merged_duties,
    merged_seats,
    part,
)
from ecteam.model.people_fill import all_alike, fill, fill_alike, fill_best, keeps_the_rules
from ecteam.model.people_milp import Memory, Month, cheapest, exact_hours, may_be_possible, relaxed_hours, solve_month, with_owners

# Up to so many pairs of seat and duty the programme runs to its proof; up to so many it stops after some nodes; above,
# it is asked last of all.
PROVED_PAIRS = 36
_SEARCHED_PAIRS = 300
_NODES = 20
# So often the programme is asked for a larger part where filling does not come out; then it is taken not to fit.
_TRIES = 2
# Up to so many pairs, of all months, whole seats are proved; above, the bound is that of parts of seats.
_OPENING_PAIRS = 200
# So many rounds of cuts for a part that is not small; then the cheapest further seats that help are opened.
_ROUNDS = 2


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
        kept = _kept(_of_open(case, is_open[:, t]), t, memory)
        for small, its_seats, its_duties in parts:
            cut = np.ix_(its_seats, its_duties)
            before = Memory(memory.worked[cut], memory.seen[cut], _inside(memory.owner[its_duties], its_seats))
            month, _ = one_month(_of_open(small, is_open[its_seats, t]), t, before, kept[cut])
            if month is None:
                blocked.append((its_seats, its_duties, t))
                continue
            groups = np.append(np.flatnonzero(case.groups[:, its_duties].any(axis=1)), NOBODY)
            hours[np.ix_(its_seats, its_duties, [t])] = month.hours[:, :, None]
            owner[its_duties, t] = np.append(its_seats, NOBODY)[month.owner]
            stands[its_seats, t] = groups[month.stands]
        if blocked:
            raise NoPlan(blocked)
        memory = remember(memory, hours[:, :, t], owner[:, t], case, is_open[:, t], t)
    if blocked:
        raise NoPlan(blocked)
    return Year(hours, owner, stands, is_open, float((case.cost * is_open).sum()), bound)


def _inside(owner: Ints, seats: Ints) -> Ints:
    """Owners as numbers within these seats."""
    found = np.searchsorted(seats, owner).clip(max=len(seats) - 1)
    return np.where(seats[found] == owner, found, NOBODY)


def _of_open(case: Case, is_open: Bools) -> Case:
    """The same with only the open seats, all of them on board: closed ones have no hours."""
    return replace(case, capacity=case.capacity * is_open[:, None], on_board=np.ones(len(is_open), dtype=bool))


def nothing_before(seats: int, duties: int) -> Memory:
    return Memory(np.zeros((seats, duties), bool), np.zeros((seats, duties), bool), np.full(duties, NOBODY))


def remember(before: Memory, hours: Floats, owner: Ints, case: Case, is_open: Bools, t: int) -> Memory:
    """Duties without hours leave what was: who did them last has them when they come again."""
    asked = case.hours[:, t] > 0
    seen = np.broadcast_to(is_open[:, None], before.seen.shape)
    return Memory(
        np.where(asked, hours > 0, before.worked),
        np.where(asked, seen, before.seen),
        np.where(asked, owner, before.owner),
    )


def one_month(
    case: Case, t: int, before: Memory | None = None, kept: Floats | None = None, *, search: bool = True
) -> tuple[Month | None, bool]:
    """Who does what in one month with the seats that have hours in it, and whether a None is proved.

    `kept` are hours that fit on the people of the month before. Without `search` a larger part is only filled up.
    """
    if not (case.hours[:, t] > 0).any() and not case.bodies[:, t].any():
        return Month(np.zeros(case.may.shape), np.full(len(case.post), NOBODY), np.full(len(case.may), NOBODY)), True
    if before is not None and kept is not None and before.worked.any():
        nodes = _nodes(case, t)
        # All that fits on the people of the month before; or no more than keeps everybody's duties.
        for start in (kept, np.minimum(kept, case.least[:, t])):
            month = _filled_up(case, t, before, start)
            if month is not None and (nodes is not None or _same(case, t, month, before)):
                return month, True
        if _pairs(case, t) <= _SEARCHED_PAIRS:
            month, proved = solve_month(case, t, before, nodes)
            if month is not None or proved:
                return month, True
    month = fill_best(case, t, any_will_do=not search)
    if month is not None:
        return month, True
    if all_alike(case, t):
        return fill_alike(case, t), True
    fewer, kind = merged_duties(case)
    nodes = _nodes(fewer, t)
    if nodes is not None:
        start = relaxed_hours(case, t)
        if start is None:
            return None, True
        month = _filled_up(case, t, nothing_before(*case.may.shape), start)
        if month is not None or not search or (before is None and _pairs(fewer, t) > _SEARCHED_PAIRS):
            return month, month is not None
    month, proved = solve_month(fewer, t, None, nodes)
    if month is None and not proved and before is not None:
        # The last resort may take long, and is sure.
        month, proved = solve_month(fewer, t)
    return month and _shared_out(case, t, month, kind), proved


def _pairs(case: Case, t: int) -> int:
    return int((case.may & (case.capacity[:, t] > 0)[:, None] & (case.hours[:, t] > 0)).sum())


def _nodes(case: Case, t: int) -> int | None:
    """Where the programme stops: nowhere while it is small."""
    return None if _pairs(case, t) <= PROVED_PAIRS else _NODES


def _same(case: Case, t: int, month: Month, before: Memory) -> bool:
    """Whether nobody who was there begins, ends or hands over anything."""
    asked = case.hours[:, t] > 0
    others = ((month.hours > 0) != before.worked) & before.seen & asked
    return not others.any() and not ((month.owner != before.owner) & asked & (before.owner >= 0)).any()


def _shared_out(case: Case, t: int, month: Month, kind: Ints) -> Month:
    """The hours of merged duties to the duties in them, one after another, so that few people share one."""
    hours = np.zeros(case.may.shape)
    owner = month.owner[kind]
    for one in range(month.hours.shape[1]):
        duties = np.flatnonzero(kind == one)
        ends = np.cumsum(case.hours[duties, t])
        seats = np.cumsum(month.hours[:, one]) * (ends[-1] / max(month.hours[:, one].sum(), 1e-300))
        low = np.maximum(np.append(0, seats[:-1])[:, None], np.append(0, ends[:-1]))
        hours[:, duties] = np.maximum(np.minimum(seats[:, None], ends) - low, 0)
        if len(duties) > 1:
            owner[duties] = NOBODY
    return Month(hours, with_owners(case, hours, np.where(case.hours[:, t] > 0, owner, NOBODY)), month.stands)


def _kept(case: Case, t: int, before: Memory) -> Floats:
    """As many hours as fit on the people of the month before, (seats, duties), each of whom keeps all duties.

    One linear programme for all parts: they do not touch each other.
    """
    asked = case.hours[:, t] > 0
    allowed = before.worked & case.may & asked & (case.capacity[:, t] > 0)[:, None]
    if not allowed.any():
        return np.zeros(allowed.shape)
    nobody = np.full(len(allowed), NOBODY)
    stands = _standing(case, t, allowed)
    for least, standing in (
        (case.least[:, t], nobody if stands is None else stands),
        (0 * case.least[:, t], nobody),
    ):
        hours = exact_hours(case, t, allowed, np.where(allowed, least, 0.0), standing, all_of_it=False)
        if hours is not None:
            return hours
    return np.zeros(allowed.shape)


def _standing(case: Case, t: int, allowed: Bools) -> Ints | None:
    """Who may stand in which group at one hour, each in one at most; None where there are too few people in them."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    stands = np.full(len(allowed), NOBODY)
    bodies = case.bodies[:, t]
    if not bodies.any():
        return stands
    place = np.repeat(np.arange(len(bodies)), bodies)
    in_group = allowed.astype(int) @ case.groups.T > 0
    match = maximum_bipartite_matching(csr_array(in_group[:, place].astype(np.int8)), perm_type="column")
    found = match >= 0
    if found.sum() < len(place):
        return None
    stands[found] = place[match[found]]
    return stands


def _filled_up(case: Case, t: int, before: Memory, kept: Floats) -> Month | None:
    """What is kept, and the rest by filling up: no change where all is kept, else few, not the fewest."""
    rest = case.hours[:, t] - kept.sum(axis=0)
    order = np.argsort(-rest, kind="stable")
    month = fill(case, t, order[case.hours[order, t] > 0], best_fit=True, start=kept)
    # What was before may break a rule of today.
    if month is None or not keeps_the_rules(case, t, month):
        return None
    d = np.flatnonzero((case.hours[:, t] > 0) & (before.owner >= 0))
    s = before.owner[d]
    stays = case.authority[s, d] & (month.hours[s, d] > 0) & (month.hours[s, d] >= case.least[d, t])
    owner = month.owner.copy()
    owner[d[stays]] = s[stays]
    return replace(month, owner=owner)


def open_seats(case: Case, gap: float) -> tuple[Bools, float] | int:
    """Which seats are open each month at the least cost, (seats, months), and the proved bound of that cost.

    The programme of identical seats and duties says how many; each month is then tried with real people. What does not
    do is cut off, with all that is less, and the programme is asked again: the last answer is the least cost. Where even
    all seats do not, the month.
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
        open_now = _of_open(case, rank < counts[row])
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
    small = all(_nodes(merged, t) is None for t in months)
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
        if one_month(_of_open(case, there[:, t]), t)[0] is None:
            return t
    # Filling up did not come out with all seats, searching did: all seats are open.
    return there, max(bound, 0.0)


def _pruned(merged: Case, parts: Floats) -> Ints:
    """Whole seats from parts of seats: rounded up, then one fewer where hours still fit, the dearest first."""
    counts = np.maximum.accumulate(np.ceil(parts - 1e-6), axis=1).astype(np.int64)
    least = np.where(merged.on_board, merged.size, 0)
    for one in np.argsort(-merged.cost.mean(axis=1), kind="stable"):
        for t in range(counts.shape[1]):
            fewer = counts[:, t].copy()
            fewer[one] -= 1
            if fewer[one] < (counts[one, t - 1] if t else 0) or fewer[one] < least[one] * merged.there[one, t]:
                continue
            if may_be_possible(replace(_of_open(merged, fewer > 0), size=fewer), t, whole=False):
                counts[one, t] -= 1
    return counts


def _widened(merged: Case, counts: Ints, fits: Callable[[Ints, int], bool]) -> Ints | None:
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
