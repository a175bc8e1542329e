"""What does one desk, or one warehouse, for several shops need, against one for each?

Work is the same, pooled or not; what falls is the waiting for it. Nothing is reckoned for the chance that not all shops
have a busy day at once: the busy days of all are added.

References
----------
.. [1] D. R. Smith, W. Whitt, "Resource sharing for efficiency in traffic systems", Bell System Technical Journal 60
   (1981): one queue needs no more servers than several if all take the same time over a customer; if they do not, it
   may. A shared desk can still keep its agents apart, so that it never has to need more.
"""

from math import inf

import numpy as np
import numpy.typing as npt

from ecteam.inputs.arguments import Allowed, checked
from ecteam.inputs.calendar_units import DAYS_PER_WEEK, HOURS_PER_DAY
from ecteam.inputs.checks import InputError
from ecteam.staffing import deadlines, queueing
from ecteam.staffing.headcount import promised_share

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_MINUTES = Allowed("0 or more minutes", at_least=0, below=inf)
_ALLOWED = {
    "arrivals_per_hour": Allowed("0 or more contacts an hour", at_least=0, below=inf),
    "reply_minutes": _MINUTES,
    "think_minutes": _MINUTES,
    "separate": Allowed("0 or more agents", at_least=0, below=inf),
    "hours": Allowed("0 or more hours of work", at_least=0, below=inf),
}


def pooled_agents(
    arrivals_per_hour: npt.ArrayLike,
    separate: npt.ArrayLike,
    *,
    reply_minutes: npt.ArrayLike,
    think_minutes: npt.ArrayLike,
    target_seconds: float,
    target_share: float,
    chats_at_once: int = 1,
    max_occupancy: float = 1.0,
    replies_per_chat: npt.ArrayLike | None = None,
    reachable_share: float = 1.0,
) -> Ints:
    """How many agents does one desk need for the contacts of several?

    Parameters
    ----------
    arrivals_per_hour : (desks, ...), contacts of each desk; separate : the same shape, the agents each needs alone
    reply_minutes, think_minutes : (desks, ...), broadcast: an agent's and the customer's part of a contact
    target_seconds, target_share, chats_at_once, max_occupancy : of the shared desk, as in `queueing.agents_required`
    replies_per_chat, reachable_share : (desks, ...) and one number, as in `headcount.desk_agents`

    Returns: (...): `agents_required` for the sum of the contacts, whose minutes are the mean over contacts, so that no
    work is
    lost; but never more than all agents apart, and somebody wherever a desk has somebody [1]_.

    >>> alone = queueing.agents_required([20.0, 20.0], 180, 20, 0.8)
    >>> one = pooled_agents([20.0, 20.0], alone, reply_minutes=3, think_minutes=0, target_seconds=20, target_share=0.8)
    >>> alone, int(one)
    (array([3, 3]), 4)
    """
    given = checked(
        _ALLOWED, arrivals_per_hour=arrivals_per_hour, separate=separate, reply_minutes=reply_minutes,
        think_minutes=think_minutes,
    )  # fmt: skip
    arrivals, alone = given["arrivals_per_hour"], given["separate"]
    if not arrivals.ndim or arrivals.shape != alone.shape:
        raise InputError(
            f"arrivals_per_hour has the shape {arrivals.shape}, separate {alone.shape}; one row for a desk"
        )
    total = arrivals.sum(axis=0)
    replies_of_each = 1.0 if replies_per_chat is None else np.asarray(replies_per_chat, dtype=float)
    reply, think, replies = (
        np.divide((arrivals * each).sum(axis=0), total, out=np.zeros(total.shape), where=total > 0)
        for each in (given["reply_minutes"], given["think_minutes"], replies_of_each)
    )
    busy = (total > 0) & (reply > 0)
    agents = np.zeros(total.shape, dtype=np.int64)
    if busy.any():
        seconds = 60 * reply[busy] / replies[busy]
        share = np.full(seconds.shape, target_share)
        if replies_per_chat is not None:
            share = promised_share(target_share, target_seconds, seconds, reachable_share)
        agents[busy] = queueing.agents_required(
            total[busy],
            60 * (reply + think)[busy],
            target_seconds,
            share,
            concurrency=chats_at_once,
            reply_seconds=seconds,
            think_seconds=60 * think[busy] / replies[busy],
            first_reply=replies_per_chat is not None,
            max_occupancy=max_occupancy,
        )
    return np.clip(agents, alone.max(axis=0) > 0, alone.sum(axis=0)).astype(np.int64)


def pooled_crew(
    hours: npt.ArrayLike, is_open: Bools, rule: str, cutoff_hour: int
) -> tuple[deadlines.Crew, deadlines.Crew]:
    """The crews that ship every order in time, (shops, ...) for each shop and (...) for all their orders together.

    hours : (shops, ..., 168), person-hours of work by the hour of the week in which its orders come, Monday first
    is_open, rule, cutoff_hour : of the one warehouse, as in `fulfilment.due_hours`

    >>> work = np.zeros((2, 168)); work[0, 10], work[1, 34] = 6, 6  # one shop's orders on Mondays, one's on Tuesdays
    >>> apart, one = pooled_crew(work, np.isin(np.arange(168) % 24, range(9, 18)), "same_day", 16)
    >>> apart.heads, int(one.heads)
    (array([1, 1]), 1)
    """
    work = checked(_ALLOWED, hours=hours)["hours"]
    if work.ndim < 2 or work.shape[-1] != HOURS_PER_DAY * DAYS_PER_WEEK:
        raise InputError(f"hours has the shape {work.shape}; it must be one row of 168 hours for each shop")
    due = deadlines.due_hours(is_open, rule, cutoff_hour=cutoff_hour, closed_days_count=False, cyclic=True)
    apart, one = (
        deadlines.crew_required(each, is_open, due, rate_per_hour=1.0, cyclic=True) for each in (work, work.sum(axis=0))
    )
    return apart, one
