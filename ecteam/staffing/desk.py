"""One desk, in units of its handle time, and what its customers experience there.

`queueing` is the face of this module and explains its terms and sources.
"""

from math import inf
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.calendar_units import SECONDS_PER_HOUR
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.staffing import chats as chats_staffing
from ecteam.staffing.erlang import queue_shares

ALLOWED = chats_staffing.ALLOWED | {
    "agents": Allowed("0 or more agents", at_least=0, below=inf),
    "offered_load": Allowed("0 or more erlangs", at_least=0, below=inf),
    "arrivals_per_hour": Allowed("0 or more contacts an hour", at_least=0, below=inf),
    "target_seconds": Allowed("0 or more seconds", at_least=0, below=inf),
    "target_share": Allowed("a share above 0 and below 1", above=0, below=1),
    "patience_seconds": Allowed("0 or more seconds, or infinity", at_least=0),
    "max_occupancy": Allowed("a share above 0, 1 at most", above=0, at_most=1),
    "max_abandonment": Allowed("a share from 0 to 1", at_least=0, at_most=1),
    "shrinkage": Allowed("a share from 0 to below 1", at_least=0, below=1),
}
_EDGES = np.linspace(0, 1, 25)  # of the target: within such a step replies hardly differ
MOST_ERLANGS = 1e6  # people busy at once: more than any company has, and beyond it memory and minutes run out


class Desk(NamedTuple):
    """Many desks side by side: `load` is 1-d, the others as long or one number for all; times in handle times.

    `reply`: the agent's time for one reply where `in_time` is about the first reply, 0 where it is about a free agent;
    `think`: the customer's until the next message.
    """

    load: Floats
    target: Floats
    patience: Floats
    concurrency: Floats
    reply: Floats
    think: Floats
    rates: list[Floats]

    def at(self, places: Any) -> "Desk":
        load, target, patience, concurrency, reply, think, *rates = (
            v[places] if v.ndim else v for v in (*self[:-1], *self.rates)
        )
        return Desk(load, target, patience, concurrency, reply, think, rates)

    @property
    def full_rate(self) -> Floats:
        """Contacts that an agent with all hands full finishes per handle time."""
        rate = self.rates[1]
        for chats, faster in enumerate(self.rates[2:], start=2):
            rate = np.where(self.concurrency >= chats, faster, rate)
        return rate


class Options(TypedDict, total=False):
    """The keywords that describe a desk, by default one of patient customers and one contact at a time: `queueing`."""

    concurrency: ArrayLike
    throughput: ArrayLike | None
    reply_seconds: ArrayLike | None
    think_seconds: ArrayLike | None
    patience_seconds: ArrayLike
    first_reply: bool


