"""The programme of a hiring plan: what is decided each month, the constraints that tie it, and how it is solved.

Columns are blocks of (roles, months).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ecteam.hiring.terms import Problem
from ecteam.inputs.arguments import Floats

Ints = npt.NDArray[np.int64]

TIE = 1e-7
"""The share of a hire's cost by which a start a month earlier counts as dearer: of equal plans, the later start."""
MOST_NODES = 20_000
"""Where to stop the search for whole numbers: a limit that is the same on every machine, as one of time is not."""
_WHOLE = 1e-5
PEOPLE = ("starts", "replacements", "released", "posts", "staff", "vacant", "booked", "capacity")
WORK = ("worked", "overtime", "outsourced", "part_time")


@dataclass(frozen=True, eq=False)
class Programme:
    """min cost x  so that  row_low <= matrix x <= row_high,  low <= x <= high,  some of x whole.

    `implied` are whole in every best solution because others are: nobody is hired and let go in the same month.
    """

    places: dict[str, Ints]
    cost: Floats
    tie: Floats
    matrix: Any
    row_low: Floats
    row_high: Floats
    low: Floats
    high: Floats
    whole: npt.NDArray[np.bool_]
    implied: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of the matrix as triples, with their bounds."""

    row: Ints
    column: Ints
    value: Floats
    low: Floats
    high: Floats


def rows_of(terms: Iterable[tuple[Any, Any, Any]], low: Any, high: Any, shape: tuple[int, ...]) -> Rows:
    """Rows from terms (positions in the block, columns, coefficients) that broadcast; `shape` is that of the block."""
    parts = [np.broadcast_arrays(row, column, np.asarray(value, dtype=float)) for row, column, value in terms]
    row, column, value = (np.concatenate([part[i].ravel() for part in parts]) for i in range(3))
    bounds = [np.array(np.broadcast_to(np.asarray(b, dtype=float), shape)).ravel() for b in (low, high)]
    return Rows(row, column, value, *bounds)


def stacked(blocks: list[Rows], columns: int) -> tuple[Any, Floats, Floats]:
    """All blocks as one sparse matrix, and the bounds of its rows."""
    from scipy import sparse

    begin = np.cumsum([0, *(len(block.low) for block in blocks)])
    row = np.concatenate([block.row + first for block, first in zip(blocks, begin[:-1], strict=True)])
    column, value = (np.concatenate([getattr(b, name) for b in blocks]) for name in ("column", "value"))
    kept = value != 0
    matrix = sparse.csr_array((value[kept], (row[kept], column[kept])), shape=(begin[-1], columns))
    return matrix, np.concatenate([b.low for b in blocks]), np.concatenate([b.high for b in blocks])


def programme(problem: Problem) -> Programme:
    """The whole programme: heads are whole people, hours and expected leavers decimals."""
    roles, months = len(problem.roles), len(problem.months)
    shapes: dict[str, tuple[int, ...]] = {"moved": (len(problem.moves), months)}
    shapes |= dict.fromkeys(PEOPLE + WORK, (roles, months))
    sizes = {name: int(np.prod(shape)) for name, shape in shapes.items()}
    ends = np.cumsum(list(sizes.values()))
    at = {name: np.arange(end - sizes[name], end).reshape(shapes[name]) for name, end in zip(shapes, ends, strict=True)}
    blocks = [*_people(problem, at), *_work(problem, at)]
    matrix, row_low, row_high = stacked(blocks, int(ends[-1]))
    cost, tie = _cost(problem, at, int(ends[-1]))
    low, high = _bounds(problem, at, int(ends[-1]))
    is_whole, implied = np.zeros((2, int(ends[-1])), dtype=bool)
    # Where people may be let go, posts so far are searched ten times faster than starts and releases by the month.
    release = problem.allowed["release"]
    is_whole[at["posts"][release]] = is_whole[at["starts"][~release]] = is_whole[at["moved"]] = True
    implied[at["starts"][release]] = implied[at["released"][release]] = True
    return Programme(at, cost, tie, matrix, row_low, row_high, low, high, is_whole, implied)


def _people(problem: Problem, at: dict[str, Ints]) -> list[Rows]:
    """Who is on board, whose post is vacant, what they get done, and that enough of them are there."""
    of, shape = problem.of, (len(problem.roles), len(problem.months))
    block = np.arange(np.prod(shape)).reshape(shape)
    later, before = block[:, 1:], np.s_[:, :-1]
    leaving = of["attrition_per_month"]
    opening = np.zeros(shape)
    opening[:, 0] = of["heads_at_start"][:, 0]
    source, target = problem.moves.T
    # staff_t = (1 - attrition) staff_(t-1) + starts + replacements + signed - released + moved in - moved out
    staff = [
        (block, at["staff"], 1.0),
        (later, at["staff"][before], -(1 - leaving[:, 1:])),
        (block, at["starts"], -1.0),
        (block, at["replacements"], -1.0),
        (block, at["released"], 1.0),
        (block[source], at["moved"], 1.0),
        (block[target], at["moved"], -1.0),
    ]
    joined = opening * (1 - leaving) + of["signed_starts"]
    # posts_t = posts_(t-1) + starts - released + moved in - moved out
    posts = [
        (block, at["posts"], 1.0),
        (later, at["posts"][before], -1.0),
        (block, at["starts"], -1.0),
        (block, at["released"], 1.0),
        (block[source], at["moved"], 1.0),
        (block[target], at["moved"], -1.0),
    ]
    # vacant_t = vacant_(t-1) + leavers - replacements: nobody is replaced who has not left.
    vacancy = [
        (block, at["vacant"], 1.0),
        (later, at["vacant"][before], -1.0),
        (later, at["staff"][before], -leaving[:, 1:]),
        (block, at["replacements"], 1.0),
    ]
    left = opening * leaving
    hours, speed = of["hours_per_head"], of["temp_productivity"]
    capacity = [
        (block, at["capacity"], 1.0),
        (block, at["staff"], -hours),
        (block, at["booked"], -speed),
        (block[target], at["moved"], problem.move_loss[:, None] * hours[target]),
    ]
    for month in range(min(problem.learning.shape[1], shape[1])):
        lost = (problem.learning[:, [month]] * (1 - leaving) ** month * hours)[:, month:]
        begun = np.s_[:, : shape[1] - month]
        lost[problem.trained, 0] = 0.0
        capacity += [(block[:, month:], at[name][begun], lost) for name in ("starts", "replacements")]
    rows = [
        rows_of(posts, 0.0, 0.0, shape),
        rows_of(staff, joined, joined, shape),
        rows_of(vacancy, left, left, shape),
        rows_of(capacity, -hours * of["opening_loss"], -hours * of["opening_loss"], shape),
    ]
    r, t = np.nonzero(np.isfinite(of["temp_most_hours_per_head"]))
    number = np.arange(len(r))
    beside = [(number, at["booked"][r, t], 1.0), (number, at["staff"][r, t], -of["temp_most_hours_per_head"][r, t])]
    rows.append(rows_of(beside, -np.inf, 0.0, r.shape))
    asked = np.argwhere(of["least_present"] > of["least_heads"])
    if len(asked):
        r, t = asked.T
        number = np.arange(len(asked))
        share = np.divide(speed, hours, out=np.zeros(shape), where=hours > 0)[r, t]
        present = [(number, at["staff"][r, t], 1.0), (number, at["booked"][r, t], share)]
        rows.append(rows_of(present, of["least_present"][r, t], np.inf, (len(asked),)))
    return rows


def _work(problem: Problem, at: dict[str, Ints]) -> list[Rows]:
    """That every month's work is done."""
    of, need = problem.of, problem.need
    block = np.arange(need.size).reshape(need.shape)
    own = [
        (block, at["worked"], 1.0),
        (block, at["capacity"], -1.0),
        (block, at["overtime"], -of["overtime_productivity"]),
    ]
    overtime = [(block, at["overtime"], 1.0), (block, at["staff"], -of["overtime_most_hours_per_head"])]
    done = [(block, at[name], 1.0) for name in ("worked", "outsourced", "part_time")]
    return [
        rows_of(own, -np.inf, 0.0, need.shape),
        rows_of(overtime, -np.inf, 0.0, need.shape),
        rows_of(done, need, need, need.shape),
    ]


