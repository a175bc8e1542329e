"""The programme of a hiring plan: what is decided each month, the constraints that tie it, and how it is solved.

Columns are blocks of (roles, months), or (scenarios, roles, months) for what is decided when demand is seen.

Hire now, see demand later: a plan over demand scenarios, with tangents instead of one programme for all of them.

What covers a shortage when demand is seen (overtime, temps on call, outsourced hours, cheapest first) costs a convex,
piecewise linear amount in what was decided before. The programme holds that cost from below by tangents and gets a new
one wherever its solution pays too little [1].

[1] R. M. Van Slyke, R. Wets, L-shaped linear programs with applications to optimal control and stochastic programming,
SIAM J. Appl. Math. 17 (1969).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ecteam.hiring.terms import Problem
from ecteam.inputs.checks import Floats

Ints = npt.NDArray[np.int64]
Whole = Literal["heads", "heads_and_work", "nothing"]

TIE = 1e-7
"""The share of a hire's cost by which a start a month earlier counts as dearer: of equal plans, the later start."""
MOST_NODES = 20_000
"""Where to stop the search for whole numbers: a limit that is the same on every machine, as one of time is not."""
_WHOLE = 1e-5
FIRST = ("starts", "replacements", "released", "posts", "staff", "vacant", "booked", "capacity")
LATER = ("worked", "overtime", "temps", "outsourced", "stock", "late")
WHOLE_WORK = ("worked", "outsourced", "stock", "late")


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


def programme(problem: Problem, whole: Whole, *, later: bool = True) -> Programme:
    """The whole programme; with `later=False` what is decided when demand is seen is one column `later_cost`."""
    roles, months = len(problem.roles), len(problem.months)
    scenarios = len(problem.chances)
    shapes: dict[str, tuple[int, ...]] = {"moved": (len(problem.moves), months)}
    shapes |= dict.fromkeys(FIRST, (roles, months))
    shapes |= dict.fromkeys(LATER, (scenarios, roles, months)) if later else {"later_cost": (roles, months)}
    sizes = {name: int(np.prod(shape)) for name, shape in shapes.items()}
    ends = np.cumsum(list(sizes.values()))
    at = {name: np.arange(end - sizes[name], end).reshape(shapes[name]) for name, end in zip(shapes, ends, strict=True)}
    blocks = [*_people(problem, at), *(_work(problem, at) if later else _always_enough(problem, at))]
    matrix, row_low, row_high = stacked(blocks, int(ends[-1]))
    cost, tie = _cost(problem, at, int(ends[-1]))
    low, high = _bounds(problem, at, int(ends[-1]))
    is_whole, implied = np.zeros((2, int(ends[-1])), dtype=bool)
    if whole != "nothing":
        # Where people may be let go, posts so far are searched ten times faster than starts and releases by the month.
        release = problem.allowed["release"]
        is_whole[at["posts"][release]] = is_whole[at["starts"][~release]] = is_whole[at["moved"]] = True
        implied[at["starts"][release]] = implied[at["released"][release]] = True
    if whole == "heads_and_work":
        for name in (name for name in WHOLE_WORK if name in at):
            is_whole[at[name]] = True
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
    """That every month's work is done: (scenarios, roles, months)."""
    of, need = problem.of, problem.need
    block = np.arange(need.size).reshape(need.shape)
    before = np.s_[:, :, :-1]
    own = [
        (block, at["worked"], 1.0),
        (block, at["capacity"], -1.0),
        (block, at["overtime"], -of["overtime_productivity"]),
    ]
    overtime = [(block, at["overtime"], 1.0), (block, at["staff"], -of["overtime_most_hours_per_head"])]
    done = [
        (block, at["worked"], 1.0),
        (block, at["temps"], of["temp_productivity"]),
        (block, at["outsourced"], 1.0),
        (block, at["stock"], -1.0),
        (block[:, :, 1:], at["stock"][before], 1.0),
        (block, at["late"], 1.0),
        (block[:, :, 1:], at["late"][before], -1.0),
    ]
    asked = need.copy()
    asked[:, :, 0] -= of["hours_at_start"][:, 0]
    rows = [
        rows_of(own, -np.inf, 0.0, need.shape),
        rows_of(overtime, -np.inf, 0.0, need.shape),
        rows_of(done, asked, asked, need.shape),
    ]
    if len(problem.chances) > 1:
        temps = [(block, at["booked"], 1.0), (block, at["temps"], 1.0)]
        rows.append(rows_of(temps, -np.inf, of["temp_most_hours"], need.shape))
        per_head = of["temp_most_hours_per_head"]
        s, r, t = np.nonzero(np.broadcast_to(np.isfinite(per_head), need.shape))
        number = np.arange(len(s))
        beside = [(number, at["booked"][r, t], 1.0), (number, at["temps"][s, r, t], 1.0)]
        rows.append(rows_of([*beside, (number, at["staff"][r, t], -per_head[r, t])], -np.inf, 0.0, s.shape))
    return rows


