"""Rehearse days at the desk and in the warehouse: how do the planned people fare when customers come at random?

The desk: customers arrive at random at a rate that changes at the full hour; a new chat goes to an agent with the
fewest; who finds all hands full waits in order of arrival. Agents come and go at the full hour: any is as likely to go
as the others, and finishes the chats in hand first. The keywords are those of `queueing`.

The warehouse: as many orders as chance brings; the crew does the earliest deadline first, as in `deadlines.backlog`.

References
----------
[1] D. T. Gillespie, "Exact stochastic simulation of coupled chemical reactions", The Journal of Physical Chemistry 81
    (1977): event by event, the next one chosen in proportion to its rate.
[2] A. M. Law, "Simulation Modeling and Analysis", 5th ed. (2015), chapter 9: independent replications.
[3] W. G. Cochran, "Sampling Techniques", 3rd ed. (1977), chapter 6: the interval of a ratio.
"""

from dataclasses import dataclass
from math import inf, sqrt
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from ecteam.inputs.arguments import Floats, Ints
from ecteam.inputs.calendar_units import SECONDS_PER_HOUR
from ecteam.staffing import deadlines
from ecteam.staffing.chats import rates_by_chats, waiting_replies


@dataclass(frozen=True)
class DeskRehearsal:
    """What happened to the customers who came in each hour; arrays (replications, hours).

    `answered_in_time` of the `arrivals` had an agent (with `first_reply`: a reply) within the target; `waited_seconds`
    sums all waits for an agent, the wait so far of those who wait at the end included.
    """

    arrivals: Ints
    answered_in_time: Ints
    waited_seconds: Floats

    @property
    def service_level(self) -> Floats:
        """Share of a replication's customers who had an agent in time, (replications,); NaN where nobody came."""
        return _ratio(self.answered_in_time.sum(axis=1), self.arrivals.sum(axis=1))


class Interval(NamedTuple):
    """A ratio over all replications, and between what bounds its true value lies with the confidence asked for."""

    ratio: Floats
    low: Floats
    high: Floats


def rehearse_desk(
    agents: ArrayLike,
    arrivals_per_hour: ArrayLike,
    handle_seconds: float,
    target_seconds: float,
    *,
    concurrency: int = 1,
    throughput: ArrayLike | None = None,
    reply_seconds: float | None = None,
    think_seconds: float | None = None,
    first_reply: bool = False,
    variation: float = 0.0,
    replications: int = 200,
    seed: int = 0,
) -> DeskRehearsal:
    """What happens at the desk, hour by hour, if this team meets this day again and again?

    Parameters
    ----------
    agents, arrivals_per_hour : (hours,), whole people at work and customers expected; the desk starts empty
    handle_seconds : mean time for a contact, exponential; for chats, of one that is handled alone
    variation : standard deviation over mean of a gamma distributed factor on all arrivals of a replication
    seed : the same seed, the same answer; and the same customers, whatever the team
    others : as in `queueing`, one number each

    Formula: An agent with j chats finishes them at the rate throughput[j] / handle_seconds [1].

    60 chats an hour come to 3 agents, and twice as many in the last two hours: the queue builds up.

    >>> chats = {"concurrency": 3, "throughput": (1, 1.7, 2.5)}
    >>> day = rehearse_desk([3, 3, 3, 3], [60, 60, 120, 120], 300, 30, **chats, seed=1)
    >>> by_hour(day)[["arrivals", "service_level", "mean_wait_seconds"]].round(2).rename_axis(None)
       arrivals  service_level  mean_wait_seconds
    0     60.15           0.90              13.41
    1     60.26           0.87              20.23
    2    119.94           0.14             592.27
    3    121.15           0.00            1140.43
    """
    rates = np.array(rates_by_chats(np.asarray(concurrency), throughput, reply_seconds, think_seconds))
    rng = np.random.default_rng(seed)
    arrived = arrival_times(rng, np.asarray(arrivals_per_hour, dtype=float), variation, replications)
    at_work = np.asarray(agents, dtype=np.int64)
    started, others = chats_started(rng, arrived, rates * SECONDS_PER_HOUR / handle_seconds, at_work)
    served = started
    if first_reply:
        served = replies_sent(rng, started, others, np.asarray(reply_seconds, float), np.asarray(think_seconds, float))
    return _tallied(arrived, started, served, len(at_work), target_seconds)


def by_hour(rehearsal: DeskRehearsal) -> pd.DataFrame:
    """How does an average day run? By hour: `arrivals`, `service_level` between `low` and `high` (at a confidence of
    99 %), `mean_wait_seconds`; NaN in hours in which nobody came.

    >>> table = by_hour(rehearse_desk([0, 2], [4, 4], 600, 60))
    >>> table["service_level"].round(2).tolist()
    [0.0, 0.56]
    """
    level = ratio_interval(rehearsal.answered_in_time, rehearsal.arrivals)
    columns = {
        "arrivals": rehearsal.arrivals.mean(axis=0),
        "service_level": level.ratio,
        "low": np.maximum(level.low, 0),
        "high": np.minimum(level.high, 1),
        "mean_wait_seconds": _ratio(rehearsal.waited_seconds.sum(axis=0), rehearsal.arrivals.sum(axis=0)),
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(rehearsal.arrivals.shape[1], name="hour"))


