"""Who should learn what, so that no duty hangs on a single pair of hands?"""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.organisation.resilience import ACCOUNTABLE, MAY, WORKS

SAME_DEPARTMENT = "same_department"


def cross_training(
    cover: pd.DataFrame, seats: pd.DataFrame, people: pd.DataFrame, *, beyond_roles: bool = False
) -> pd.DataFrame:
    """Which is the smallest set of trainings (person -> duty) that gives each duty a second pair of hands?

    Parameters
    ----------
    cover : as `stability.cover_matrix`: duty by person
    seats : person, department, productive_hours a month, vacant; of the same people
    people : person, hours of the same month, for the hours that are free
    beyond_roles : also train people of the holder's department whose role may not do the duty yet

    Returns
    -------
    One row a duty that one person alone works on, in the order of `cover`: duty, holder, train (who learns it, "" where
    nobody can), why ("may_do_it": the role may do it; "same_department" as the holder; ""), free_hours of the learner.

    Each training gives one duty one more pair of hands, so their number is the smallest there is: one for each such
    duty. Who learns is solved exactly, as an assignment: as many as can whose role may do it; then the fewest
    duties on one learner; then the most free hours. Two duties that must be kept apart may fall to one learner who
    works on neither yet: `cover` bars only what a person does today.

    Raises
    ------
    InputError for a person of `cover` without a seat (the nearest is offered).

    Examples
    --------
    >>> cover = pd.DataFrame({"Li": ["accountable", "may_do_it"], "Wang": ["may_do_it", "accountable"]},
    ...                      index=pd.Index(["buy", "pay"], name="duty"))
    >>> seats = pd.DataFrame({"person": ["Li", "Wang"], "department": "supply", "productive_hours": 130.0})
    >>> people = pd.DataFrame({"person": ["Li", "Wang"], "hours": [100.0, 60.0]})
    >>> cross_training(cover, seats, people)[["duty", "holder", "train", "free_hours"]]
      duty holder train  free_hours
    0  buy     Li  Wang        70.0
    1  pay   Wang    Li        30.0
    """
    about = seats.set_index("person")
    unknown = [name for name in cover.columns if name not in about.index]
    if unknown:
        raise InputError([f"cover: {name!r} has no seat{did_you_mean(name, about.index)}" for name in unknown])
    about = about.loc[cover.columns]
    works = cover.isin([ACCOUNTABLE, WORKS]).to_numpy()
    alone = np.flatnonzero(works.sum(axis=1) == 1)
    holder = works[alone].argmax(axis=1)
    used = people.groupby("person")["hours"].sum().reindex(cover.columns, fill_value=0.0).to_numpy(float)
    free = np.maximum(about["productive_hours"].to_numpy(float) - used, 0.0)
    departments = about["department"].to_numpy(object)
    there = ~about["vacant"].to_numpy(bool) if "vacant" in about else np.ones(len(about), dtype=bool)
    may = (cover.to_numpy()[alone] == MAY) & there
    near = (departments[holder][:, None] == departments) & there & ~works[alone]
    learner = _assigned(may, near & ~may & beyond_roles, free)
    found = learner >= 0
    rows = np.arange(len(alone))
    names = cover.columns.to_numpy(object)
    return pd.DataFrame(
        {
            "duty": cover.index.to_numpy(object)[alone],
            "holder": names[holder],
            "train": np.where(found, names[learner], ""),
            "why": np.where(found, np.where(may[rows, learner], MAY, SAME_DEPARTMENT), ""),
            "free_hours": np.where(found, free[learner], 0.0),
        }
    )


def _assigned(may: np.ndarray, near: np.ndarray, free: np.ndarray) -> np.ndarray:
    """The learner of each duty, or -1. A person's k-th duty costs k, so that the assignment spreads them evenly."""
    learner = np.full(len(may), -1)
    teachable = np.flatnonzero((may | near).any(axis=1))
    duties = len(teachable)
    if not duties:
        return learner
    may, near = may[teachable], near[teachable]
    # Weights so far apart that the first wish outweighs all of the second, and so on.
    spread = 2.0
    second = spread * duties * (duties + 1)
    none = second * (duties + 1)
    wish = np.where(may, 0.0, np.where(near, second, none))
    busy = 1 - free / max(free.max(initial=0), 1)
    turn = spread * np.arange(duties)
    cost = wish[:, :, None] + turn + (busy / (duties + 1))[:, None]
    _, column = linear_sum_assignment(cost.reshape(duties, -1))
    learner[teachable] = column // duties
    return learner