def _always_enough(problem: Problem, at: dict[str, Ints]) -> list[Rows]:
    """That the busiest scenario of each month can be covered at all, under each of the two limits on temps."""
    of, allowed = problem.of, {name: may[:, None] for name, may in problem.allowed.items()}
    shape = of["hours_per_head"].shape
    speed = np.where(allowed["temp"], of["temp_productivity"], 0.0)
    bought = np.where(allowed["outsourced"], of["outsourced_most_hours"], 0.0)
    overtime = np.where(allowed["overtime"], of["overtime_most_hours_per_head"] * of["overtime_productivity"], 0.0)
    most = problem.need.max(axis=0)
    block = np.arange(most.size).reshape(shape)
    rows = []
    for limit, each in ((of["temp_most_hours"], 0.0), (0.0, of["temp_most_hours_per_head"])):
        # Temps without a limit cover everything: no row is needed.
        known = np.isfinite(limit + each) | (speed == 0)
        limit, each = (np.where(known & (speed > 0), v, 0.0) for v in (limit, each))
        terms = [
            (block, at["capacity"], 1.0),
            (block, at["staff"], overtime + speed * each),
            (block, at["booked"], -speed),
        ]
        rows.append(rows_of(terms, np.where(known, most - bought - speed * limit, -np.inf), np.inf, shape))
    return rows