def ratio_interval(part: ArrayLike, whole: ArrayLike, *, confidence: float = 0.99) -> Interval:
    """Which share of all customers, or how many seconds each, and how sure after so many replications, (replications,
    ...)?

    Formula: ratio = sum(part) / sum(whole), +- t sqrt(sum((part - ratio whole)^2) R / (R - 1)) / sum(whole), with
    Student's t for R - 1 degrees of freedom [2, 3]. NaN where `whole` is 0; bounds NaN where R is 1.

    >>> [round(float(value), 3) for value in ratio_interval([90, 80, 85], [100, 100, 100], confidence=0.95)]
    [0.85, 0.726, 0.974]
    """
    parts, wholes = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    runs, total = len(parts), wholes.sum(axis=0)
    ratio = _ratio(parts.sum(axis=0), total)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt(((parts - ratio * wholes) ** 2).sum(axis=0) * runs / np.float64(runs - 1)) / total
    half = spread * stdtrit(max(runs - 1, 1), (1 + confidence) / 2)
    return Interval(ratio, ratio - half, ratio + half)


def _busyness(rng: np.random.Generator, variation: float, replications: int) -> Floats:
    return rng.gamma(variation**-2, variation**2, replications) if variation else np.ones(replications)


def arrival_times(rng: np.random.Generator, expected: Floats, variation: float, replications: int) -> Floats:
    """When each customer comes, in hours and in order, (customers, replications); infinity behind a column's last."""
    by_full_hour = np.append(0, np.cumsum(expected))
    busyness = _busyness(rng, variation, replications)
    most = by_full_hour[-1] * busyness.max()
    size = int(most + 6 * sqrt(most)) + 10, replications
    so_far = np.cumsum(rng.standard_exponential(size), axis=0)
    while so_far[-1].min() <= most:
        so_far = np.concatenate([so_far, so_far[-1] + np.cumsum(rng.standard_exponential(size), axis=0)])
    so_far /= busyness
    return np.interp(so_far, by_full_hour, np.arange(len(by_full_hour)), right=inf)


def chats_started(rng: np.random.Generator, arrived: Floats, rates: Floats, agents: Ints) -> tuple[Floats, Ints]:
    """When an agent takes each chat, in hours (infinity: nobody does), and that agent's other chats then.

    `rates` (most chats + 1,) is what an agent with 0, 1, 2 ... chats finishes an hour. Event by event, every
    replication on its own clock; all clocks meet at the full hour, where memory of the next event may be dropped.
    """
    replications, most = arrived.shape[1], len(rates) - 1
    row = np.arange(replications)
    seen, taken = np.zeros((2, replications), dtype=np.int64)
    clock = np.zeros(replications)
    started, others = np.full(arrived.shape, inf), np.zeros(arrived.shape, dtype=np.int64)
    # Agents on shift with 0, 1 ... chats, then agents whose shift is over with 0, 1 ... chats still in hand.
    team = np.zeros((2 * (most + 1), replications))
    rate = np.tile(rates, 2)[:, None]
    for hour, (before, at_work) in enumerate(zip(np.append(0, agents[:-1]), agents, strict=True)):
        if at_work < before:
            _send_home(rng, team, before - at_work)
        team[0] += max(at_work - before, 0)
        team[most + 1] = 0
        team_now = team if team[most + 1 :].any() else team[: most + 1]
        rate_now = rate[: len(team_now)]
        # New agents find customers waiting: as long as they take one after the other, the clock stands.
        stands = (taken < seen) & (team[most] < at_work)
        while (clock < hour + 1).any():
            finishing = np.cumsum(rate_now * team_now, axis=0)
            with np.errstate(divide="ignore"):
                finish = clock + rng.standard_exponential(replications) / finishing[-1]
            arrival = arrived[seen, row]
            event = np.minimum(np.minimum(finish, arrival), hour + 1)
            if stands.any():
                event = np.where(stands, clock, event)
            clock = event
            seen += (event == arrival) & ~stands

            at = np.flatnonzero((event == finish) & ~stands)
            pick = finishing[-1, at] * (1 - rng.random(len(at)))
            chats = (finishing[:, at] >= pick).argmax(axis=0)
            team[chats, at] -= 1
            team[chats - 1, at] += 1

            at = np.flatnonzero((taken < seen) & (team[most] < at_work))
            customer, time = taken[at], clock[at]
            taken[at] += 1
            started[customer, at] = time
            fewest = (team[:most, at] > 0).argmax(axis=0)
            others[customer, at] = fewest
            team[fewest, at] -= 1
            team[fewest + 1, at] += 1
            if stands.any():
                stands = (taken < seen) & (team[most] < at_work)
    return started, others