def _cost(problem: Problem, at: dict[str, Ints], columns: int) -> tuple[Floats, Floats]:
    """The price of each column, and what breaks ties."""
    of = problem.of
    cost, tie = np.zeros(columns), np.zeros(columns)
    prices: dict[str, Any] = {
        "starts": of["hire_cost"],
        "replacements": of["hire_cost"],
        "released": of["release_cost"],
        "staff": of["cost_per_head"],
        "booked": of["temp_cost_per_hour"],
        "moved": np.broadcast_to(problem.move_cost[:, None], at["moved"].shape),
        "overtime": of["overtime_cost_per_hour"],
        "outsourced": of["outsourced_cost_per_hour"],
        "part_time": of["part_time_cost_per_hour"],
    }
    for name, price in prices.items():
        cost[at[name]] = price
    months = at["starts"].shape[1]
    scale = TIE * max(float(np.max(of["hire_cost"] + of["cost_per_head"])), 1.0) / months
    tie[at["starts"]] = scale * np.arange(months, 0, -1)
    tie[at["moved"]] = scale * months
    return cost, tie


def _bounds(problem: Problem, at: dict[str, Ints], columns: int) -> tuple[Floats, Floats]:
    """What each column may be."""
    of, allowed = problem.of, problem.allowed
    low, high = np.zeros(columns), np.full(columns, np.inf)
    low[at["posts"]] = -np.inf
    month = np.arange(len(problem.months))
    may_start = month >= problem.first_start[:, None]
    high[at["starts"]] = np.where(may_start, _enough(problem)[:, None], 0.0)
    high[at["replacements"]] = np.where(may_start | problem.ahead[:, None], np.inf, 0.0)
    high[at["released"]] = np.where(allowed["release"][:, None], np.inf, 0.0)
    low[at["staff"]] = of["least_heads"]
    high[at["booked"]] = np.where(allowed["temp"][:, None], of["temp_most_hours"], 0.0)
    high[at["overtime"]] = np.where(allowed["overtime"][:, None], np.inf, 0.0)
    high[at["outsourced"]] = np.where(allowed["outsourced"][:, None], np.inf, 0.0)
    high[at["part_time"]] = np.where(allowed["part_time"][:, None], of["part_time_most_hours"], 0.0)
    return low, high


