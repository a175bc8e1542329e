"""The integer programme of who does what in one month, with the fewest changes from the month before, solved by HiGHS:
hours, hats, owners and bodies at one hour."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecteam.inputs.arguments import ROUNDING
from ecteam.people.problem import NOBODY, AssignmentProblem, Bools, Floats, Ints, merged_duties

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

    seat: Ints
    duty: Ints
    hat: Ints
    hat_seat: Ints
    marked: Ints
    stays: Ints
    group: Ints
    group_seat: Ints
    short: Ints
    rows: Any
    low: Floats
    high: Floats
    upper: Floats

    @property
    def at(self) -> Ints:
        """Where each kind of column begins, and the end."""
        kinds = (self.seat, self.hat_seat, self.marked, self.group, self.stays, self.short)
        return np.concatenate([[0], np.cumsum([len(kind) for kind in kinds])])

    def columns(self, kind: int) -> slice:
        return slice(self.at[kind], self.at[kind + 1])


HOURS, HATS, MARKS, BODIES, STAYS, SHORT = range(6)


def month_block(case: AssignmentProblem, t: int, memory: Memory | None = None, shortfall: bool = False) -> Block:
    """The rows of one month.

    (1) sum_s x_sd = H_d                                    every hour is given out
    (2) sum_d x_sd <= C_s (1 - loss (sum_p h_sp - 1))       the month, less what further hats cost
    (3) sum_d in p x_sd <= min(C_s, H_p) h_sp
    (4) x_sd <= min(C_s, H_d) u_sd,  u_sa + u_sb <= 1       pairs kept apart
    (5) x_sd >= least_d o_sd for the owner o of the month before, who stays where that can be
    (6) sum_s z_sg >= bodies_g,  sum_g z_sg <= 1,  sum_d in g x_sd >= least_g z_sg,  z_sg <= sum_p of g h_sp
    """
    from scipy.sparse import csr_array

    need, capacity = case.hours[:, t], case.capacity[:, t] * (1 + ROUNDING)
    seat, duty = np.nonzero(case.may & (need > 0) & (capacity > 0)[:, None])
    posts = int(case.post.max(initial=0)) + 1
    wears, hat = np.unique(seat * posts + case.post[duty], return_inverse=True)
    hat_seat, hat_post = wears // posts, wears % posts
    post_hours = np.bincount(case.post, weights=need, minlength=posts)

    mark = np.isin(duty, case.apart)
    stays = np.zeros(0, dtype=np.int64)
    if memory is not None:
        mark |= memory.seen[seat, duty]
        stays = np.flatnonzero(memory.owner[duty] == seat)
    marked = np.flatnonzero(mark)
    asked = case.bodies[:, t] > 0
    group_seat, group = np.nonzero((case.may.astype(int) @ (case.groups & (need > 0)).T > 0) & (capacity > 0)[:, None])
    kept = asked[group]
    group_seat, group = group_seat[kept], group[kept]

    short = np.flatnonzero(need > 0) if shortfall else stays[:0]
    block = Block(seat, duty, hat, hat_seat, marked, stays, group, group_seat, short, *([np.zeros(0)] * 4))
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
    add(terms, -np.inf, capacity + loss, len(seats))
    # Eq. 3
    reach = np.minimum(capacity[hat_seat], post_hours[hat_post])
    add([(hat, pair, 1), (hats, begin[HATS] + hats, -reach)], -np.inf, 0, len(hats))
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
        add(terms, -np.inf, 1, len(both))
    # Eq. 5
    staying = np.arange(len(stays))
    add([(staying, stays, 1), (staying, begin[STAYS] + staying, -case.least[duty[stays], t])], 0, np.inf, len(stays))
    # Eq. 6
    bodies = np.arange(len(group))
    groups = np.flatnonzero(asked)
    add([(np.searchsorted(groups, group), begin[BODIES] + bodies, 1)], case.bodies[groups, t], np.inf, len(groups))
    add([(group_seat, begin[BODIES] + bodies, 1)], -np.inf, 1, len(seats))
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
    ones = np.ones(begin[SHORT] - begin[HATS])
    upper = np.concatenate([np.minimum(capacity[seat], need[duty]), ones, need[short]])
    matrix = csr_array((value, (row, column)), shape=(height, width))
    return replace(block, rows=matrix, low=np.concatenate(low), high=np.concatenate(high), upper=upper)


# Ties in the first aim are broken by hats; together they must weigh less than the gap that proves the aim.
_TIES, _PROVED, _LIFT = 0.3, 0.6, 1000.0


def _whole(block: Block) -> NDArray[np.int64]:
    whole = np.ones(int(block.at[-1]), dtype=np.int64)
    whole[block.columns(HOURS)] = whole[block.columns(SHORT)] = 0
    return whole


def solve_month(
    case: AssignmentProblem, t: int, memory: Memory | None = None, node_limit: int | None = None
) -> tuple[Month | None, bool]:
    """Who does what in month `t` with the seats on board? None where it cannot be done; and whether that is proved.

    The fewest changes from `memory`: pairs of seat and duty that begin or end among seats and duties that were there,
    and owners who are others. Then few hats, not proved: the search stops when the changes are.
    """
    # A hair less room where the hours do not fit exactly on hats that HiGHS holds to be whole.
    for hair in (0.0, 2 * WHOLE):
        block = month_block(replace(case, capacity=case.capacity * (1 - hair)), t, memory)
        price = np.zeros(int(block.at[-1]))
        hats = block.columns(HATS)
        price[hats] = _TIES / max(hats.stop - hats.start, 1)
        if memory is not None:
            had = memory.worked[block.seat, block.duty][block.marked]
            counts = memory.seen[block.seat, block.duty][block.marked]
            price[block.columns(MARKS)] = np.where(counts, np.where(had, -1.0, 1.0), 0.0)
            price[block.columns(STAYS)] = -1.0
        # A constant lifts the aim, so that the relative gap of the solver is an absolute one.
        lift = _LIFT - price[price < 0].sum()
        answer = _solved(block, price, lift, {"mip_rel_gap": _PROVED / (2 * lift), "node_limit": node_limit})
        if answer.x is None:
            return None, answer.status == 2
        month = _month(case, block, t, answer.x, memory)
        if month is not None:
            return month, answer.status == 0
    return None, False


def shortfall(case: AssignmentProblem, t: int) -> Floats:
    """The fewest hours of each duty, (duties,), that cannot be given out in month `t`; all rules but the hours hold."""
    block = month_block(case, t, shortfall=True)
    price = np.zeros(int(block.at[-1]))
    price[block.columns(SHORT)] = 1.0
    answer = _solved(block, price, 0.0, {"mip_rel_gap": 1e-6})
    hours = np.zeros(len(case.post))
    if answer.x is not None:
        hours[block.short] = answer.x[block.columns(SHORT)]
    return hours


def relaxed_hours(case: AssignmentProblem, t: int) -> Floats | None:
    """Hours, (seats, duties), on the hats of the programme whose hats may be parts: most of the month, in few hats."""
    fewer, kind = merged_duties(case)
    block = month_block(fewer, t)
    price = np.zeros(int(block.at[-1]))
    price[block.columns(HATS)] = 1.0
    answer = _solved(block, price, 0.0, {}, whole=False)
    if answer.x is None:
        return None
    raw = np.zeros(fewer.may.shape)
    raw[block.seat, block.duty] = answer.x[block.columns(HOURS)]
    allowed = (raw > WHOLE)[:, kind] & case.may & (case.hours[:, t] > 0)
    nobody = np.full(len(case.may), NOBODY)
    return exact_hours(case, t, allowed, np.zeros(allowed.shape), nobody, all_of_it=False)


def may_be_possible(case: AssignmentProblem, t: int) -> bool:
    """False where the programme of month `t` has no answer even if hats may be parts."""
    block = month_block(case, t)
    return _solved(block, np.zeros(int(block.at[-1])), 0.0, {}, whole=False).status != 2


def _solved(block: Block, price: Floats, lift: float, limits: dict[str, Any], *, whole: bool = True) -> Any:
    """The answer of HiGHS for one month; `lift` is a constant of the aim, `limits` are options of `milp`."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array, hstack

    rows = hstack([block.rows, csr_array((block.rows.shape[0], 1))], format="csr")
    lower = np.append(np.zeros(len(block.upper)), 1)
    options: Any = {name: value for name, value in limits.items() if value is not None}
    answer = milp(
        np.append(price, lift),
        constraints=LinearConstraint(rows, block.low, block.high),
        bounds=Bounds(lower, np.append(block.upper, 1)),
        integrality=np.append(_whole(block) * whole, 0),
        options=options,
    )
    # 0 solved, 1 stopped at the limit, 2 impossible; SciPy gives 4 where HiGHS stops at the limit without an answer.
    if answer.status not in (0, 1, 2) and answer.x is None and "limit" not in answer.message:
        raise RuntimeError(f"HiGHS found no answer for who does what: {answer.message}")
    return answer