def _cost(problem: Problem, at: dict[str, Ints], columns: int) -> tuple[Floats, Floats]:
    """The price of each column, and what breaks ties."""
    of, chances = problem.of, problem.chances[:, None, None]
    cost, tie = np.zeros(columns), np.zeros(columns)
    prices: dict[str, Any] = {
        "starts": of["hire_cost"],
        "replacements": of["hire_cost"],
        "released": of["release_cost"],
        "staff": of["cost_per_head"],
        "booked": of["temp_cost_per_hour"],
        "moved": np.broadcast_to(problem.move_cost[:, None], at["moved"].shape),
    }
    if "later_cost" in at:
        prices["later_cost"] = np.ones(at["later_cost"].shape)
    else:
        prices |= {
            "worked": chances * of["work_cost_per_hour"],
            "overtime": chances * of["overtime_cost_per_hour"],
            "temps": chances * (of["temp_cost_per_hour"] + of["work_cost_per_hour"] * of["temp_productivity"]),
            "outsourced": chances * of["outsourced_cost_per_hour"],
            "stock": chances * of["holding_cost_per_hour"],
            "late": chances * of["late_cost_per_hour"],
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
    high[at["starts"]] = np.where(may_start, np.minimum(of["most_starts"], _enough(problem)[:, None]), 0.0)
    high[at["replacements"]] = np.where(may_start | problem.ahead[:, None], of["most_starts"], 0.0)
    high[at["released"]] = np.where(allowed["release"][:, None], np.inf, 0.0)
    low[at["staff"]], high[at["staff"]] = of["least_heads"], of["most_heads"]
    high[at["booked"]] = np.where(allowed["temp"][:, None], of["temp_most_hours"], 0.0)
    if "later_cost" in at:
        return low, high
    # With one need, temps are booked; temps on call only cover what was not foreseen.
    on_call = allowed["temp"][:, None] & (len(problem.chances) > 1)
    high[at["temps"]] = np.where(on_call, of["temp_most_hours"], 0.0)
    high[at["overtime"]] = np.where(allowed["overtime"][:, None], np.inf, 0.0)
    high[at["outsourced"]] = np.where(allowed["outsourced"][:, None], of["outsourced_most_hours"], 0.0)
    stored = problem.stored[:, None]
    high[at["stock"]] = np.where(stored, np.inf, 0.0)
    high[at["late"]] = np.where(stored & (month < len(month) - 1), np.inf, 0.0)
    low[at["stock"][:, :, -1]] = of["hours_at_end"][:, -1]
    return low, high


def _enough(problem: Problem) -> Floats:
    """So many starts in one month do all the work of every later one, (roles,): more are never of use.

    Infinite where a newcomer may do nothing, where work can pile up, and where people may be passed on.
    """
    of = problem.of
    least_work = (of["hours_per_head"] * (1 - of["attrition_per_month"]) ** len(problem.months)).min(axis=1)
    least_work = least_work * (1 - problem.learning.max(axis=1, initial=0))
    known = (least_work > 0) & ~problem.stored & (len(problem.moves) == 0)
    heads = np.divide(problem.need.max(axis=(0, 2)), least_work, out=np.zeros(len(known)), where=known)
    stay = (1 - of["attrition_per_month"].max(axis=1)) ** len(problem.months)
    there = np.maximum(of["least_heads"], of["least_present"]).max(axis=1) / stay
    return np.where(known, np.ceil(heads) + np.ceil(there), np.inf)


def solve(model: Programme, gap: float, *, relaxed: bool = False) -> tuple[Floats | None, float]:
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

    whole = model.whole & (not relaxed)
    implied = model.implied & (not relaxed)
    found = searched(whole)
    if found.status != 2 and np.abs(found.x - np.rint(found.x))[implied].max(initial=0) > _WHOLE:
        found = searched(whole | implied)
    if found.status == 2:
        return None, np.inf
    x = np.where(whole | implied, np.rint(found.x), found.x)
    x = np.where(np.abs(x) < 1e-9, 0.0, x)
    dual = found.mip_dual_bound
    lower = found.fun if dual is None or relaxed or not model.whole.any() else dual
    return x, float(lower - model.tie @ np.maximum(x, 0))


def triples(model: Programme) -> tuple[Ints, Ints, Floats]:
    """The matrix as rows, columns and values."""
    entries = model.matrix.tocoo()
    return entries.coords[0].astype(np.int64), entries.coords[1].astype(np.int64), entries.data


OPTIONS = ("overtime", "temps", "outsourced")
MOST_ROUNDS = 60
"""Rounds of new tangents; three to fifteen are usual. A plan that needs more is returned with the gap it has."""
FIRST_TANGENTS = 7
_CLOSED = 1e-9
"""The linear programme is followed until its tangents pay all but this share of the cost."""


@dataclass(frozen=True, eq=False)
class Recourse:
    """What is done when demand is seen: hours (scenarios, roles, months) by option, `missing` hours of work that
    nothing covers, its expected cost (roles, months), and how that cost changes with capacity, staff and booked temps.
    """

    hours: Mapping[str, Floats]
    missing: Floats
    cost: Floats
    by_capacity: Floats
    by_staff: Floats
    by_booked: Floats


def recourse(problem: Problem, staff: Floats, booked: Floats, capacity: Floats) -> Recourse:
    """The cheapest cover of every scenario's shortage, given (roles, months) of staff, booked temp hours and capacity.

    Formula: options in order of their price for an hour of work, each to its limit; the price of the last one used is
    what one hour more of capacity saves, and what it exceeds a cheaper option's own price is what more of that saves.
    """
    of, chance = problem.of, problem.chances[:, None, None]
    material = of["work_cost_per_hour"]
    speed = np.stack([of["overtime_productivity"], of["temp_productivity"], np.ones_like(staff)])
    allowed = np.stack([problem.allowed[name][:, None] for name in ("overtime", "temp", "outsourced")])
    paid = np.stack([of[f"{name}_cost_per_hour"] for name in ("overtime", "temp", "outsourced")])
    price = paid / speed
    # Own work uses up material, bought work does not.
    price[2] -= material
    per_head = of["temp_most_hours_per_head"]
    with_staff = np.where(np.isfinite(per_head), np.where(np.isfinite(per_head), per_head, 0.0) * staff, np.inf)
    most_temps = np.minimum(of["temp_most_hours"], with_staff)
    limits = np.stack([of["overtime_most_hours_per_head"] * staff, most_temps - booked, of["outsourced_most_hours"]])
    limit = np.where(allowed, np.maximum(limits, 0) * speed, 0.0)
    order = np.argsort(np.where(allowed, price, np.inf), axis=0, kind="stable")
    price_in_order, limit_in_order = (np.take_along_axis(a, order, axis=0) for a in (price, limit))
    before = np.concatenate([np.zeros((1, *staff.shape)), np.cumsum(limit_in_order, axis=0)])

    short = np.maximum(problem.need - capacity, 0.0)
    used = np.minimum(np.maximum(short[:, None] - before[:-1], 0.0), limit_in_order)
    # The dearest option in use: the last one whose turn has come.
    turn = np.where(used > 0, np.arange(1, len(OPTIONS) + 1)[:, None, None], 0).max(axis=1)
    marginal = np.take_along_axis(price_in_order, np.maximum(turn - 1, 0).reshape(-1, *staff.shape), axis=0)
    marginal = np.where(turn > 0, marginal, 0.0)
    by_option = np.empty_like(used)
    np.put_along_axis(by_option, np.broadcast_to(order, used.shape), used, axis=1)
    saved = chance[:, None] * np.maximum(marginal[:, None] - price, 0.0) * (turn > 0)[:, None]
    saved = saved.sum(axis=0)
    finite = np.isfinite(most_temps) & allowed[1]
    by_head = finite & (with_staff < of["temp_most_hours"])
    cost = (chance * ((used * price_in_order).sum(axis=1) + material * problem.need)).sum(axis=0)
    return Recourse(
        hours={name: by_option[:, i] / speed[i] for i, name in enumerate(OPTIONS)},
        missing=short - used.sum(axis=1),
        cost=cost,
        by_capacity=-(chance * marginal).sum(axis=0),
        by_staff=-saved[0] * np.where(allowed[0], of["overtime_most_hours_per_head"] * speed[0], 0.0)
        - saved[1] * np.where(by_head, np.where(by_head, per_head, 0.0) * speed[1], 0.0),
        by_booked=np.where(finite, saved[1] * speed[1], 0.0),
    )


def _tangents(model: Programme, seen: Recourse, staff: Floats, booked: Floats, capacity: Floats, wanted: Ints) -> Rows:
    """later_cost >= cost + slopes x (decisions - these), for the wanted places (roles x months, flat)."""
    at = {name: columns.ravel()[wanted] for name, columns in model.places.items() if name != "moved"}
    slopes = [s.ravel()[wanted] for s in (seen.by_capacity, seen.by_staff, seen.by_booked)]
    values = [v.ravel()[wanted] for v in (capacity, staff, booked)]
    block = np.arange(len(wanted))
    terms: list[tuple[Any, Any, Any]] = [(block, at["later_cost"], 1.0)]
    terms += [(block, at[n], -s) for n, s in zip(("capacity", "staff", "booked"), slopes, strict=True)]
    level = seen.cost.ravel()[wanted] - sum(s * v for s, v in zip(slopes, values, strict=True))
    return rows_of(terms, level, np.inf, (len(wanted),))


def _first_tangents(problem: Problem, model: Programme) -> list[Rows]:
    """Tangents at capacities from the least to the largest need, so that the first solution is no wild guess."""
    hours = problem.of["hours_per_head"]
    every = np.arange(hours.size)
    rows = []
    for level in np.quantile(problem.need, np.linspace(0, 1, FIRST_TANGENTS), axis=0):
        staff = np.divide(level, hours, out=np.zeros_like(hours), where=hours > 0)
        none = np.zeros_like(staff)
        rows.append(_tangents(model, recourse(problem, staff, none, level), staff, none, level, every))
    return rows


def solve_over_scenarios(
    problem: Problem, whole: Whole, gap: float, fixed: Mapping[str, Floats] | None = None
) -> tuple[Programme, Floats | None, float]:
    """The programme, the columns of the cheapest plan found, and a bound below which no plan costs.

    `fixed` holds blocks of decisions at given values. The linear programme gets its tangents first; they stay for the
    programme in whole heads, which then needs few more.
    """
    model = programme(problem, whole, later=False)
    low, high = model.low.copy(), model.high.copy()
    for name, values in (fixed or {}).items():
        low[model.places[name]] = high[model.places[name]] = values
    rows = [Rows(*triples(model), model.row_low, model.row_high), *_first_tangents(problem, model)]
    best, best_cost, bound = None, np.inf, -np.inf
    for relaxed in (True, False) if model.whole.any() else (True,):
        for _ in range(MOST_ROUNDS):
            matrix, row_low, row_high = stacked(rows, len(model.cost))
            now = replace(model, matrix=matrix, row_low=row_low, row_high=row_high, low=low, high=high)
            x, found_bound = solve(now, gap / 2, relaxed=relaxed)
            if x is None:
                return model, None, np.inf
            staff, booked, capacity = (x[model.places[name]] for name in ("staff", "booked", "capacity"))
            seen = recourse(problem, staff, booked, capacity)
            cost = float(model.cost @ x - x[model.places["later_cost"]].sum() + seen.cost.sum())
            bound = max(bound, found_bound)
            if (not relaxed or not model.whole.any()) and cost < best_cost:
                best, best_cost = x, cost
            below = (seen.cost - x[model.places["later_cost"]]).ravel()
            tolerance = (_CLOSED if relaxed else gap / 4) * max(abs(cost), 1.0)
            if below.sum() <= tolerance:
                break
            wanted = np.flatnonzero(below > tolerance / (2 * below.size))
            rows.append(_tangents(model, seen, staff, booked, capacity, wanted))
    return model, best, min(bound, best_cost)
