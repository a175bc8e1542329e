"""How many heads fill the shifts of a week, each with days off? (`queueing.rostered` adds leave and illness.)

References
----------
.. [1] R. Tibrewala, D. Philippe, J. Browne, "Optimal scheduling of two consecutive idle periods", Management Science 19
   (1972): five days on, two off.
.. [2] J. J. Bartholdi, J. B. Orlin, H. D. Ratliff, "Cyclic scheduling via integer programs with circular ones",
   Operations Research 28 (1980): for a given number of people, the days off are a network flow.
"""

import numpy as np
import numpy.typing as npt

from ecteam.inputs.arguments import Allowed, checked
from ecteam.inputs.calendar_units import DAYS_PER_WEEK
from ecteam.inputs.checks import InputError
from ecteam.staffing.headcount import Ints

_ALLOWED = {
    "shifts_per_weekday": Allowed("a whole number of shifts, 0 to 1,000,000", at_least=0, at_most=1e6, whole=True),
    "days_per_week_per_person": Allowed(
        "a whole number of days, 1 to 7", at_least=1, at_most=DAYS_PER_WEEK, whole=True
    ),
}


def heads_for_week(
    shifts_per_weekday: npt.ArrayLike, *, days_per_week_per_person: int, consecutive_days_off: bool = False
) -> Ints:
    """How many people fill every weekday's shifts if each works at most so many days a week?

    Parameters
    ----------
    shifts_per_weekday : (..., 7), shifts to fill on each weekday of a week that repeats, one person a shift
    days_per_week_per_person : 1 to 7
    consecutive_days_off : whether a person's days off lie together, over the end of the week too

    Returns
    -------
    (...), heads. In a week that repeats nobody works more than `days_per_week_per_person` days in a row.

    Formula
    -------
    Days off anywhere: max(max_d need_d, ceil(sum_d need_d / days)); dealt out in turn, that many people are enough.
    Together: the fewest people n for whom numbers x_i >= 0, who start their days off on weekday i, exist with at most
    n - need_d off on every day d [1]_. With running totals X of x these are limits on differences, X_v - X_u <= w,
    which whole numbers can keep if no cycle of limits is negative [2]_. More people never hurt: n comes by bisection.

    Raises
    ------
    InputError

    Examples
    --------
    Four shifts a day and two more at the weekend: 32 shifts of people who work five days.

    >>> int(heads_for_week([4, 4, 4, 4, 4, 6, 6], days_per_week_per_person=5))
    7
    >>> int(heads_for_week([5, 0, 5, 0, 5, 0, 0], days_per_week_per_person=5, consecutive_days_off=True))
    5
    """
    need = checked(_ALLOWED, shifts_per_weekday=shifts_per_weekday)["shifts_per_weekday"].astype(np.int64)
    allowed = checked(_ALLOWED, days_per_week_per_person=days_per_week_per_person)["days_per_week_per_person"]
    if need.shape[-1:] != (DAYS_PER_WEEK,):
        raise InputError(f"shifts_per_weekday has the shape {need.shape}; it must end in 7 weekdays, Monday first")
    if allowed.ndim:
        raise InputError(f"days_per_week_per_person has the shape {allowed.shape}; it must be one number for everybody")
    days = int(allowed)
    most = need.max(axis=-1)
    least = np.maximum(most, -(-need.sum(axis=-1) // days))
    if not consecutive_days_off or days == DAYS_PER_WEEK:
        return least
    shape, need, least = least.shape, need.reshape(-1, DAYS_PER_WEEK), least.reshape(-1)
    # So many groups of the busiest day's people relieve each other.
    enough = np.maximum(least, most.reshape(-1) * -(-DAYS_PER_WEEK // days))
    while (open_ := np.flatnonzero(least < enough)).size:
        middle = (least[open_] + enough[open_]) // 2
        fits = _days_off_fit(need[open_], middle, days)
        enough[open_] = np.where(fits, middle, enough[open_])
        least[open_] = np.where(fits, least[open_], middle + 1)
    return enough.reshape(shape)[()]


def _days_off_fit(need: Ints, people: Ints, days: int) -> npt.NDArray[np.bool_]:
    """Whether so many people, (rows,), can have their days off together: no negative cycle among the limits of [2]."""
    weekday = np.arange(DAYS_PER_WEEK)
    limit = np.full((len(need), DAYS_PER_WEEK, DAYS_PER_WEEK), np.iinfo(np.int64).max // 4)
    limit[:, weekday, weekday] = 0
    # Nobody negative starts days off on a weekday: X_i <= X_(i+1), and X_7 is X_0 + people.
    limit[:, (weekday + 1) % DAYS_PER_WEEK, weekday] = np.where(weekday == DAYS_PER_WEEK - 1, people[:, None], 0)
    # Off on weekday d are those who started on d or the days before: X_(d+1) - X_(d+1-off) <= people - need_d.
    until, since = weekday + 1, weekday + 1 - (DAYS_PER_WEEK - days)
    rounds = 1 + since // DAYS_PER_WEEK - until // DAYS_PER_WEEK
    slack = people[:, None] * rounds - need
    pair = (slice(None), since % DAYS_PER_WEEK, until % DAYS_PER_WEEK)
    limit[pair] = np.minimum(limit[pair], slack)
    for via in range(DAYS_PER_WEEK):
        np.minimum(limit, limit[:, :, via, None] + limit[:, None, via], out=limit)
    return np.asarray((limit[:, weekday, weekday] >= 0).all(axis=1))