def replies_sent(rng: np.random.Generator, started: Floats, others: Ints, reply: Floats, think: Floats) -> Floats:
    """When the first reply of each chat is sent, in hours, if those of the agent's other chats that wait come first."""
    chance = np.cumsum(waiting_replies(reply, think, int(others.max(initial=0))), axis=1)
    waiting = (rng.random(started.shape)[..., None] > chance[others]).sum(axis=-1)
    return started + rng.standard_gamma(waiting + 1.0) * (float(reply) / SECONDS_PER_HOUR)


def _send_home(rng: np.random.Generator, team: Floats, leaving: int) -> None:
    """Move so many agents of each replication, whoever they are, from the first half of `team` to the second."""
    on_shift, over = np.split(team, 2)
    left = np.full(team.shape[1], leaving)
    others = on_shift.sum(axis=0)
    for chats in range(len(on_shift)):
        others = others - on_shift[chats]
        going = rng.hypergeometric(on_shift[chats].astype(np.int64), others.astype(np.int64), left)
        on_shift[chats] -= going
        over[chats] += going
        left = left - going


def _tallied(arrived: Floats, started: Floats, served: Floats, hours: int, target_seconds: float) -> DeskRehearsal:
    """By hour of arrival; `served`: when a customer has got what is to be in time, an agent or a reply, in hours."""
    replications = arrived.shape[1]

    def per_hour(places: Ints, weights: Floats | None = None) -> NDArray[Any]:
        hour = np.minimum(arrived.take(places), hours).astype(np.int64)
        cells = np.bincount(hour * replications + places % replications, weights, (hours + 1) * replications)
        return cells.reshape(-1, replications)[:-1].T

    arrivals = per_hour(np.arange(arrived.size))
    late = np.flatnonzero(served > arrived)
    late = late[(served.take(late) - arrived.take(late)) * SECONDS_PER_HOUR > target_seconds]
    waits = np.flatnonzero(started > arrived)
    seconds = (np.minimum(started.take(waits), hours) - arrived.take(waits)) * SECONDS_PER_HOUR
    return DeskRehearsal(arrivals, arrivals - per_hour(late), per_hour(waits, seconds))


def _ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part) / np.asarray(whole)


# Sums of floats miss whole parcels by a little.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class WarehouseRehearsal:
    """Orders, (replications, hours): released in each hour, waiting at its end, late by the hour of release. A parcel
    that is half packed at its deadline is late.
    """

    orders: Floats
    waiting_orders: Floats
    late_orders: Floats


def rehearse_warehouse(
    orders: ArrayLike,
    is_open: ArrayLike,
    due: ArrayLike,
    *,
    rate_per_hour: ArrayLike,
    people: ArrayLike,
    variation: float = 0.0,
    replications: int = 200,
    seed: int = 0,
) -> WarehouseRehearsal:
    """What piles up and what is late, hour by hour, if this crew meets these days again and again?

    Parameters
    ----------
    orders, is_open, due : (hours,), orders expected, share of the hour worked, last hour for them
        (`deadlines.due_hours`)
    rate_per_hour, people : orders per person and hour, and people on shift; numbers, or (hours,)
    variation : standard deviation over mean of a gamma distributed factor on all orders of a replication
    seed : the same seed, the same answer; and the same orders, whatever the crew

    120 orders at 10:00 and 60 at 13:00 are due at 16:00, and four people do 8 an hour: enough for the orders expected,
    in one day of six too few.

    >>> is_open = np.isin(np.arange(24), range(9, 16))
    >>> orders = np.zeros(24); orders[10], orders[13] = 120, 60
    >>> day = dict(is_open=is_open, due=np.maximum(15, np.arange(24)), rate_per_hour=8, people=4)
    >>> late = rehearse_warehouse(orders, **day, replications=1000, seed=1).late_orders.sum(axis=1)
    >>> float((late > 0).mean()), float(late.mean())
    (0.175, 1.39)
    """
    rng = np.random.default_rng(seed)
    busyness = _busyness(rng, variation, replications)
    released = rng.poisson(busyness[:, None] * np.asarray(orders, dtype=float)).astype(np.float64)
    left = deadlines.backlog(released, is_open, due, rate_per_hour=rate_per_hour, people=people)
    late = np.minimum(np.ceil(left.late_orders - _ROUNDING), released)
    return WarehouseRehearsal(orders=released, waiting_orders=left.waiting_orders, late_orders=late)


def backlog_by_hour(rehearsal: WarehouseRehearsal) -> pd.DataFrame:
    """By hour, the mean `waiting` orders at its end, and `waiting_low` and `waiting_high`, between which 9 of 10 days
    lie.

    >>> day = rehearse_warehouse([40, 0, 6], np.ones(3), [2, 2, 2], rate_per_hour=10, people=1)
    >>> backlog_by_hour(day).round(1).rename_axis(None)
       waiting  waiting_low  waiting_high
    0     30.6         21.0          40.0
    1     20.6         11.0          30.0
    2     16.5          6.0          27.0
    """
    low, high = np.quantile(rehearsal.waiting_orders, [0.05, 0.95], axis=0)
    columns = {"waiting": rehearsal.waiting_orders.mean(axis=0), "waiting_low": low, "waiting_high": high}
    return pd.DataFrame(columns, index=pd.RangeIndex(rehearsal.orders.shape[1], name="hour"))
