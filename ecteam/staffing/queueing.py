"""How many agents does a desk need, and what does a customer of that desk experience?

Contacts arrive at random at `arrivals_per_hour`, an agent is busy with one for `handle_seconds` on average, and
whoever finds no agent free waits in order of arrival: calls (Erlang C), customers who lose patience (Erlang A), chats
(`concurrency` at once). Arguments are numbers or arrays that broadcast. Shares are of all customers who arrive.

The same keywords (`desk.Options`) describe the desk everywhere:

- `handle_seconds`: an agent's mean time for a contact; for chats, the mean length of one that is handled alone.
- `concurrency`: the most chats an agent takes at once. Above 1 the work rate with several is needed: `throughput`, the
  factors (1, d_2, d_3 ...) along its last axis, or `reply_seconds` and `think_seconds` (`chat_throughput`). Chats are
  spread evenly over the agents: against the exact chain the service level is within 0.005 where each further chat adds
  0.7 or more of the first one's rate, and too good by up to 0.035 where it adds little.
- `first_reply`: in time is who has got the first reply by then, instead of an agent's free slot. Replies take
  `reply_seconds` on average (exponential) and are written in the order in which customers wrote.
- `patience_seconds`: the mean time after which a waiting customer leaves, from 0 to infinity (the default).

Wrong arguments raise `ecteam.inputs.checks.InputError`, a ValueError, with the argument, its value and what is allowed.

References
----------
[1] N. Gans, G. Koole, A. Mandelbaum, "Telephone call centers: tutorial, review, and research prospects",
    Manufacturing & Service Operations Management 5 (2003): Erlang C and A, service level, staffing.
[2] O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient customers", Manufacturing &
    Service Operations Management 4 (2002); the model goes back to C. Palm (1957).
[3] S. Halfin, W. Whitt, "Heavy-traffic limits for queues with many exponential servers", Operations Research 29
    (1981): the square-root staffing from which the search for agents starts.
[4] T. Tezcan, J. Zhang, "Routing and staffing in customer service chat systems with impatient customers",
    Operations Research 62 (2014): agents whose work rate depends on the number of chats.
"""

from itertools import count
from math import inf, pi, sqrt
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from ecteam.inputs.arguments import Floats, checked
from ecteam.inputs.checks import InputError
from ecteam.staffing import desk as desks
from ecteam.staffing.chats import chat_throughput
from ecteam.staffing.desk import ALLOWED, Desk, Options, described, shares
from ecteam.staffing.erlang import inverse_blocking

# An occupancy that exceeds its limit by the rounding of a quotient is within it.
SLACK = 1e-12
_TO_WAIT = sqrt(pi / 2)  # how fast the log of the chance to wait falls with the first deviations of spare agents


def _first_guess(load: Floats, target: Floats, share: Floats) -> Floats:
    """Agents by square-root staffing, where the log of the chance to wait is about -1.2533 beta - beta^2 / 4."""
    spread = np.sqrt(load)
    slope = _TO_WAIT + spread * target
    odds = -np.log1p(-share)
    return np.maximum(np.ceil(load + 2 * odds / (slope + np.sqrt(slope * slope + odds)) * spread), np.floor(load) + 1)


