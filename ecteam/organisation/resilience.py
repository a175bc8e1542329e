"""What breaks if one person leaves? Cover of every duty, hours without cover and their cost, bus factor, trainings.

In one month of people, others can take over a leaver's duty if they work on it already, or if their role may do it;
each lends the hours that are free, until the leaver's post is filled again.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import maximum_flow

from ecteam.inputs.arguments import Floats
from ecteam.inputs.calendar_units import DAYS_PER_YEAR, MONTHS_PER_YEAR

PARTS_OF_AN_HOUR = 10_000
"""Hours are shared out in whole parts of this size, since the flow of hours is solved in whole numbers."""
MOSTLY_DEAD = 0.5
"""The bus factor is reached when more than this share of the weighted duties has nobody."""

ACCOUNTABLE, WORKS, MAY = "accountable", "works_on_it", "may_do_it"
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Month:
    """The frames of one month as arrays (duties, people), `free` hours (people)."""

    duties: npt.NDArray[np.object_]
    names: npt.NDArray[np.object_]
    roles: npt.NDArray[np.object_]
    hours: Floats
    owner: Bools
    works: Bools
    may: Bools
    free: Floats


def _month(
    people: pd.DataFrame, seats: pd.DataFrame, may_do: pd.DataFrame, apart: pd.DataFrame | None = None
) -> _Month:
    """Whoever works on a duty may not take over one that must be kept `apart` from it."""
    names, roles = (seats[column].to_numpy(object) for column in ("person", "hired_as"))
    duties = people["duty"].drop_duplicates().to_numpy(object)
    place = pd.Index(duties).get_indexer(people["duty"]), pd.Index(names).get_indexer(people["person"])
    hours = np.zeros((len(duties), len(names)))
    np.add.at(hours, place, people["hours"].to_numpy(float))
    owner = np.zeros(hours.shape, dtype=bool)
    np.logical_or.at(owner, place, people["accountable"].to_numpy(bool))
    works = hours > 0
    pairs = pd.MultiIndex.from_product([duties, roles])
    may = pairs.isin(pd.MultiIndex.from_frame(may_do[["duty", "role"]])).reshape(hours.shape)
    there = ~seats["vacant"].to_numpy(bool)
    may = may & there
    if apart is not None:
        first, second = (pd.Index(duties).get_indexer(apart[name]) for name in ("duty_a", "duty_b"))
        known = (first >= 0) & (second >= 0)
        clash = np.zeros((len(duties), len(duties)), dtype=int)
        clash[first[known], second[known]] = clash[second[known], first[known]] = 1
        may = may & (clash @ works.astype(int) == 0)
    free = np.maximum(seats["productive_hours"].to_numpy(float) - hours.sum(axis=0), 0.0) * there
    return _Month(duties, names, roles, hours, owner, works, may | works, free)


def cover_matrix(
    people: pd.DataFrame, seats: pd.DataFrame, may_do: pd.DataFrame, *, keep_apart: pd.DataFrame
) -> pd.DataFrame:
    """Who could do what tomorrow? Duty by person: "accountable", "works_on_it", "may_do_it" or "" for nothing."""
    month = _month(people, seats, may_do, keep_apart)
    cells = np.select([month.owner & month.works, month.works, month.may], [ACCOUNTABLE, WORKS, MAY], "")
    return pd.DataFrame(cells, index=pd.Index(month.duties, name="duty"), columns=pd.Index(month.names, name="person"))


def remove_one(
    people: pd.DataFrame,
    seats: pd.DataFrame,
    may_do: pd.DataFrame,
    *,
    keep_apart: pd.DataFrame,
    days_to_fill: pd.Series,
) -> pd.DataFrame:
    """If this person leaves, which duties have no cover, for how long, and what does that cost?

    Parameters
    ----------
    people : one month of person, duty, hours, accountable
    seats : person, hired_as, productive_hours and cost_per_month (loaded) a month, vacant
    may_do : duty, role: the roles that may do a duty; who works on a duty may do it
    keep_apart : duty_a, duty_b: who works on the one may not take over the other
    days_to_fill : role -> days from advertising a post to the first day of work

    Returns one row for each person and duty with hours: person, duty, hours (a month), others_working and
    others_allowed (how many of the others), cover ("works_on_it": somebody else does; "may_do_it": somebody else may;
    "" nobody), covered_hours and uncovered_hours a month, gap_days (until the post is filled again), gap_hours
    (uncovered until then), gap_cost (at what the leaver's hour costs the shop). The others' free hours are given to the
    leaver's duties as a flow, the most there is; how they fall on the duties is one best way of several. Hours are
    exact to 0.0001.
    """
    month = _month(people, seats, may_do, keep_apart)
    row, column = np.nonzero(month.works)
    order = np.lexsort((row, column))
    row, column = row[order], column[order]
    hours = month.hours[row, column]
    covered = _covered(month)[row, column]
    uncovered = np.where(hours - covered < 1.0 / PARTS_OF_AN_HOUR, 0.0, hours - covered)
    others_working = month.works.sum(axis=1)[row] - 1
    others_allowed = month.may.sum(axis=1)[row] - 1
    days = days_to_fill[month.roles].to_numpy(float)[column]
    worth = (seats["cost_per_month"] / seats["productive_hours"]).to_numpy(float)[column]
    gap_hours = uncovered * days * MONTHS_PER_YEAR / DAYS_PER_YEAR
    return pd.DataFrame(
        {
            "person": month.names[column],
            "duty": month.duties[row],
            "hours": hours,
            "others_working": others_working,
            "others_allowed": others_allowed,
            "cover": np.select([others_working > 0, others_allowed > 0], [WORKS, MAY], ""),
            "covered_hours": hours - uncovered,
            "uncovered_hours": uncovered,
            "gap_days": days,
            "gap_hours": gap_hours,
            "gap_cost": gap_hours * worth,
        }
    )


def loss_by_person(removed: pd.DataFrame, seats: pd.DataFrame, attrition: pd.Series) -> pd.DataFrame:
    """Whose leaving would hurt most? `removed` from `remove_one`; `attrition`: role -> leavers a head and year.

    One row a person, the dearest first: person, duties, duties_without_cover (nobody else may do them), hours,
    cover_share (of the hours), uncovered_hours a month, gap_hours, cost_if_leaves, loss_per_year (expected: attrition x
    that cost).
    """
    table = removed.assign(alone=removed["cover"] == "").groupby("person", sort=False).agg(
        duties=("duty", "size"), duties_without_cover=("alone", "sum"), hours=("hours", "sum"),
        covered=("covered_hours", "sum"), uncovered_hours=("uncovered_hours", "sum"), gap_hours=("gap_hours", "sum"),
        cost_if_leaves=("gap_cost", "sum"),
    )  # fmt: skip
    table.insert(3, "cover_share", table.pop("covered") / table["hours"])
    roles = seats.set_index("person")["hired_as"].loc[table.index].to_numpy()
    table["loss_per_year"] = table["cost_if_leaves"] * attrition[roles].to_numpy(float)
    return table.sort_values("cost_if_leaves", ascending=False, kind="stable").reset_index()


def bus_factor(people: pd.DataFrame, seats: pd.DataFrame, may_do: pd.DataFrame) -> pd.DataFrame:
    """How many must leave until most duties have nobody who works on them, and who?

    Greedy [1]_: the person who works on the most duties that still have somebody leaves next, until more than half have
    nobody. One row a leaver: person, covered_weight (share of the duties that he or she worked on), dead_share (share
    without anybody after). The bus factor is the number of rows.

    References
    ----------
    .. [1] G. Avelino, L. Passos, A. Hora, M. T. Valente, "A novel approach for estimating truck factors", ICPC 2016.
    """
    month = _month(people, seats, may_do)
    left, rows = month.works.copy(), []
    while left.any() and (~left.any(axis=1)).mean() <= MOSTLY_DEAD:
        covered = left.mean(axis=0)
        leaver = int(np.argmax(covered))
        left[:, leaver] = False
        rows.append((month.names[leaver], covered[leaver], (~left.any(axis=1)).mean()))
    return pd.DataFrame(rows, columns=["person", "covered_weight", "dead_share"])


def _covered(month: _Month) -> Floats:
    """Hours of each person's duties that the others' free hours can take over."""
    covered = np.zeros(month.hours.shape)
    single = month.works.sum(axis=0) == 1
    lent = month.may @ month.free
    for person in np.flatnonzero(month.works.any(axis=0)):
        duties = np.flatnonzero(month.works[:, person])
        if single[person]:
            others = lent[duties] - month.free[person] * month.may[duties, person]
            covered[duties, person] = np.minimum(month.hours[duties, person], others)
        else:
            covered[duties, person] = _flow(month, person, duties)
    return covered


def _flow(month: _Month, person: np.intp, duties: npt.NDArray[np.intp]) -> Floats:
    """The most hours of a person's duties that fit into the free hours of others: source, duties, helpers, sink."""
    hours = month.hours[duties, person]
    others = month.may[duties] & (month.free > 0)
    others[:, person] = False
    # Where those who may do all of it have the time, there is nothing to solve.
    if month.free[others.all(axis=0)].sum() >= hours.sum():
        return hours
    helpers = np.flatnonzero(others.any(axis=0))
    need = np.floor(hours * PARTS_OF_AN_HOUR).astype(np.int32)
    alike: dict[bytes, int] = {}
    of_helper = [alike.setdefault(skills.tobytes(), len(alike)) for skills in others.T[helpers]]
    lent = np.floor(np.bincount(of_helper, month.free[helpers], len(alike)) * PARTS_OF_AN_HOUR)
    lend = np.minimum(lent, need.sum()).astype(np.int32)
    skills = np.array([np.frombuffer(code, dtype=bool) for code in alike], dtype=bool).reshape(len(alike), len(duties))
    helper, duty = np.nonzero(skills)
    first_helper = 1 + len(duties)
    sink = first_helper + len(alike)
    start = np.concatenate([np.zeros(len(duties), int), 1 + duty, np.arange(first_helper, sink)])
    end = np.concatenate([np.arange(1, first_helper), first_helper + helper, np.full(len(alike), sink)])
    room = np.concatenate([need, np.minimum(need[duty], lend[helper]), lend])
    graph = coo_array((room, (start, end)), shape=(sink + 1, sink + 1)).tocsr()
    taken = maximum_flow(graph, 0, sink).flow.toarray()[0, 1:first_helper]
    return np.where(taken == need, hours, taken / PARTS_OF_AN_HOUR)


def cross_training(cover: pd.DataFrame, seats: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Which is the smallest set of trainings (person -> duty) that gives each duty a second pair of hands?

    `cover` as `cover_matrix`; `seats`: person, productive_hours a month, vacant; `people`: person, hours of that month.
    Returns one row a duty that one person alone works on: duty, holder, train (who learns it, "" where nobody can),
    free_hours of the learner. One training for each is the fewest there is. Who learns is solved exactly, as an
    assignment: as many as can whose role may do it; then the fewest duties on one learner; then the most free hours.
    `cover` bars only what a person does today: two duties that must be kept apart may fall to one learner.

    >>> cover = pd.DataFrame({"Li": ["accountable", "may_do_it"], "Wang": ["may_do_it", "accountable"]},
    ...                      index=pd.Index(["buy", "pay"], name="duty"))
    >>> seats = pd.DataFrame({"person": ["Li", "Wang"], "productive_hours": 130.0, "vacant": False})
    >>> people = pd.DataFrame({"person": ["Li", "Wang"], "hours": [100.0, 60.0]})
    >>> cross_training(cover, seats, people)[["duty", "holder", "train", "free_hours"]]
      duty holder train  free_hours
    0  buy     Li  Wang        70.0
    1  pay   Wang    Li        30.0
    """
    about = seats.set_index("person").loc[cover.columns]
    works = cover.isin([ACCOUNTABLE, WORKS]).to_numpy()
    alone = np.flatnonzero(works.sum(axis=1) == 1)
    holder = works[alone].argmax(axis=1)
    used = people.groupby("person")["hours"].sum().reindex(cover.columns, fill_value=0.0).to_numpy(float)
    free = np.maximum(about["productive_hours"].to_numpy(float) - used, 0.0)
    there = ~about["vacant"].to_numpy(bool)
    may = (cover.to_numpy()[alone] == MAY) & there
    learner = _assigned(may, free)
    taught = learner >= 0
    names = cover.columns.to_numpy(object)
    return pd.DataFrame(
        {
            "duty": cover.index.to_numpy(object)[alone],
            "holder": names[holder],
            "train": np.where(taught, names[learner], ""),
            "free_hours": np.where(taught, free[learner], 0.0),
        }
    )


def _assigned(may: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The learner of each duty, or -1. A person's k-th duty costs k, so that the assignment spreads them evenly."""
    learner = np.full(len(may), -1)
    teachable = np.flatnonzero(may.any(axis=1))
    duties = len(teachable)
    if not duties:
        return learner
    may = may[teachable]
    # Weights so far apart that the first aim outweighs all of the second, and so on.
    spread = 2.0
    barred = np.where(may, 0.0, spread * duties * (duties + 1))
    busy = 1 - free / max(free.max(initial=0), 1)
    turn = spread * np.arange(duties)
    cost = barred[:, :, None] + turn + (busy / (duties + 1))[:, None]
    _, column = linear_sum_assignment(cost.reshape(duties, -1))
    learner[teachable] = column // duties
    return learner
