"""What does one desk, or one warehouse, for several shops need, against one for each?

Work is the same, pooled or not; what falls is the waiting for it. Nothing is reckoned for the chance that not all shops
have a busy day at once: the busy days of all are added.

References
----------
.. [1] D. R. Smith, W. Whitt, "Resource sharing for efficiency in traffic systems", Bell System Technical Journal 60
   (1981): one queue needs no more servers than several if all take the same time over a customer; if they do not, it
   may, and so it may where the promise is of the first reply, since the agents of a full pool have the most chats whose
   replies come first. A shared desk can still keep its agents apart, so that it never has to need more.
"""

import numpy as np
import numpy.typing as npt

from ecteam.staffing import deadlines, queueing
from ecteam.staffing.headcount import promised_share

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def pooled_agents(
    arrivals_per_hour: npt.ArrayLike,
    separate: npt.ArrayLike,
    *,
    reply_minutes: npt.ArrayLike,
    think_minutes: npt.ArrayLike,
    target_seconds: float,
    target_share: float,
    chats_at_once: int,
    max_occupancy: float,
    replies_per_chat: npt.ArrayLike,
    reachable_share: float,
) -> Ints:
    """How many agents does one desk need for the contacts of several?

    Parameters
    ----------
    arrivals_per_hour : (desks, ...), contacts of each desk; separate : the same shape, the agents each needs alone
    reply_minutes, think_minutes : (desks, ...), broadcast: an agent's and the customer's part of a contact
    target_seconds, target_share, chats_at_once, max_occupancy : of the shared desk, as in `queueing.agents_required`
    replies_per_chat, reachable_share : (desks, ...) and one number, as in `headcount.desk_agents`

    Returns: (...): `agents_required` for the sum of the contacts, whose minutes are the mean over contacts, so that no
    work is lost; but never more than all agents apart, and somebody wherever a desk has somebody [1]_.

    >>> int(pooled_agents([20.0, 20.0], [3, 3], reply_minutes=3, think_minutes=0, target_seconds=60, target_share=0.8,
    ...     chats_at_once=1, max_occupancy=1, replies_per_chat=6, reachable_share=0.95))
    5
    """
    arrivals, alone = np.asarray(arrivals_per_hour, dtype=float), np.asarray(separate)
    total = arrivals.sum(axis=0)
    reply, think, replies = (
        np.divide((arrivals * each).sum(axis=0), total, out=np.zeros(total.shape), where=total > 0)
        for each in map(np.asarray, (reply_minutes, think_minutes, replies_per_chat))
    )
    busy = (total > 0) & (reply > 0)
    agents = np.zeros(total.shape, dtype=np.int64)
    if busy.any():
        seconds = 60 * reply[busy] / replies[busy]
        agents[busy] = queueing.agents_required(
            total[busy],
            60 * (reply + think)[busy],
            target_seconds,
            promised_share(target_share, target_seconds, seconds, reachable_share),
            concurrency=chats_at_once,
            reply_seconds=seconds,
            think_seconds=60 * think[busy] / replies[busy],
            first_reply=True,
            max_occupancy=max_occupancy,
        )
    return np.clip(agents, alone.max(axis=0) > 0, alone.sum(axis=0)).astype(np.int64)


def pooled_crew(
    hours: npt.ArrayLike, is_open: Bools, rule: str, cutoff_hour: int
) -> tuple[deadlines.Crew, deadlines.Crew]:
    """The crews that ship every order in time, (shops, ...) for each shop and (...) for all their orders together.

    hours : (shops, ..., 168), person-hours of work by the hour of the week in which its orders come, Monday first
    is_open, rule, cutoff_hour : of the one warehouse, as in `deadlines.due_hours`

    >>> work = np.zeros((2, 168)); work[0, 10], work[1, 34] = 6, 6  # one shop's orders on Mondays, one's on Tuesdays
    >>> apart, one = pooled_crew(work, np.isin(np.arange(168) % 24, range(9, 18)), "same_day", 16)
    >>> apart.heads, int(one.heads)
    (array([1, 1]), 1)
    """
    work = np.asarray(hours, dtype=float)
    due = deadlines.due_hours(is_open, rule, cutoff_hour=cutoff_hour, cyclic=True)
    apart, one = (
        deadlines.crew_required(each, is_open, due, rate_per_hour=1.0, cyclic=True) for each in (work, work.sum(axis=0))
    )
    return apart, one