def fewest(desk: Desk, share: Floats, max_occupancy: Floats, max_abandonment: Floats) -> Floats:
    """The fewest agents within all limits, on any kind of desk with load > 0, by closing in from both sides."""
    size = len(desk.load)
    limits = [np.broadcast_to(v, size) for v in (share, max_occupancy, max_abandonment)]
    agents = np.ceil(_first_guess(desk.load, desk.target, share) / desk.full_rate)
    few, enough = np.zeros(size), np.full(size, inf)
    last, last_margin = np.full(size, np.nan), np.full(size, np.nan)
    still = np.arange(size)
    for turn in count():
        n = agents[still]
        good, margin = _kept(n, desk.at(still), *(v[still] for v in limits))
        enough[still[good]] = n[good]
        few[still[~good]] = n[~good]
        least, most = few[still] + 1, enough[still] - 1
        with np.errstate(all="ignore"):
            # Log-odds are nearly linear in the number of agents: follow the secant, at first one of a usual slope.
            slope = (margin - last_margin[still]) / (n - last[still])
            slope = np.where((slope > 0) & (slope < inf), slope, 1.5 / np.sqrt(n))
            aim = np.ceil(n - margin / slope)
            aim = np.where((turn < 8) & np.isfinite(aim), aim, np.where(most < inf, (least + most) // 2, 2 * n))
            # First replies level off below what an idle agent sends in time: a secant there points anywhere.
            aim = np.minimum(aim, 2 * n)
        last[still], last_margin[still] = n, margin
        agents[still] = np.clip(aim, least, np.maximum(most, least))
        still = still[least <= most]
        if not still.size:
            break
    return enough


def _kept(
    agents: Floats, desk: Desk, share: Floats, max_occupancy: Floats, max_abandonment: Floats
) -> tuple[NDArray[np.bool_], Floats]:
    """Whether all limits are kept, and by how much the tightest, in log-odds."""
    _, leaves, in_time = shares(agents, desk)
    used = desks.occupancy(agents, desk, leaves)
    good = (in_time >= share) & (leaves <= max_abandonment) & (used <= max_occupancy * (1 + SLACK))
    with np.errstate(divide="ignore", invalid="ignore"):
        margin = special.logit(in_time) - special.logit(share)
        margin = np.fmin(margin, special.logit(max_abandonment) - special.logit(leaves))
        idle = 1.5 * np.sqrt(agents) * (1 - used / max_occupancy)
    return good, np.where(max_occupancy < 1, np.fmin(margin, idle), margin)


def fewest_agents(desk: Desk, given: dict[str, Floats]) -> NDArray[np.int64]:
    """The fewest agents within the limits `given`, for each desk; 1-d."""
    size = len(desk.load)
    limits = [given[name] for name in ("target_share", "max_occupancy", "max_abandonment")]
    agents = np.zeros(size)
    # A load that is no normal number any more is nobody: its logarithms would never settle.
    asked = desk.load >= np.finfo(float).tiny
    if np.any(asked & np.isfinite(desk.patience) & (given["max_abandonment"] == 0)):
        raise InputError(
            "max_abandonment is 0 and patience_seconds is finite; some customers leave however many agents there are, "
            "so allow a share above 0"
        )
    idle = np.where(desk.reply > 0, -np.expm1(-desk.target / np.where(desk.reply > 0, desk.reply, 1)), 1.0)
    if np.any(hopeless := asked & (given["target_share"] >= idle)):
        at = int(np.argmax(hopeless))
        wished, most = (float(np.broadcast_to(v, size)[at]) for v in (given["target_share"], idle))
        raise InputError(
            f"target_share is {wished:.4g}, but writing takes so long that even an agent with nothing else to do "
            f"sends {most:.4g} of the first replies within target_seconds; choose a share below that or more seconds"
        )
    if asked.any():
        agents[asked] = fewest(desk.at(asked), *(v[asked] if v.ndim else v for v in limits))
    return agents.astype(np.int64)


__all__ = [
    "abandonment",
    "agents_required",
    "chat_throughput",
    "erlang_b",
    "erlang_c",
    "mean_wait_seconds",
    "occupancy",
    "rostered",
    "service_level",
]


def erlang_b(agents: ArrayLike, offered_load: ArrayLike) -> Floats:
    """Which share of customers is turned away where nobody can wait? Agents may be any number; load in erlangs.

    Formula: `B = (a^n / n!) / sum over k <= n of a^k / k!`, relative error below 1e-12 [1].

    >>> round(float(erlang_b(14, 10)), 6)
    0.056819
    """
    given = checked(ALLOWED, agents=agents, offered_load=offered_load)
    n, load = np.broadcast_arrays(given["agents"], given["offered_load"])
    blocked = np.array(n == 0, dtype=np.float64)
    some = (n > 0) & (load > 0)
    with np.errstate(over="ignore"):
        blocked[some] = 1 / inverse_blocking(n[some], load[some])
    return blocked[()]


def erlang_c(agents: ArrayLike, offered_load: ArrayLike) -> Floats:
    """Which share of customers has to wait where all wait until they are served?

    Formula: `C = n / (n + (n - a) (1/B - 1))`, and 1 where n <= a; relative error below 1e-12 [1].

    >>> round(float(erlang_c(14, 10)), 12)
    0.174131933595
    """
    given = checked(ALLOWED, agents=agents, offered_load=offered_load)
    n, load = np.broadcast_arrays(given["agents"], given["offered_load"])
    waits = np.array(n <= load, dtype=np.float64)
    some = (n > load) & (load > 0)
    n, load = n[some], load[some]
    with np.errstate(over="ignore"):
        # 1/B(n) - 1 = (n / a) / B(n - 1), which does not cancel.
        waits[some] = load / (load + (n - load) * inverse_blocking(n - 1, load))
    return waits[()]


def service_level(
    agents: ArrayLike,
    arrivals_per_hour: ArrayLike,
    handle_seconds: ArrayLike,
    target_seconds: ArrayLike,
    **desk: Unpack[Options],
) -> Floats:
    """Which share of customers does an agent take within `target_seconds`? The keywords: see the head of this module.

    Formula: without patience `1 - C exp(-(n - a) t / h)` [1]; with patience that of Erlang A [2], over incomplete
    gamma functions; chats replace the states below the queue, `n d_K` the capacity [4]. 0 where the queue would grow
    for ever, 1 where nobody arrives; within 5e-12. Agents must be whole where `concurrency` is above 1.

    >>> service_level([11, 13], 300, 300, 30, concurrency=3, throughput=(1, 1.7, 2.5)).round(3)
    array([0.625, 0.965])
    """
    known, n, shape = _staffed(agents, arrivals_per_hour, handle_seconds, desk, target_seconds=target_seconds)
    return shares(n, known)[2].reshape(shape)[()]


def abandonment(
    agents: ArrayLike,
    arrivals_per_hour: ArrayLike,
    handle_seconds: ArrayLike,
    **desk: Unpack[Options],
) -> Floats:
    """Which share of customers leaves before an agent takes them?

    Formula: `(1 + (lambda - n mu) J) / (E + lambda J)` of [2]; 0 for endless patience.

    >>> round(float(abandonment(50, 48 * 60, 60, patience_seconds=120)), 10)
    0.0309122492
    """
    known, n, shape = _staffed(agents, arrivals_per_hour, handle_seconds, desk)
    return shares(n, known)[1].reshape(shape)[()]


def occupancy(
    agents: ArrayLike,
    arrivals_per_hour: ArrayLike,
    handle_seconds: ArrayLike,
    **desk: Unpack[Options],
) -> Floats:
    """Which share of the agents' capacity is in use? `a (1 - abandonment) / (n d_K)`, at most 1; an average over time.

    >>> round(float(occupancy(14, 200, 180)), 4)
    0.7143
    """
    known, n, shape = _staffed(agents, arrivals_per_hour, handle_seconds, desk)
    return desks.occupancy(n, known, shares(n, known)[1]).reshape(shape)[()]


def mean_wait_seconds(
    agents: ArrayLike, arrivals_per_hour: ArrayLike, handle_seconds: ArrayLike, **desk: Unpack[Options]
) -> Floats:
    """How long do customers wait for an agent on average, those who do not wait and those who leave included?

    Formula: `C h / (n d_K - a)`, infinite where the load is not below the capacity [1]; with patience,
    `abandonment x patience` [2].

    >>> round(float(mean_wait_seconds(14, 200, 180)), 3)
    7.836
    """
    known, n, shape = _staffed(agents, arrivals_per_hour, handle_seconds, desk)
    waits, leaves, _ = shares(n, known)
    with np.errstate(divide="ignore", invalid="ignore"):
        patient = np.where(waits > 0, waits / np.maximum(n * known.full_rate - known.load, 0), 0)
        wait = np.where(np.isinf(known.patience), patient, leaves * known.patience)
    return wait.reshape(shape)[()] * np.asarray(handle_seconds, dtype=float)


def _staffed(
    agents: ArrayLike, arrivals_per_hour: ArrayLike, handle_seconds: ArrayLike, options: Options, **more: ArrayLike
) -> tuple[Desk, Floats, tuple[int, ...]]:
    """The desk, its agents, 1-d, and the shape of the answer."""
    desk, given, shape = described(
        options, agents=agents, arrivals_per_hour=arrivals_per_hour, handle_seconds=handle_seconds, **more
    )
    return desk, np.broadcast_to(given["agents"], desk.load.shape), shape


def agents_required(
    arrivals_per_hour: ArrayLike,
    handle_seconds: ArrayLike,
    target_seconds: ArrayLike,
    target_share: ArrayLike,
    *,
    max_occupancy: ArrayLike = 1.0,
    max_abandonment: ArrayLike = 1.0,
    **desk: Unpack[Options],
) -> int | np.ndarray:
    """How many agents at work are enough, so that `target_share` is taken within `target_seconds`, and not one more?

    `max_occupancy` and `max_abandonment` limit what these functions give. Returns the smallest whole number within all
    limits, 0 where nobody arrives: an int, or an array of int64. Raises InputError where no number is enough, with the
    limit that blocks it.

    >>> agents_required([0, 20, 20_000], 180, 20, 0.8)
    array([   0,    3, 1011])
    >>> agents_required(300, 300, 30, 0.9, concurrency=3, throughput=(1, 1.7, 2.5))
    13
    """
    known, given, shape = described(
        desk,
        arrivals_per_hour=arrivals_per_hour,
        handle_seconds=handle_seconds,
        target_seconds=target_seconds,
        target_share=target_share,
        max_occupancy=max_occupancy,
        max_abandonment=max_abandonment,
    )
    agents = fewest_agents(known, given)
    return int(agents[0]) if shape == () else agents.reshape(shape)


def rostered(agents: ArrayLike, shrinkage: ArrayLike) -> int | np.ndarray:
    """How many agents must be rostered for so many to be at work? `ceil(agents / (1 - shrinkage))`.

    `shrinkage`: share of paid time lost to breaks, leave, training. 21 / (1 - 0.3) is 30, also where floats give more.

    >>> rostered(21, 0.3)
    30
    """
    given = checked(ALLOWED, agents=agents, shrinkage=shrinkage)
    heads = np.ceil(given["agents"] / (1 - given["shrinkage"]) * (1 - SLACK)).astype(np.int64)
    return int(heads) if heads.ndim == 0 else heads