def _month(case: AssignmentProblem, block: Block, t: int, solution: Floats, memory: Memory | None) -> Month | None:
    """The answer on exact hours, or None where they do not fit by a hair."""
    shape = case.may.shape
    allowed = np.zeros(shape, dtype=bool)
    hats = solution[block.columns(HATS)] > 0.5
    allowed[block.seat, block.duty] = hats[block.hat]
    marks = solution[block.columns(MARKS)] > 0.5
    allowed[block.seat[block.marked], block.duty[block.marked]] &= marks
    raw = np.zeros(shape)
    raw[block.seat, block.duty] = solution[block.columns(HOURS)]
    allowed &= raw > WHOLE * np.minimum(case.hours[:, t], 1)
    least = np.zeros(shape)
    owner = np.full(shape[1], NOBODY)
    chosen = block.stays[solution[block.columns(STAYS)] > 0.5]
    owner[block.duty[chosen]] = block.seat[chosen]
    least[block.seat[chosen], block.duty[chosen]] = case.least[block.duty[chosen], t]
    if memory is not None:
        kept = block.marked[marks & memory.worked[block.seat, block.duty][block.marked]]
        least[block.seat[kept], block.duty[kept]] = case.least[block.duty[kept], t]
    allowed |= least > 0
    stands = np.full(shape[0], NOBODY)
    standing = solution[block.columns(BODIES)] > 0.5
    stands[block.group_seat[standing]] = block.group[standing]
    for s in np.flatnonzero(stands >= 0):
        allowed[s] |= raw[s] * case.groups[stands[s]] > 0
    hours = exact_hours(case, t, allowed, least, stands)
    return None if hours is None else Month(hours, with_owners(hours, owner), stands)


