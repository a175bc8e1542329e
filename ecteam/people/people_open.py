"""Which seats are open when, at the least cost, and how far is that cost from what is proved?"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ecteam.people.people_milp import cheapest, may_be_possible
from ecteam.people.people_month import nodes, of_open, one_month
from ecteam.people.problem import Bools, Case, Floats, Ints, merged_duties, merged_seats

# So often the programme is asked for a larger part where filling does not come out; then it is taken not to fit.
_TRIES = 2
# Up to so many pairs, of all months, whole seats are proved; above, the bound is that of parts of seats.
_OPENING_PAIRS = 200
# So many rounds of cuts for a part that is not small; then the cheapest further seats that help are opened.
_ROUNDS = 2


def open_seats(case: Case, gap: float) -> tuple[Bools, float] | int:
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
            if may_be_possible(replace(of_open(merged, fewer > 0), size=fewer), t, whole=False):
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
