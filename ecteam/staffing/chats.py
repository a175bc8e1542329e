"""Chats: how much faster an agent works with several at once, and the states of a desk that does so.

A *throughput factor* d_j is the rate at which an agent with j chats finishes chats, as a multiple of the rate with
one chat alone: (1, 1.7, 2.5) says that three at once get done 2.5 times as fast as one after the other.

References
----------
[1] M. Reiser and S. S. Lavenberg, "Mean-value analysis of closed multichain queueing networks", J. ACM 27 (1980).
[2] T. Tezcan and J. Zhang, "Routing and staffing in customer service chat systems with impatient customers",
    Operations Research 62 (2014): agents whose rate depends on the number of chats.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.checks import InputError
from ecteam.staffing.erlang import FORGOTTEN, climb, inverse_blocking

ALLOWED = {
    "reply_seconds": Allowed("more than 0 seconds of an agent's work for one reply", above=0, below=np.inf),
    "think_seconds": Allowed("0 or more seconds until the customer writes again", at_least=0, below=np.inf),
    "concurrency": Allowed("a whole number of chats at once, 1 or more", at_least=1, below=np.inf, whole=True),
    "throughput": Allowed("more than 0, as a multiple of the rate with one chat", above=0, below=np.inf),
    "handle_seconds": Allowed("more than 0 seconds", above=0, below=np.inf),
}


NO_REPLIES = "first_reply asks when a reply is sent; give reply_seconds and think_seconds as well"


def chat_throughput(reply_seconds: ArrayLike, think_seconds: ArrayLike, concurrency: int) -> Floats:
    """How much faster does an agent work with 1, 2, 3 ... chats, if customers take time to answer?

    The agent writes one reply at a time, customers think independently (a closed network of two stations) [1]. Returns
    d_j = j (reply + think) / (R_j + think) along a new last axis of `concurrency`, where R_j = reply (1 + Q_(j-1)) is
    the time to a reply with j chats and Q_j = j R_j / (R_j + think) who wait for one; they rise to 1 + think / reply.

    >>> chat_throughput(reply_seconds=30, think_seconds=60, concurrency=4).round(3)
    array([1.   , 1.8  , 2.368, 2.714])
    """
    given = checked(ALLOWED, concurrency=concurrency, reply_seconds=reply_seconds, think_seconds=think_seconds)
    reply, think = np.broadcast_arrays(given["reply_seconds"], given["think_seconds"])
    waiting, factors = np.zeros(()), []
    for chats in range(1, int(given["concurrency"]) + 1):
        time = reply * (1 + waiting)
        waiting = chats * time / (time + think)
        factors.append(chats * (reply + think) / (time + think))
    return np.stack(factors, axis=-1)


def rates_by_chats(
    concurrency: Floats, throughput: ArrayLike | None, reply_seconds: ArrayLike | None, think_seconds: ArrayLike | None
) -> list[Floats]:
    """d_0 = 0, d_1 = 1, d_2 ... up to the largest concurrency: one array (or number) for each number of chats."""
    most = int(concurrency.max(initial=1))
    derived = reply_seconds is not None and think_seconds is not None
    if (throughput is not None) + (reply_seconds is not None or think_seconds is not None) > 1:
        raise InputError("throughput and reply_seconds or think_seconds are both given; give only one of the two")
    if (reply_seconds is None) != (think_seconds is None):
        missing = "reply_seconds" if reply_seconds is None else "think_seconds"
        raise InputError(
            f"{missing} is missing; the work rate with several chats needs reply_seconds and think_seconds"
        )
    if throughput is None and not derived:
        if most == 1:
            return [np.zeros(()), np.ones(())]
        raise InputError(
            f"concurrency is {most} but throughput is missing; give the work rate by number of chats, "
            "such as throughput=(1, 1.7, 2.5), or both reply_seconds and think_seconds"
        )
    if throughput is None:
        rates = chat_throughput(reply_seconds, think_seconds, most)  # type: ignore[arg-type]
    else:
        rates = checked(ALLOWED, throughput=throughput)["throughput"]
    if rates.ndim == 0 or rates.shape[-1] < most:
        raise InputError(
            f"throughput is {rates.tolist()} but concurrency is {most}; "
            f"it must have {most} values, one for each number of chats"
        )
    mistakes = []
    if np.any(rates[..., 0] != 1):
        mistakes.append("must begin with 1, the rate with one chat alone")
    for j in range(1, most):
        used = concurrency > j
        # Derived factors level off at 1 + think / reply, where rounding may take one below the last.
        if np.any(used & (rates[..., j] < rates[..., j - 1] * (1 - 1e-12))):
            mistakes.append(f"must not decrease, but does from {j} to {j + 1} chats; choose a concurrency of {j}")
        if np.any(used & (rates[..., j] > (j + 1) * (1 + 1e-9))):
            mistakes.append(f"must not exceed the number of chats, but does at {j + 1}")
    if mistakes:
        raise InputError([f"throughput is {rates.tolist()}; it {mistake}" for mistake in mistakes])
    return [np.zeros(()), *(rates[..., j] for j in range(most))]


def waiting_replies(reply: Floats, think: Floats, most: int) -> Floats:
    """The chance that of an agent's j chats q wait for a reply, (..., j, q) for j and q from 0 to `most`.

    It goes with (think / reply)^i / i!, where i = j - q customers think [1].
    """
    weight = np.ones((*np.broadcast_shapes(np.shape(reply), np.shape(think)), most + 1))
    for i in range(1, most + 1):
        weight[..., i] = weight[..., i - 1] * (think / reply) / i
    chance = np.zeros((*weight.shape, most + 1))
    for j in range(most + 1):
        chance[..., j, : j + 1] = weight[..., j::-1] / weight[..., : j + 1].sum(axis=-1, keepdims=True)
    return chance


def replies_in_time(seconds: Floats, reply: Floats, think: Floats, most: int) -> list[Floats]:
    """The share of first replies sent so many seconds after the agent took the chat as the 1st, 2nd ... of its chats.

    The other chats' customers wrote before, so their replies come first: q + 1 exponential times where q of them wait.
    """
    times = np.maximum(seconds, 0) / reply
    # Chances that so many replies, 1, 2 ..., are written in time: 1 - e^-t (1 + t + t^2 / 2 ...).
    written: list[Floats] = []
    term = np.exp(-times)
    for replies in range(1, most + 1):
        written.append((written[-1] if written else 1.0) - term)
        term = term * times / replies
    chance = waiting_replies(reply, think, most - 1)
    return [np.sum([chance[..., j, q] * written[q] for q in range(j + 1)], axis=0) for j in range(most)]


def inverse_last(
    agents: Floats, load: Floats, rates: Sequence[Floats], concurrency: Floats, sent: Sequence[Floats] | None = None
) -> tuple[Floats, Floats]:
    """The states in which some agent has room, weighed against the last of them; all arguments 1-d of one length.

    With m = q n + r chats on n agents, each has q or q + 1 and they finish (n - r) d_q + r d_(q+1) chats per handle
    time. And the mean over these states of what is `sent` in time as an agent's 1st, 2nd ... chat (0 without).
    """
    if len(rates) == 2:
        return inverse_blocking(agents - 1, load), np.broadcast_to(0.0 if sent is None else sent[0], agents.shape)
    start: list[Floats] = [np.zeros(())] * (len(rates) - 1)
    needed = np.ones(len(agents), dtype=bool)
    forgotten = []
    for q in range(len(rates) - 2, -1, -1):
        slope = rates[q + 1] - rates[q]
        # States far below the one at which finishing keeps up with arriving do not matter: from there down, the
        # log of the ratio between neighbours grows at least linearly.
        top = np.minimum(agents * rates[q + 1], load)
        gap = np.log(load / top)
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.ceil(np.fmin(FORGOTTEN / gap, np.sqrt(2 * FORGOTTEN * load / slope)))
            chats_at_top = np.where(slope > 0, (top - agents * rates[q]) / slope, agents)
            start[q] = np.floor(chats_at_top) - steps
        used = needed & (concurrency > q)
        start[q] = np.where(used, np.clip(np.nan_to_num(start[q], nan=0, neginf=0), 0, agents), agents)
        forgotten.append(used & (start[q] > 0))
        needed &= ~(used & (start[q] > 0))
    value, mean = np.zeros((2, len(agents)))
    for q, begin in enumerate(start):
        rate = agents * rates[q] / load
        slope = (rates[q + 1] - rates[q]) / load
        value[forgotten[-1 - q]] = 0
        worth = {} if sent is None else {"mean": mean, "of_state": sent[q]}
        value, mean = climb(value, rate + begin * slope, slope, agents - begin, **worth)
    return value, mean