def described(options: Options, **given: ArrayLike) -> tuple[Desk, dict[str, Floats], tuple[int, ...]]:
    """The desk of these arguments, all arguments as 1-d arrays or numbers, and the shape of the answer."""
    if unknown := sorted(options.keys() - Options.__annotations__.keys()):
        raise TypeError(f"a desk has no keyword {unknown[0]!r}{did_you_mean(unknown[0], Options.__annotations__)}")
    if (first_reply := options.get("first_reply", False)) and options.get("reply_seconds") is None:
        raise InputError(chats_staffing.NO_REPLIES)
    throughput, reply, think = options.get("throughput"), options.get("reply_seconds"), options.get("think_seconds")
    given |= {
        name: value for name, value in {"reply_seconds": reply, "think_seconds": think}.items() if value is not None
    }
    given |= {"concurrency": options.get("concurrency", 1), "patience_seconds": options.get("patience_seconds", inf)}
    values = checked(ALLOWED, **given)
    rates = chats_staffing.rates_by_chats(values["concurrency"], throughput, reply, think)
    try:
        shape = np.broadcast_shapes(*(v.shape for v in values.values()), *(v.shape for v in rates))
    except ValueError:
        source = "reply_seconds and think_seconds" if throughput is None else "throughput (without its last axis)"
        raise InputError(
            f"{source} gives shape {rates[-1].shape}; it must broadcast with the other arguments, whose shape is "
            f"{np.broadcast_shapes(*(v.shape for v in values.values()))}"
        ) from None

    def flat(array: Floats) -> Floats:
        return array if array.ndim == 0 else np.broadcast_to(array, shape).ravel()

    agents = np.broadcast_to(values.get("agents", np.zeros(())), shape)
    broken = agents[(agents % 1 != 0) & (values["concurrency"] > 1)]
    if broken.size:
        raise InputError(f"agents is {broken[0]:.15g}; it must be a whole number where concurrency is above 1")
    handle = values["handle_seconds"]
    load = np.broadcast_to(values["arrivals_per_hour"] * handle / SECONDS_PER_HOUR, shape).ravel()
    idle = np.max(load / flat(values.get("max_occupancy", np.ones(()))), initial=0)
    if idle > MOST_ERLANGS >= load.max():
        raise InputError(f"max_occupancy asks for {idle:.6g} agents; it must leave {MOST_ERLANGS:g} at most")
    if load.max(initial=0) > MOST_ERLANGS:
        raise InputError(
            f"arrivals_per_hour x handle_seconds is {load.max():.6g} erlangs; it must be {MOST_ERLANGS:g} at most"
        )
    nothing = np.zeros(())
    desk = Desk(
        load=load,
        target=flat(values.get("target_seconds", np.zeros(())) / handle),
        patience=flat(values["patience_seconds"] / handle),
        concurrency=flat(values["concurrency"]),
        reply=flat(values["reply_seconds"] / handle) if first_reply else nothing,
        think=flat(values["think_seconds"] / handle) if first_reply else nothing,
        rates=[flat(rate) for rate in rates],
    )
    return desk, {name: flat(v) for name, v in values.items()}, shape


@np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore")
def shares(agents: Floats, desk: Desk) -> Floats:
    """The shares of customers who wait, who leave, and who are served in time; shape (3, desks)."""
    usual = (desk.load > 0) & (agents > 0)
    if not usual.all():
        result = np.empty((3, len(agents)))
        nobody = desk.load > 0
        result[:] = nobody, nobody & (desk.patience < inf), ~nobody
        result[:, usual] = shares(agents[usual], desk.at(usual)) if usual.any() else 0
        return result
    replied, most = np.any(desk.reply), len(desk.rates) - 1
    sent = chats_staffing.replies_in_time(desk.target, desk.reply, desk.think, most) if replied else None
    below, at_once = chats_staffing.inverse_last(agents, desk.load, desk.rates, desk.concurrency, sent)
    capacity = agents * desk.full_rate
    waits, leaves, in_time = queue_shares(below, desk.load, capacity, desk.patience, desk.target)
    if replied:
        # Those who meet an agent with room write to one with the fewest chats; the others wait for one who has just
        # finished a chat of all that an agent takes, and what it takes to reply then is left out of the target.
        in_time = (1 - waits) * at_once
        some = np.flatnonzero(waits > 0)
        one, times = desk.at(some), _EDGES[:, None] * np.broadcast_to(desk.target, agents.shape)[some]
        by_chats = chats_staffing.replies_in_time(times, one.reply, one.think, most)
        last = np.select([one.concurrency == j for j in range(1, most + 1)], by_chats)
        queue = below[some], one.load, capacity[some], one.patience
        for step, middle in zip(np.diff(last, axis=0), (times[1:] + times[:-1]) / 2, strict=True):
            in_time[some] += step * (queue_shares(*queue, times[-1] - middle)[2] - 1 + waits[some])
    return np.stack([waits, leaves, np.clip(in_time, 0, 1)])


def occupancy(agents: Floats, desk: Desk, leaves: Floats) -> Floats:
    """The share of the work that the agents could do which they do; 1-d."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        used = desk.load / (agents * desk.full_rate) * (1 - leaves)
    return np.where(desk.load > 0, np.where(agents > 0, np.minimum(used, 1), 1.0), 0.0)