def _enough(problem: Problem) -> Floats:
    """So many starts in one month do all the work of every later one, (roles,): more are never of use.

    Infinite where a newcomer may do nothing, and where people may be passed on.
    """
    of = problem.of
    least_work = (of["hours_per_head"] * (1 - of["attrition_per_month"]) ** len(problem.months)).min(axis=1)
    least_work = least_work * (1 - problem.learning.max(axis=1, initial=0))
    known = (least_work > 0) & (len(problem.moves) == 0)
    heads = np.divide(problem.need.max(axis=1), least_work, out=np.zeros(len(known)), where=known)
    stay = (1 - of["attrition_per_month"].max(axis=1)) ** len(problem.months)
    there = np.maximum(of["least_heads"], of["least_present"]).max(axis=1) / stay
    return np.where(known, np.ceil(heads) + np.ceil(there), np.inf)


def solve(model: Programme, gap: float) -> tuple[Floats | None, float]:
    """The columns of a cheapest plan, None if there is none, and a bound below which no plan costs.

    Deterministic: fixed options, no time limit. The prices that break ties are taken off the bound again.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    def searched(whole: npt.NDArray[np.bool_]) -> Any:
        found = milp(
            model.cost + model.tie,
            constraints=LinearConstraint(model.matrix, model.row_low, model.row_high),
            bounds=Bounds(model.low, model.high),
            integrality=whole.astype(np.int64),
            options={"mip_rel_gap": gap, "presolve": True, "node_limit": MOST_NODES},
        )
        # Status 1: the limit of nodes; the plan found by then stands, with the gap it has.
        if found.status not in (0, 1, 2) or (found.x is None and found.status != 2):
            raise RuntimeError(f"HiGHS found no plan: {found.message}")
        return found

    whole, implied = model.whole, model.implied
    found = searched(whole)
    if found.status != 2 and np.abs(found.x - np.rint(found.x))[implied].max(initial=0) > _WHOLE:
        found = searched(whole | implied)
    if found.status == 2:
        return None, np.inf
    x = np.where(whole | implied, np.rint(found.x), found.x)
    x = np.where(np.abs(x) < 1e-9, 0.0, x)
    dual = found.mip_dual_bound
    lower = found.fun if dual is None or not whole.any() else dual
    return x, float(lower - model.tie @ np.maximum(x, 0))


def triples(model: Programme) -> tuple[Ints, Ints, Floats]:
    """The matrix as rows, columns and values."""
    entries = model.matrix.tocoo()
    return entries.coords[0].astype(np.int64), entries.coords[1].astype(np.int64), entries.data