def with_owners(hours: Floats, owner: Ints) -> Ints:
    """Duties without an owner get the one who does most of it: never less than `least`."""
    return np.where((owner == NOBODY) & (hours.sum(axis=0) > 0), hours.argmax(axis=0), owner)


def exact_hours(
    case: AssignmentProblem, t: int, allowed: Bools, least: Floats, stands: Ints, *, all_of_it: bool = True
) -> Floats | None:
    """The hours on given hats, (seats, duties), to the last digits; None where they do not fit.

    As many hours as fit where not `all_of_it` must.

    A linear programme: its vertex is exact, unlike the hours of an integer programme.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    need = case.hours[:, t]
    seat, duty = np.nonzero(allowed & (need > 0))
    if all_of_it and not np.isin(np.flatnonzero(need > 0), duty).all():
        return None
    asked, row = np.unique(duty, return_inverse=True)
    pair = np.arange(len(seat))
    posts = int(case.post.max(initial=0)) + 1
    wears = np.zeros((len(case.may), posts), dtype=bool)
    wears[seat, case.post[duty]] = True
    further = np.maximum(wears.sum(axis=1) - 1, 0)
    room = case.capacity[:, t] * (1 + ROUNDING) * (1 - case.hat_loss_share * further)
    standing = np.flatnonzero(stands >= 0)
    height = len(room) + len(standing)
    in_group = np.flatnonzero((stands[seat] >= 0) & case.groups[stands[seat], duty]) if len(case.groups) else pair[:0]
    rows = np.concatenate([seat, len(room) + np.searchsorted(standing, seat[in_group])])
    values = np.concatenate([np.ones(len(pair)), -np.ones(len(in_group))])
    limits = csr_array((values, (rows, np.concatenate([pair, in_group]))), shape=(height, len(pair)))
    bodies = case.group_least[stands[standing], t] if len(standing) else np.zeros(0)
    given = csr_array((np.ones(len(pair)), (row, pair)), shape=(len(asked), len(pair)))
    if not all_of_it:
        limits = vstack([limits, given], format="csr")
    most = np.concatenate([room, -bodies, need[asked] if not all_of_it else bodies[:0]])
    answer: Any = linprog(  # type: ignore[call-overload]  # the stubs know no rows that may be None
        np.full(len(pair), 0.0 if all_of_it else -1.0),
        A_ub=limits,
        b_ub=most,
        A_eq=given if all_of_it else None,
        b_eq=need[asked] if all_of_it else None,
        bounds=np.stack([least[seat, duty], np.full(len(pair), np.inf)], axis=1),
        method="highs-ds",
    )
    if answer.status != 0:
        return None
    hours = np.zeros(case.may.shape)
    hours[seat, duty] = answer.x
    return hours
