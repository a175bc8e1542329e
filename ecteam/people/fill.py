"""Who does what by hand: fill people one after another. Fast for any size, exact for people who are alike.

For n people alike and hours of k posts that fit n - (k - 1) x loss of them, filling one person after another, post by
post, always comes out: every post that ends leaves either a person who is filled up with the next post, at the price of
one further hat, or a rest that is smaller than that price. So at most k - 1 such prices are paid.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ecteam.people.people_milp import with_owners
from ecteam.people.problem import NOBODY, Bools, Case, Floats, Ints
from ecteam.people.programme import Month
from ecteam.staffing.headcount import ROUNDING

# 2 to this power sets of posts are looked through.
_MOST_POSTS = 13


def fill_best(case: Case, t: int, *, any_will_do: bool = False) -> Month | None:
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


def keeps_the_rules(case: Case, t: int, month: Month) -> bool:
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
        and (worn <= case.most_hats).all()
        and not (works[:, case.apart[:, 0]] & works[:, case.apart[:, 1]]).any()
        and (owns >= 0).all()
        and case.authority[owns, asked].all()
        and (hours[owns, asked] > 0).all()
        and (hours[owns, asked] >= case.least[asked, t] - hair).all()
        and (group_hours >= case.group_least[at, t] - hair).all()
        and (np.bincount(at, minlength=len(case.groups)) >= case.bodies[:, t]).all()
    )


def hats(case: Case, hours: Floats) -> Bools:
    """(seats, posts): who works in which post."""
    return (hours > 0).astype(float) @ np.eye(int(case.post.max(initial=0)) + 1)[case.post] > 0


def all_alike(case: Case, t: int) -> bool:
    """Whether all who are there may do everything of month `t` in the same time, and no rule but the hours holds."""
    there, asked = case.capacity[:, t] > 0, case.hours[:, t] > 0
    return bool(
        there.any()
        and np.ptp(case.capacity[there, t]) == 0
        and case.may[np.ix_(there, asked)].all()
        and not case.scarce[asked].any()
        and not case.bodies[:, t].any()
        and not asked[case.apart].all(axis=1).any()
        and len(np.unique(case.post[asked])) <= min(case.most_hats, _MOST_POSTS)
    )


def fill_alike(case: Case, t: int) -> Month | None:
    """Exact for people who are alike: posts in groups, each with people of its own; None proves that there is no way.

    Posts that share people are tied together by at least one further hat for each post after the first. So a group of k
    posts needs ceil((H + (k - 1) x loss x C) / C) people of C hours, and these suffice. The least sum over all ways to
    part the posts in groups is found set by set: best(S) = min over groups g of S with its first post, need(g) +
    best(S - g).
    """
    capacity, need = case.capacity[:, t], case.hours[:, t]
    people, room = np.flatnonzero(capacity > 0), capacity.max()
    posts = np.unique(case.post[need > 0])
    members = np.arange(2 ** len(posts))[:, None] >> np.arange(len(posts)) & 1
    hours = members @ np.bincount(case.post, weights=need, minlength=posts.max() + 1)[posts]
    further = np.maximum(members.sum(axis=1) - 1, 0) * case.hat_loss_share
    wanted = np.ceil((hours / room + further) * (1 - ROUNDING))
    best, group = np.zeros(len(members)), np.zeros(len(members), dtype=np.int64)
    for some in range(1, len(members)):
        first, *others = np.flatnonzero(members[some]).tolist()
        groups = np.array([1 << first])
        for other in others:
            groups = np.concatenate([groups, groups | 1 << other])
        total = wanted[groups] + best[some ^ groups]
        cheapest = total.argmin()
        best[some], group[some] = total[cheapest], groups[cheapest]
    if best[-1] > len(people):
        return None
    filled = np.zeros(case.may.shape)
    rest, taken = len(members) - 1, 0
    while rest:
        one = int(group[rest])
        its = people[taken : taken + int(wanted[one])]
        duties = np.flatnonzero(np.isin(case.post, posts[members[one] > 0]) & (need > 0))
        only = np.isin(np.arange(len(need)), duties)
        order = duties[np.argsort(case.post[duties], kind="stable")]
        alone = replace(
            case,
            hours=case.hours * only[:, None],
            capacity=case.capacity * np.isin(np.arange(len(capacity)), its)[:, None],
        )
        month = fill(alone, t, order, best_fit=False)
        if month is None:
            raise RuntimeError("people who are alike do not do what they must be able to do; please report this team")
        filled += month.hours
        rest, taken = rest ^ one, taken + len(its)
    nobody = np.full(len(capacity), NOBODY)
    return Month(filled, with_owners(case, filled, np.full(len(need), NOBODY)), nobody)


def _ways(case: Case, t: int) -> Iterator[tuple[Ints, bool]]:
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


def fill(case: Case, t: int, order: Ints, *, best_fit: bool, start: Floats | None = None) -> Month | None:
    """Give out the duties in this order, each to those who wear its post, then to the one it fits best or to the next.

    Owners and bodies at one hour get their least hours first; `start` are hours that are given out already.
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
        free = case.may[:, d] & (room > tiny) & (wears | (count < case.most_hats))
        return free if clash is None else free & (hours @ clash[:, d] <= 0), room, wears

    def give(s: int, d: int, amount: float) -> None:
        hours[s, d] += amount
        used[s] += amount
        worn[s, case.post[d]] = True
        rest[d] = rest[d] - amount if amount < rest[d] else 0.0

    owner = np.full(len(case.post), NOBODY)
    for d in order[case.scarce[order]]:
        owns = case.authority[:, d] & (hours[:, d] >= case.least[d, t])
        if not owns.any():
            free, room, wears = places(d)
            free &= case.authority[:, d] & (room >= case.least[d, t])
            if not free.any():
                return None
            s = int(np.lexsort((-room, flexible, ~wears, ~free))[0])
            give(s, d, case.least[d, t] - hours[s, d])
            owns = np.arange(len(owns)) == s
        owner[d] = int(np.where(owns, hours[:, d], -1).argmax())
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
    month = Month(hours, with_owners(case, hours, owner), stands)
    return month if keeps_the_rules(case, t, month) else None
