"""Stages in a row, and crews that share several kinds of work: the cheapest crews that are never late.

One kind of work with a crew of its own needs none of this: `fulfilment.crew_required` gives the same answer
without a solver. Hours, deadlines and orders mean what they mean there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.staffing.deadlines import Floats, Ints, check_due, clock, numbers

_RELEASES = ["stream", "hour", "orders", "due_hour"]
_STAGES = ["stream", "stage", "step", "crew", "rate_per_hour", "lag_hours"]
# Crews are compared with the exact bound of one stage to 1e-8; the solver's own default is 1e-7.
_EXACT: Any = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10, "mip_rel_gap": 0.0}


@dataclass(frozen=True)
class StagePlan:
    """The cheapest crews, and a schedule that keeps every deadline with them.

    `crews`: crew, people (cheapest fractional crews), heads (cheapest whole ones), cost (of the heads).
    `hours`: stream, stage, step, hour, done_orders, waiting_orders (at the end of the hour, in front of the
    stage); orders move on as early as these heads allow.
    """

    crews: pd.DataFrame
    hours: pd.DataFrame


def crew_by_stage(
    releases: pd.DataFrame,
    stages: pd.DataFrame,
    is_open: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    *,
    cost_per_person: Mapping[str, float] | None = None,
    cyclic: bool = False,
) -> StagePlan:
    """Which crews for picking, packing, loading, receiving ... cost least and let no deadline pass?

    Parameters
    ----------
    releases : a row for each stream and hour of the horizon: stream, hour (0, 1, ...), orders released in it,
        due_hour (as from `due_hours`: never decreasing within a stream; streams may differ)
    stages : a row for each stage of a stream: stream, stage, step (orders pass the steps from low to high),
        crew (stages that name the same crew share its people: cross-trained), rate_per_hour (orders per
        person and hour), lag_hours (whole hours that orders rest before the step; 0: go on within the hour)
    is_open : (hours,) share of each hour worked, 0..1, for all crews, or one such array for each crew
    cost_per_person : for each crew, in any one unit; without it the number of people is least
    cyclic : the horizon repeats, as a typical week does; work is carried from its end to its start

    Formula
    -------
    F[j, t], the orders that stage j has finished by the end of hour t, and n[c], the people of crew c, least
    in sum of cost[c] n[c], such that F never falls; F[first, t] <= released by t - lag; F[j, t] <= F[j - 1,
    t - lag]; F[last, t] >= due by t; and in each hour the person-hours of a crew's stages, (F[j, t] -
    F[j, t - 1]) / rate[j], come to at most n[c] is_open[c, t]. A linear programme, whole by branch and bound.

    Raises
    ------
    InputError for missing columns, unknown streams or crews, hours that are missing or double, impossible
    numbers, and for deadlines that no crew of any size could keep, with the stage that blocks them.

    Examples
    --------
    Pick 60 and pack 25 orders an hour; 600 orders at 9:00 must have left by the end of hour 13.

    >>> hours = np.arange(24)
    >>> orders, due = np.where(hours == 9, 600, 0), np.maximum(13, hours)
    >>> releases = pd.DataFrame({"stream": "web", "hour": hours, "orders": orders, "due_hour": due})
    >>> stages = pd.DataFrame(
    ...     [("web", "pick", 1, "pickers", 60, 0), ("web", "pack", 2, "packers", 25, 1)],
    ...     columns=["stream", "stage", "step", "crew", "rate_per_hour", "lag_hours"],
    ... )
    >>> crew_by_stage(releases, stages, np.isin(hours, range(9, 17))).crews
          crew  people  heads  cost
    0  pickers     2.5      3   3.0
    1  packers     6.0      6   6.0
    """
    _check_frames(releases, stages)
    steps = stages.sort_values(["stream", "step"], kind="stable").reset_index(drop=True)
    stream_of, streams = pd.factorize(steps["stream"])
    by_hour = releases.sort_values(["stream", "hour"])
    orders = by_hour["orders"].to_numpy(np.float64).reshape(len(streams), -1)
    due = by_hour["due_hour"].to_numpy(np.int64).reshape(len(streams), -1)
    check_due(due, orders, cyclic)
    hours = orders.shape[1]
    crews = list(dict.fromkeys(stages["crew"]))
    opened, cost = _by_crew(crews, hours, is_open, cost_per_person)
    crew_of = np.array([crews.index(crew) for crew in steps["crew"]])
    rate, lag = steps["rate_per_hour"].to_numpy(np.float64), steps["lag_hours"].to_numpy(np.int64)
    first = np.diff(stream_of, prepend=-1) > 0
    last = np.append(first[1:], True)
    _check_reach(steps, orders[stream_of], due[stream_of], opened[crew_of], lag, first, cyclic)

    # In units of an hour's mean the solver's absolute tolerances mean the same for small shops and big ones.
    unit = orders.sum(axis=1).max() / hours or 1.0
    rate, released = rate / unit, orders.cumsum(axis=1)[stream_of] / unit
    hour, total = np.arange(hours), released[:, -1]

    def back(by: int) -> sparse.csr_array:
        """What the hour so many hours before had; before the first hour lies the last one, or nothing."""
        wrap = sparse.eye_array(hours, k=hours - by) if cyclic and by else sparse.csr_array((hours, hours))
        return sparse.csr_array(sparse.eye_array(hours, k=-by) + wrap)

    def of_round_before(by: npt.ArrayLike) -> Floats:
        """The orders of one round wherever `back` reaches into the round before, (stages, hours)."""
        return total[:, None] * (hour < np.reshape(by, (-1, 1))) * cyclic

    each_stage, each_hour = sparse.eye_array(len(steps), format="csr"), sparse.eye_array(hours)
    in_the_hour = each_hour - back(1)
    person_hours = sparse.csr_array((1 / rate, (crew_of, np.arange(len(steps)))), shape=(len(crews), len(steps)))
    after = [j for j in range(len(steps)) if not first[j]]
    no_people = sparse.csr_array((len(steps) * hours + len(after) * hours, len(crews)))
    on_shift = sparse.block_diag([share[:, None] for share in opened])
    finished = [
        sparse.kron(person_hours, in_the_hour),
        sparse.kron(each_stage, -in_the_hour),
        *(sparse.kron(each_stage[[j]], each_hour) - sparse.kron(each_stage[[j - 1]], back(lag[j])) for j in after),
    ]
    rows = sparse.hstack([sparse.vstack(finished), sparse.vstack([-on_shift, no_people])], format="csr")
    wrapped, lags = of_round_before(1), of_round_before(lag)
    limits = np.concatenate([-(person_hours @ wrapped), wrapped, -lags[after]], axis=None)

    may_start = np.stack([back(by) @ done for by, done in zip(lag, released, strict=True)]) - lags
    most = np.where(first[:, None], may_start, np.inf)
    least = np.where(last[:, None], _owed(released, due[stream_of], cyclic), -np.inf if cyclic else 0.0)
    bounds = np.stack([np.r_[least.ravel(), 0 * cost], np.r_[most.ravel(), np.inf + cost]], axis=1)
    aim = np.r_[np.zeros(least.size), cost]
    people = _solve(aim, rows, limits, bounds)[least.size :]
    whole = _solve(aim, rows, limits, bounds, aim > 0)[least.size :]
    heads = np.rint(whole)
    # The solver takes a hair more than a whole number for whole; what it found possible must stay so.
    bounds[least.size :] = np.stack([heads, np.maximum(heads, whole)], axis=1)
    soon = np.r_[-np.ones(least.size), 0 * cost]
    early = _solve(soon, rows, limits, bounds)[: least.size].reshape(-1, hours)

    given = np.where(first[:, None], released, np.roll(early, 1, axis=0))
    done = np.diff(early, axis=1, prepend=early[:, -1:] - total[:, None] if cyclic else 0)
    frame = steps.loc[np.repeat(steps.index, hours), ["stream", "stage", "step"]].reset_index(drop=True)
    return StagePlan(
        crews=pd.DataFrame({"crew": crews, "people": people, "heads": heads.astype(int), "cost": heads * cost}),
        hours=frame.assign(
            hour=np.tile(hour, len(steps)),
            done_orders=unit * np.maximum(done, 0).ravel(),
            waiting_orders=unit * np.maximum(given - early, 0).ravel(),
        ),
    )


def _solve(aim: Floats, rows: Any, limits: Floats, bounds: Any, whole: npt.ArrayLike = False) -> Floats:
    integrality = np.broadcast_to(np.asarray(whole, dtype=np.int64), aim.shape)
    answer = linprog(aim, A_ub=rows, b_ub=limits, bounds=bounds, integrality=integrality, options=_EXACT)
    if answer.x is None:
        raise RuntimeError(f"HiGHS found no crew although every deadline can be kept: {answer.message}")
    return answer.x


def _owed(released: Floats, due: Ints, cyclic: bool) -> Floats:
    """Orders that must have left by the end of each hour since the horizon began, (streams, hours)."""
    streams, hours = due.shape
    rounds = int(due.max()) // hours + 1 if cyclic else 1
    falls_due = np.zeros((streams, rounds * hours), dtype=np.int64)
    np.add.at(falls_due, (np.arange(streams)[:, None], np.minimum(due, rounds * hours - 1)), 1)
    # Hours of release in rounds before are due in this one as well: they lie under it, shifted.
    by_round = falls_due.cumsum(axis=1).reshape(streams, rounds, hours)
    count = by_round.sum(axis=1) - (rounds - 1) * hours
    # Counting hours, not orders, gives the very floats of `released`: a hair more could not be kept.
    whole, rest = np.divmod(count, hours)
    return whole * released[:, -1:] + np.take_along_axis(np.pad(released, ((0, 0), (1, 0))), rest, axis=1)


def _check_reach(
    steps: pd.DataFrame,
    orders: Floats,
    due: Ints,
    opened: Floats,
    lag: Ints,
    first: npt.NDArray[np.bool_],
    cyclic: bool,
) -> None:
    """Refuse deadlines that even a crew without limit misses; arrays (stages, hours)."""
    hours = orders.shape[1]
    rounds = int(due.max()) // hours + 2 if cyclic else 1
    end = rounds * hours
    line = np.where(np.tile(opened, (1, rounds)) > 0, np.arange(end), end)
    next_open = np.pad(np.minimum.accumulate(line[:, ::-1], axis=1)[:, ::-1], ((0, 0), (0, 1)), constant_values=end)
    reached = np.arange(hours)
    for j, stage in enumerate(steps["stage"]):
        reached = next_open[j, np.minimum((np.arange(hours) if first[j] else reached) + lag[j], end)]
        late = (reached > due[j]) & (orders[j] > 0)
        if late.any():
            at = int(late.argmax())
            opens = f"is not open before {clock(reached[at])}" if reached[at] < end else "is not open after that"
            raise InputError(
                f"orders of {steps['stream'][j]!r} released in {clock(at)} are due by the end of "
                f"{clock(due[j, at])}, but {stage!r} {opens}, whatever the crew"
            )


def _by_crew(
    crews: list[str],
    hours: int,
    is_open: npt.ArrayLike | Mapping[str, npt.ArrayLike],
    cost_per_person: Mapping[str, float] | None,
) -> tuple[Floats, Floats]:
    mistakes: list[str] = []
    given = is_open if isinstance(is_open, Mapping) else dict.fromkeys(crews, is_open)
    costs = dict.fromkeys(crews, 1.0) if cost_per_person is None else cost_per_person
    for name, mapping in {"is_open": given, "cost_per_person": costs}.items():
        mistakes += [f"{name} has nothing for crew {crew!r}" for crew in crews if crew not in mapping]
        mistakes += [f"{name} names crew {c!r}{did_you_mean(c, crews)}" for c in mapping if c not in crews]
    if mistakes:
        raise InputError(mistakes)
    opened = [numbers("is_open", given[crew], mistakes) for crew in crews]
    for crew, share in zip(crews, opened, strict=True):
        if share.shape != (hours,):
            mistakes.append(f"is_open of crew {crew!r} has the shape {share.shape}; releases has {hours} hours")
    cost = numbers("cost_per_person", [costs[crew] for crew in crews], mistakes)
    if mistakes:
        raise InputError(mistakes)
    return np.stack(opened), cost


def _check_frames(releases: pd.DataFrame, stages: pd.DataFrame) -> None:
    mistakes = []
    for name, frame, columns in (("releases", releases, _RELEASES), ("stages", stages, _STAGES)):
        missing = [column for column in columns if column not in frame]
        mistakes += [f"{name} has no column {column!r}; it has {', '.join(map(str, frame))}" for column in missing]
        if not missing and frame.empty:
            mistakes.append(f"{name} has no rows; it must have at least one")
    if mistakes:
        raise InputError(mistakes)
    for column in ("orders", "rate_per_hour", "lag_hours"):
        numbers(column, (releases if column == "orders" else stages)[column].to_numpy(), mistakes)
    for frame, column in ((releases, "hour"), (releases, "due_hour"), (stages, "lag_hours")):
        if frame[column].dtype.kind not in "iu":
            mistakes.append(f"{column} has values of type {frame[column].dtype}; it must be whole hours")
    hours = releases["hour"].nunique()
    too_long = stages["lag_hours"][stages["lag_hours"] >= hours]
    mistakes += [f"lag_hours is {lag}; it must be less than the {hours} hours of releases" for lag in too_long]
    rows = releases.groupby("stream", sort=False)["hour"].agg(["count", "nunique", "min", "max"])
    for stream in rows.index[~(rows == [hours, hours, 0, hours - 1]).all(axis=1)]:
        mistakes.append(f"releases of stream {stream!r} must have one row for each hour from 0 to {hours - 1}")
    known = list(rows.index)
    for stream in stages["stream"].unique():
        if stream not in known:
            mistakes.append(f"stages names stream {stream!r}{did_you_mean(stream, known)}")
    for stream in known:
        if stream not in set(stages["stream"]):
            mistakes.append(f"stream {stream!r} of releases has no stage in stages")
    for row in stages.index[stages.duplicated(["stream", "step"])]:
        mistakes.append(f"stages has step {stages['step'][row]} of stream {stages['stream'][row]!r} twice")
    if mistakes:
        raise InputError(mistakes)
