"""Who does what by hand: fill people one after another. Fast for any size.

For n people alike and hours of k posts that fit n - (k - 1) x loss of them, filling one person after another, post by
post, always comes out: every post that ends leaves either a person who is filled up with the next post, at the price of
one further hat, or a rest that is smaller than that price. So at most k - 1 such prices are paid.

Who does what in one month: as the month before, else with the fewest changes, else from nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ecteam.inputs.arguments import ROUNDING
from ecteam.people.problem import NOBODY, AssignmentProblem, Bools, Floats, Ints, merged_duties, part
from ecteam.people.programme import Memory, Month, exact_hours, relaxed_hours, solve_month, with_owners


def fill_best(case: AssignmentProblem, t: int, *, any_will_do: bool = False) -> Month | None:
    """The way of filling with the fewest hats, then the fewest pairs of person and duty; None where none comes out."""
    best, fewest = None, (np.inf, np.inf)
    for order, best_fit in _ways(case, t):
        month = fill(case, t, order, best_fit=best_fit)
        if month is not None:
            count = (float(hats(case, month.hours).sum()), float((month.hours > 0).sum()))
            if count < fewest:
                best, fewest = month, count
            if any_will_do:
                break
    return best


def keeps_the_rules(case: AssignmentProblem, t: int, month: Month) -> bool:
    """Whether a month keeps every rule of the programme, hours and room to a hair."""
    hours, owner, stands = month.hours, month.owner, month.stands
    need, works = case.hours[:, t], month.hours > 0
    worn = hats(case, hours).sum(axis=1)
    room = case.capacity[:, t] * (1 - case.hat_loss_share * np.maximum(worn - 1, 0))
    hair = 1e-7 * max(case.capacity[:, t].max(initial=0), 1)
    asked = np.flatnonzero(need > 0)
    owns = owner[asked]
    standing = np.flatnonzero(stands >= 0)
    at = stands[standing]
    group_hours = (hours[standing] * case.groups[at]).sum(axis=1) if len(standing) else np.zeros(0)
    return bool(
        (np.abs(hours.sum(axis=0) - need) <= hair).all()
        and (hours.sum(axis=1) <= room + hair).all()
        and not (works & ~case.may).any()
        and not (works[:, case.apart[:, 0]] & works[:, case.apart[:, 1]]).any()
        and (owns >= 0).all()
        and (hours[owns, asked] > 0).all()
        and (hours[owns, asked] >= case.least[asked, t] - hair).all()
        and (group_hours >= case.group_least[at, t] - hair).all()
        and (np.bincount(at, minlength=len(case.groups)) >= case.bodies[:, t]).all()
    )


def hats(case: AssignmentProblem, hours: Floats) -> Bools:
    """(seats, posts): who works in which post."""
    return (hours > 0).astype(float) @ np.eye(int(case.post.max(initial=0)) + 1)[case.post] > 0


def _ways(case: AssignmentProblem, t: int) -> Iterator[tuple[Ints, bool]]:
    """Orders of the duties, post by post; the duties that few may do come first."""
    need = case.hours[:, t]
    able = case.may.sum(axis=0)
    posts = int(case.post.max(initial=0)) + 1
    few = np.full(posts, len(case.may) + 1)
    np.minimum.at(few, case.post, able)
    total = np.bincount(case.post, weights=need, minlength=posts)
    for weight in (-total, total, np.arange(posts)):
        order = np.lexsort((-need, able, case.post, weight[case.post], few[case.post]))
        order = order[need[order] > 0]
        yield order, True
        yield order, False


def fill(case: AssignmentProblem, t: int, order: Ints, *, best_fit: bool, start: Floats | None = None) -> Month | None:
    """Give out the duties in this order, each to those who wear its post, then to the one it fits best or to the next.

    Bodies at one hour get their least hours first; `start` are hours that are given out already.
    """
    capacity = case.capacity[:, t]
    clash = case.clash().astype(float) if len(case.apart) else None
    hours = np.zeros(case.may.shape) if start is None else start.copy()
    rest = case.hours[:, t] - hours.sum(axis=0)
    worn, used = hats(case, hours), hours.sum(axis=1)
    flexible = case.may.sum(axis=1)
    tiny = ROUNDING * max(capacity.max(initial=0), 1)

    def places(d: int) -> tuple[Bools, Floats, Bools]:
        """Who may take some of duty d, how many hours, and who wears its post already."""
        wears, count = worn[:, case.post[d]], worn.sum(axis=1)
        room = capacity * (1 - case.hat_loss_share * np.maximum(count - wears, 0)) - used
        free = case.may[:, d] & (room > tiny)
        return free if clash is None else free & (hours @ clash[:, d] <= 0), room, wears

    def give(s: int, d: int, amount: float) -> None:
        hours[s, d] += amount
        used[s] += amount
        worn[s, case.post[d]] = True
        rest[d] = rest[d] - amount if amount < rest[d] else 0.0

    stands = np.full(len(case.may), NOBODY)
    for g in np.argsort((case.may @ case.groups.T).sum(axis=0), kind="stable") if len(case.groups) else ():
        members = np.flatnonzero(case.groups[g])
        least = case.group_least[g, t]
        for _ in range(case.bodies[g, t]):
            there = (hours[:, members].sum(axis=1) >= least * (1 - ROUNDING)) & (stands == NOBODY)
            if (there & (least > 0)).any():
                stands[np.flatnonzero(there)[0]] = g
                continue
            d = int(members[np.argmax(rest[members])])
            free, room, wears = places(d)
            amount = least - hours[:, members].sum(axis=1)
            free &= (stands == NOBODY) & (room >= amount)
            if not free.any() or rest[d] < amount[free].min():
                return None
            s = int(np.lexsort((-room, flexible, ~wears, ~free))[0])
            give(s, d, amount[s])
            stands[s] = g
    for d in order:
        while rest[d] > tiny:
            free, room, wears = places(d)
            if not free.any():
                return None
            doing = free & ((hours[:, d] > 0) | wears)
            if doing.any():
                s = int(np.lexsort((-room, ~(hours[:, d] > 0), ~doing))[0])
            elif best_fit and (holds := free & (room >= rest[d])).any():
                s = int(np.lexsort((room, flexible, ~holds))[0])
            elif best_fit:
                s = int(np.lexsort((-room, flexible, ~free))[0])
            else:
                s = int(np.lexsort((used <= 0, flexible, ~free))[0])
            give(s, d, min(room[s], rest[d]))
        if rest[d] > 0:
            s = int(hours[:, d].argmax())
            if hours[s, d] <= 0:
                return None
            give(s, d, rest[d])
    month = Month(hours, with_owners(hours, np.full(len(case.post), NOBODY)), stands)
    return month if keeps_the_rules(case, t, month) else None


# Up to so many pairs of seat and duty the programme runs to its proof; up to so many it stops after some nodes; above,
# it is asked last of all.
PROVED_PAIRS = 36
_SEARCHED_PAIRS = 700
_NODES = 20


def one_month(
    case: AssignmentProblem, t: int, before: Memory | None = None, kept: Floats | None = None, *, search: bool = True
) -> tuple[Month | None, bool]:
    """Who does what in one month with the seats that have hours in it, and whether a None is proved.

    `kept` are hours that fit on the people of the month before. Without `search` a larger part is only filled up.
    """
    if not (case.hours[:, t] > 0).any() and not case.bodies[:, t].any():
        return Month(np.zeros(case.may.shape), np.full(len(case.post), NOBODY), np.full(len(case.may), NOBODY)), True
    if before is not None and kept is not None and before.worked.any():
        limit = nodes(case, t)
        # All that fits on the people of the month before; or no more than keeps everybody's duties.
        for start in (kept, np.minimum(kept, case.least[:, t])):
            month = _filled_up(case, t, before, start)
            if month is not None and (limit is not None or _same(case, t, month, before)):
                return month, True
        if limit is not None and (month := _remainder(case, t, before, kept)) is not None:
            return month, True
        if _pairs(case, t) <= _SEARCHED_PAIRS:
            month, proved = solve_month(case, t, before, limit)
            if month is not None or proved:
                return month, True
    month = fill_best(case, t, any_will_do=not search)
    if month is not None:
        return month, True
    fewer, kind = merged_duties(case)
    limit = nodes(fewer, t)
    if limit is not None:
        most = relaxed_hours(case, t)
        if most is None:
            return None, True
        month = _filled_up(case, t, nothing_before(*case.may.shape), most)
        if month is not None or not search or (before is None and _pairs(fewer, t) > _SEARCHED_PAIRS):
            return month, month is not None
    month, proved = solve_month(fewer, t, None, limit)
    if month is None and not proved and before is not None:
        # The last resort may take long, and is sure.
        month, proved = solve_month(fewer, t)
    return month and _shared_out(case, t, month, kind), proved


def _remainder(case: AssignmentProblem, t: int, before: Memory, kept: Floats) -> Month | None:
    """Whole heads stay where they are, the programme is asked for the rest; None where it is large or not possible.

    A whole head is filled up by one duty.
    """
    used, one = kept.sum(axis=1), (kept > 0).sum(axis=1) == 1
    settled = one & (used >= case.capacity[:, t] * (1 - ROUNDING))
    others = np.flatnonzero(~settled)
    if case.bodies[:, t].any() or not settled.any() or not others.size:
        return None
    rest = part(case, others, np.arange(len(case.post)))
    hours = case.hours.copy()
    hours[:, t] = np.maximum(hours[:, t] - kept[settled].sum(axis=0), 0)
    hours[hours[:, t] <= ROUNDING * case.hours[:, t], t] = 0
    rest = replace(rest, hours=hours, least=np.minimum(case.least, hours))
    if _pairs(rest, t) > _SEARCHED_PAIRS:
        return None
    memory = Memory(before.worked[others], before.seen[others], inside(before.owner, others))
    found, _ = solve_month(rest, t, memory, nodes(rest, t))
    if found is None:
        return None
    all_hours = np.where(settled[:, None], kept, 0.0)
    all_hours[others] = found.hours
    stays = (before.owner >= 0) & settled[before.owner] & (all_hours[before.owner, np.arange(len(hours))] > 0)
    owner = np.where(stays, before.owner, np.append(others, NOBODY)[found.owner])
    # An owner of the rest may have too little of the whole duty.
    d = np.flatnonzero(owner >= 0)
    owner[d[all_hours[owner[d], d] < case.least[d, t]]] = NOBODY
    month = Month(all_hours, with_owners(all_hours, owner), np.full(len(settled), NOBODY))
    return month if keeps_the_rules(case, t, month) else None


def _pairs(case: AssignmentProblem, t: int) -> int:
    return int((case.may & (case.capacity[:, t] > 0)[:, None] & (case.hours[:, t] > 0)).sum())


def nodes(case: AssignmentProblem, t: int) -> int | None:
    """Where the programme stops: nowhere while it is small."""
    return None if _pairs(case, t) <= PROVED_PAIRS else _NODES


def _same(case: AssignmentProblem, t: int, month: Month, before: Memory) -> bool:
    """Whether nobody who was there begins, ends or hands over anything."""
    asked = case.hours[:, t] > 0
    others = ((month.hours > 0) != before.worked) & before.seen & asked
    return not others.any() and not ((month.owner != before.owner) & asked & (before.owner >= 0)).any()


def _shared_out(case: AssignmentProblem, t: int, month: Month, kind: Ints) -> Month:
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
    return Month(hours, with_owners(hours, np.where(case.hours[:, t] > 0, owner, NOBODY)), month.stands)


def kept(case: AssignmentProblem, t: int, before: Memory) -> Floats:
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


def _standing(case: AssignmentProblem, t: int, allowed: Bools) -> Ints | None:
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


def _filled_up(case: AssignmentProblem, t: int, before: Memory, kept: Floats) -> Month | None:
    """What is kept, and the rest by filling up: no change where all is kept, else few, not the fewest."""
    rest = case.hours[:, t] - kept.sum(axis=0)
    order = np.argsort(-rest, kind="stable")
    month = fill(case, t, order[case.hours[order, t] > 0], best_fit=True, start=kept)
    # What was before may break a rule of today.
    if month is None or not keeps_the_rules(case, t, month):
        return None
    d = np.flatnonzero((case.hours[:, t] > 0) & (before.owner >= 0))
    s = before.owner[d]
    stays = (month.hours[s, d] > 0) & (month.hours[s, d] >= case.least[d, t])
    owner = month.owner.copy()
    owner[d[stays]] = s[stays]
    return replace(month, owner=owner)


def of_open(case: AssignmentProblem, is_open: Bools) -> AssignmentProblem:
    """The same with only the open seats: closed ones have no hours."""
    return replace(case, capacity=case.capacity * is_open[:, None])


def inside(owner: Ints, seats: Ints) -> Ints:
    """Owners as numbers within these seats."""
    found = np.searchsorted(seats, owner).clip(max=len(seats) - 1)
    return np.where(seats[found] == owner, found, NOBODY)


def nothing_before(seats: int, duties: int) -> Memory:
    return Memory(np.zeros((seats, duties), bool), np.zeros((seats, duties), bool), np.full(duties, NOBODY))
