"""One month of the integer programme of who does what: hours, hats, owners and bodies at one hour, as rows and columns.

Seats may stand for several identical ones (`Case.size`): then hats are counted, not placed, and the programme is a
relaxation: what it needs, every real plan needs. With seats of size 1 it is exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ecteam.people.problem import NOBODY, Bools, Case, Floats, Ints
from ecteam.staffing.headcount import ROUNDING

# HiGHS keeps whole numbers to 1e-6.
WHOLE = 1e-6


@dataclass(frozen=True, eq=False)
class Memory:
    """What was before: `worked` (seats, duties) in the last month in which the duty had hours, `seen` (seats, duties)
    whether the seat was there then, `owner` (duties,) or -1."""

    worked: Bools
    seen: Bools
    owner: Ints


@dataclass(frozen=True, eq=False)
class Month:
    """Who does what in one month: `hours` (seats, duties), `owner` (duties,), `stands` (seats,), a group or -1."""

    hours: Floats
    owner: Ints
    stands: Ints


@dataclass(frozen=True, eq=False)
class Block:
    """One month of the programme, its columns in the order of the kinds below; `short` are duties that may go short."""

    case: Case
    seat: Ints
    duty: Ints
    hat: Ints
    hat_seat: Ints
    marked: Ints
    owns: Ints
    stays: Ints
    group: Ints
    group_seat: Ints
    short: Ints
    rows: Any
    low: Floats
    high: Floats
    lower: Floats
    upper: Floats

    @property
    def at(self) -> Ints:
        """Where each kind of column begins, and the end."""
        kinds = (self.seat, self.hat_seat, self.case.may, self.marked, self.owns, self.group, self.stays, self.short)
        return np.concatenate([[0], np.cumsum([len(kind) for kind in kinds])])

    def columns(self, kind: int) -> slice:
        return slice(self.at[kind], self.at[kind + 1])


HOURS, HATS, OPEN, MARKS, OWNERS, BODIES, STAYS, SHORT = range(8)


def month_block(case: Case, t: int, memory: Memory | None = None, shortfall: bool = False) -> Block:
    """The rows of one month.

    (1) sum_s x_sd = H_d                                    every hour is given out
    (2) sum_d x_sd <= C_s (n_s - loss (sum_p h_sp - n_s))   the month, less what further hats cost
    (3) sum_d in p x_sd <= min(C_s, H_p) h_sp,  h_sp <= n_s,  sum_p h_sp <= most n_s
    (4) x_sd <= min(C_s, H_d) u_sd,  u_sa + u_sb <= n_s     pairs kept apart
    (5) x_sd >= least_d o_sd,  sum_s o_sd = 1 over those with authority
    (6) sum_s z_sg >= bodies_g,  sum_g z_sg <= n_s,  sum_d in g x_sd >= least_g z_sg,  z_sg <= sum_p of g h_sp
    """
    from scipy.sparse import csr_array

    need, capacity = case.hours[:, t], case.capacity[:, t] * (1 + ROUNDING)
    seat, duty = np.nonzero(case.may & (need > 0) & (capacity > 0)[:, None] & (case.size > 0)[:, None])
    posts = int(case.post.max(initial=0)) + 1
    wears, hat = np.unique(seat * posts + case.post[duty], return_inverse=True)
    hat_seat, hat_post = wears // posts, wears % posts
    post_hours = np.bincount(case.post, weights=need, minlength=posts)

    mark = np.isin(duty, case.apart)
    stays = np.zeros(0, dtype=np.int64)
    scarce = case.scarce
    if memory is not None:
        mark |= memory.seen[seat, duty]
        owner = memory.owner[duty]
        stays = np.flatnonzero((owner == seat) & case.authority[seat, duty] & ~scarce[duty])
    marked = np.flatnonzero(mark)
    owns = np.flatnonzero(scarce[duty] & case.authority[seat, duty])
    asked = case.bodies[:, t] > 0
    group_seat, group = np.nonzero((case.may.astype(int) @ (case.groups & (need > 0)).T > 0) & (capacity > 0)[:, None])
    kept = asked[group]
    group_seat, group = group_seat[kept], group[kept]

    short = np.flatnonzero(need > 0) if shortfall else stays[:0]
    block = Block(case, seat, duty, hat, hat_seat, marked, owns, stays, group, group_seat, short, *([np.zeros(0)] * 5))
    begin = block.at
    width = int(begin[-1])
    pair = np.arange(len(seat))
    parts: list[tuple[Ints, Ints, Floats]] = []
    low: list[Floats] = []
    high: list[Floats] = []
    height = 0

    def add(terms: Sequence[tuple[Any, Any, Any]], lower: Any, upper: Any, count: int) -> None:
        """Some rows of the same kind: terms are (row, column, value)."""
        nonlocal height
        for row, column, value in terms:
            row, column, value = np.broadcast_arrays(row, column, value)
            parts.append((row.ravel() + height, column.ravel(), value.ravel().astype(float)))
        low.append(np.broadcast_to(np.asarray(lower, dtype=float), count))
        high.append(np.broadcast_to(np.asarray(upper, dtype=float), count))
        height += count

    seats, hats = np.arange(len(case.may)), np.arange(len(hat_seat))
    # Eq. 1
    asked_duties = np.flatnonzero(need > 0)
    terms = [(np.searchsorted(asked_duties, duty), pair, 1)]
    if shortfall:
        terms.append((np.arange(len(short)), begin[SHORT] + np.arange(len(short)), 1))
    add(terms, need[asked_duties], need[asked_duties], len(asked_duties))
    # Eq. 2
    loss = case.hat_loss_share * capacity
    terms = [(seat, pair, 1), (hat_seat, begin[HATS] + hats, loss[hat_seat])]
    add([*terms, (seats, begin[OPEN] + seats, -capacity - loss)], -np.inf, 0, len(seats))
    # Eq. 3
    reach = np.minimum(capacity[hat_seat], post_hours[hat_post])
    add([(hat, pair, 1), (hats, begin[HATS] + hats, -reach)], -np.inf, 0, len(hats))
    add([(hats, begin[HATS] + hats, 1), (hats, begin[OPEN] + hat_seat, -1)], -np.inf, 0, len(hats))
    if case.most_hats < posts:
        add(
            [(hat_seat, begin[HATS] + hats, 1), (seats, begin[OPEN] + seats, -float(case.most_hats))],
            -np.inf,
            0,
            len(seats),
        )
    # A post needs as many hats as its hours fill heads: implied for whole hats, and it lifts the bound.
    worn, row = np.unique(hat_post, return_inverse=True)
    widest = np.zeros(len(worn))
    np.maximum.at(widest, row, capacity[hat_seat])
    if not shortfall:
        filled = np.ceil(post_hours[worn] / widest - WHOLE)
        add([(row, begin[HATS] + hats, 1)], filled, np.inf, len(worn))
    # Eq. 4
    marks = np.arange(len(marked))
    span = np.minimum(capacity[seat[marked]], need[duty[marked]])
    add([(marks, marked, 1), (marks, begin[MARKS] + marks, -span)], -np.inf, 0, len(marked))
    if memory is not None:
        # Who had a duty keeps it only by working on it.
        had = np.flatnonzero(memory.worked[seat[marked], duty[marked]])
        rows = np.arange(len(had))
        working = [(rows, marked[had], 1), (rows, begin[MARKS] + had, -case.least[duty[marked[had]], t])]
        add(working, 0, np.inf, len(had))
    place = np.full((len(case.may), len(need)), NOBODY)
    place[seat[marked], duty[marked]] = marks
    for first, second in case.apart:
        both = np.flatnonzero((place[:, first] >= 0) & (place[:, second] >= 0))
        rows = np.arange(len(both))
        terms = [(rows, begin[MARKS] + place[both, one], 1) for one in (first, second)]
        add([*terms, (rows, begin[OPEN] + both, -1)], -np.inf, 0, len(both))
    # Eq. 5
    owners = np.arange(len(owns))
    add([(owners, owns, 1), (owners, begin[OWNERS] + owners, -case.least[duty[owns], t])], 0, np.inf, len(owns))
    owned = np.flatnonzero(scarce & (need > 0))
    add([(np.searchsorted(owned, duty[owns]), begin[OWNERS] + owners, 1)], 1, 1, len(owned))
    staying = np.arange(len(stays))
    add([(staying, stays, 1), (staying, begin[STAYS] + staying, -case.least[duty[stays], t])], 0, np.inf, len(stays))
    # Eq. 6
    bodies = np.arange(len(group))
    groups = np.flatnonzero(asked)
    add([(np.searchsorted(groups, group), begin[BODIES] + bodies, 1)], case.bodies[groups, t], np.inf, len(groups))
    terms = [(group_seat, begin[BODIES] + bodies, 1), (seats, begin[OPEN] + seats, -1)]
    add(terms, -np.inf, 0, len(seats))
    in_group = np.full((len(case.may), len(case.groups)), NOBODY)
    in_group[group_seat, group] = bodies
    body_of, its_pair = np.nonzero(case.groups[:, duty])
    stander = in_group[seat[its_pair], body_of]
    its_pair, stander = its_pair[stander >= 0], stander[stander >= 0]
    terms = [(stander, its_pair, 1), (bodies, begin[BODIES] + bodies, -case.group_least[group, t])]
    add(terms, 0, np.inf, len(bodies))
    # One term for each hat: a sum of ones would count a hat once for each of its duties.
    link = np.unique(np.stack([stander, hat[its_pair]], axis=1), axis=0) if len(its_pair) else np.zeros((0, 2), int)
    terms = [(link[:, 0], begin[HATS] + link[:, 1], 1), (bodies, begin[BODIES] + bodies, -1)]
    add(terms, 0, np.inf, len(bodies))

    row, column, value = (np.concatenate(items) for items in zip(*parts, strict=True))
    size = case.size.astype(float)
    upper = np.concatenate(
        [
            np.minimum(capacity[seat] * size[seat], need[duty]),
            size[hat_seat],
            np.where(case.there[:, t], size, 0),
            size[seat[marked]],
            np.ones(len(owns)),
            size[group_seat],
            np.ones(len(stays)),
            need[short],
        ]
    )
    lower = np.zeros(width)
    lower[block.columns(OPEN)] = np.where(case.on_board & case.there[:, t], size, 0)
    matrix = csr_array((value, (row, column)), shape=(height, width))
    return replace(block, rows=matrix, low=np.concatenate(low), high=np.concatenate(high), lower=lower, upper=upper)
