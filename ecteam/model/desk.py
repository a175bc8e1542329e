"""One desk, in units of its handle time: what its customers experience, and the fewest agents that are enough.

`queueing` is the face of this module and explains its terms and sources.
"""

from itertools import count
from math import exp, inf, log, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from ecteam.errors import InputError
from ecteam.model import chat
from ecteam.model.arguments import Allowed, Floats, checked
from ecteam.model.erlang import inverse_blocking, queue_shares

HOUR = 60 * 60
ALLOWED = chat.ALLOWED | {
    "agents": Allowed("0 or more agents", at_least=0, below=inf),
    "offered_load": Allowed("0 or more erlangs", at_least=0, below=inf),
    "arrivals_per_hour": Allowed("0 or more contacts an hour", at_least=0, below=inf),
    "target_seconds": Allowed("0 or more seconds", at_least=0, below=inf),
    "target_share": Allowed("a share above 0 and below 1", above=0, below=1),
    "patience_seconds": Allowed("0 or more seconds, or infinity", at_least=0),
    "variation": Allowed("0 or more, as a share of the mean arrival rate", at_least=0, below=inf),
    "max_occupancy": Allowed("a share above 0, 1 at most", above=0, at_most=1),
    "max_abandonment": Allowed("a share from 0 to 1", at_least=0, at_most=1),
    "max_agents": Allowed("0 or more agents, or infinity", at_least=0),
    "shrinkage": Allowed("a share from 0 to below 1", at_least=0, below=1),
}
# An occupancy that exceeds its limit by the rounding of a quotient is within it.
SLACK = 1e-12
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(20)
_CELLS_AT_ONCE = 2**17
_NO_VARIATION = 1e-6  # its square, which is what it changes, is less than rounding
_FEW = [float(n) for n in range(1, 81)]  # up to here a loop over floats is faster than an array


class Desk(NamedTuple):
    """Many desks side by side: `load` is 1-d, the others as long or one number for all; times in handle times."""

    load: Floats
    target: Floats
    patience: Floats
    variation: Floats
    concurrency: Floats
    rates: list[Floats]

    def at(self, places: Any) -> "Desk":
        load, target, patience, variation, concurrency, *rates = (
            v[places] if v.ndim else v for v in (*self[:-1], *self.rates)
        )
        return Desk(load, target, patience, variation, concurrency, rates)

    @property
    def full_rate(self) -> Floats:
        """Contacts that an agent with all hands full finishes per handle time."""
        rate = self.rates[1]
        for chats, faster in enumerate(self.rates[2:], start=2):
            rate = np.where(self.concurrency >= chats, faster, rate)
        return rate


def described(
    throughput: ArrayLike | None, reply_seconds: ArrayLike | None, think_seconds: ArrayLike | None, **given: ArrayLike
) -> tuple[Desk, dict[str, Floats], tuple[int, ...]]:
    """The desk of these arguments, the arguments that are no part of it, and the shape of the answer."""
    chatting = {"reply_seconds": reply_seconds, "think_seconds": think_seconds}
    values = checked(ALLOWED, **given, **{name: value for name, value in chatting.items() if value is not None})
    rates = chat.rates_by_chats(values["concurrency"], throughput, reply_seconds, think_seconds)
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

    if values["concurrency"].max(initial=1) > 1 and np.any(values.get("agents", np.zeros(())) % 1):
        raise InputError("agents must be a whole number where concurrency is above 1")
    handle = values["handle_seconds"]
    load = np.broadcast_to(values["arrivals_per_hour"] * handle / HOUR, shape).ravel()
    desk = Desk(
        load=load,
        target=flat(values.get("target_seconds", np.zeros(())) / handle),
        patience=flat(values["patience_seconds"] / handle),
        variation=flat(values.get("variation", np.zeros(()))),
        concurrency=flat(values["concurrency"]),
        rates=[flat(rate) for rate in rates],
    )
    return desk, {name: flat(v) for name, v in values.items()}, shape


def shares(agents: Floats, desk: Desk) -> Floats:
    """The shares of customers who wait, who leave, and who are served in time; shape (3, desks)."""
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        varied = (desk.variation > _NO_VARIATION) & (desk.load > 0) & (agents > 0)
        if not varied.any():
            return _shares_of_a_day(agents, desk)
        result = np.empty((3, len(agents)))
        result[:, ~varied] = _shares_of_a_day(agents[~varied], desk.at(~varied))
        places = np.flatnonzero(varied)
        at_once = _CELLS_AT_ONCE // (4 * len(_NODES))
        for first in range(0, len(places), at_once):
            some = places[first : first + at_once]
            result[:, some] = _shares_over_days(agents[some], desk.at(some))
        return result


def _shares_of_a_day(agents: Floats, desk: Desk) -> Floats:
    usual = (desk.load > 0) & (agents > 0)
    if not usual.all():
        result = np.empty((3, len(agents)))
        nobody = desk.load > 0
        result[:] = nobody, nobody & (desk.patience < inf), ~nobody
        result[:, usual] = _shares_of_a_day(agents[usual], desk.at(usual)) if usual.any() else 0
        return result
    below = chat.inverse_last(agents, desk.load, desk.rates, desk.concurrency)
    return np.stack(queue_shares(below, desk.load, agents * desk.full_rate, desk.patience, desk.target))


def _shares_over_days(agents: Floats, desk: Desk) -> Floats:
    """Averages over customers: the day of a customer has a rate of G times the mean, G ~ gamma(1 / v^2 + 1) v^2."""
    shape = 1 / desk.variation[..., None] ** 2
    lowest = special.gammaincinv(shape + 1, 1e-13) / shape
    highest = special.gammainccinv(shape + 1, 1e-13) / shape
    # The shares bend where the load passes the capacity, and again where the wait of the patient passes the target.
    # Nodes crowd on both sides of either, at distances that grow like sinh.
    load, capacity = desk.load[:, None], (agents * desk.full_rate)[:, None]
    target, patience = desk.target[..., None], np.maximum(desk.patience[..., None], 1e-9)
    mortal = np.isfinite(patience)
    full = np.clip(capacity / load, lowest, highest)
    hopeless = np.clip(full * np.exp(np.where(mortal, np.minimum(target / patience, 50), 0)), lowest, highest)
    between = (full + hopeless) / 2
    near_full = np.sqrt(np.maximum(capacity, 1) / np.where(mortal, np.maximum(patience, 1), 1)) / load
    near_full = np.where(mortal, near_full, np.minimum(near_full, 1 / (load * target)))
    near_hopeless = hopeless / np.sqrt(np.maximum(np.where(mortal, capacity * patience, 1), 1))
    rates, weights = [], []
    for centre, end, width in (
        (full, lowest, near_full),
        (full, between, near_full),
        (hopeless, between, near_hopeless),
        (hopeless, highest, near_hopeless),
    ):
        reach = np.arcsinh((end - centre) / width)
        v = reach * (1 + _NODES) / 2
        rates.append(centre + width * np.sinh(v))
        weights.append(np.abs(reach) / 2 * _NODE_WEIGHTS * width * np.cosh(v))
    rate, weight = np.concatenate(rates, axis=1), np.concatenate(weights, axis=1)
    weight *= np.exp(shape * (np.log(rate) - rate + 1))
    # A narrow density is divided by its own sum, so that its peak may fall between nodes; a wide one, whose foot at 0
    # the nodes do not see, by its integral.
    wide = np.minimum(shape, 1)
    integral = np.exp(special.gammaln(wide + 1) + wide - (wide + 1) * np.log(wide))
    weight /= np.where(shape < 1, integral, weight.sum(axis=1, keepdims=True))

    times = rate.shape[1]
    days = desk.at(np.repeat(np.arange(len(agents)), times))._replace(load=(load * rate).ravel())
    each = _shares_of_a_day(np.repeat(agents, times), days).reshape(3, -1, times)
    # All but the last vanish on quiet days, where the density of a large variation is steep: average its complement.
    each[2] = 1 - each[2]
    waits, leaves, late = np.einsum("sdn,dn->sd", each, weight)
    return np.clip([waits, leaves, 1 - late], 0, 1)


def occupancy(agents: Floats, desk: Desk, leaves: Floats) -> Floats:
    """The share of the work that the agents could do which they do; 1-d."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        rho = desk.load / (agents * desk.full_rate)
        used = rho * (1 - leaves)
        if np.any(desk.variation > _NO_VARIATION):
            # The patient never leave, and the mean of min(1, rho G) is known.
            shape = 1 / np.maximum(desk.variation, _NO_VARIATION) ** 2
            capped = rho * special.gammainc(shape + 1, shape / rho) + special.gammaincc(shape, shape / rho)
            used = np.where((desk.variation > _NO_VARIATION) & np.isinf(desk.patience), capped, used)
    return np.where(desk.load > 0, np.where(agents > 0, np.minimum(used, 1), 1.0), 0.0)


def _first_guess(load: Floats, target: Floats, share: Floats) -> Floats:
    """Agents by square-root staffing, where the log of the chance to wait is about -1.2533 beta - beta^2 / 4."""
    spread = np.sqrt(load)
    slope = sqrt(np.pi / 2) + spread * target
    odds = -np.log1p(-share)
    return np.maximum(np.ceil(load + 2 * odds / (slope + np.sqrt(slope * slope + odds)) * spread), np.floor(load) + 1)


def fewest_for_a_call(load: float, target: float, share: float) -> int:
    """`fewest_for_calls` for one desk, in plain numbers."""
    spread, odds = sqrt(load), -log(1 - share)
    slope = 1.2533 + spread * target
    agents = int(load + 2 * odds / (slope + sqrt(slope * slope + odds)) * spread) + 1
    below = 1.0
    if agents <= len(_FEW):
        for n in _FEW[: agents - 1]:
            below = 1.0 + below * n / load
    else:
        # From below here nothing reaches the last digit: the terms fall like a normal density, e^-37 at 8.7 deviations.
        steps = np.arange(agents - 1.0, max(int(load - 8.7 * spread), 0), -1.0) / load
        below += float(np.multiply.accumulate(steps).sum())
    climbed = False
    while 1 - load / (load + (agents - load) * below) * exp((load - agents) * target) < share:
        below = 1 + below * agents / load
        agents += 1
        climbed = True
    while not climbed and agents - 1 > load:
        fewer = (below - 1) * load / (agents - 1)
        if 1 - load / (load + (agents - 1 - load) * fewer) * exp((load - agents + 1) * target) < share:
            break
        agents -= 1
        below = fewer
    return agents


def fewest_for_calls(desk: Desk, share: Floats) -> Floats:
    """The fewest agents that serve this share in time: one call each, patient customers, load > 0, no variation."""
    load = desk.load
    target, share = (np.broadcast_to(v, load.shape) for v in (desk.target, share))

    def enough(agents: Floats, below: Floats, of: NDArray[np.intp]) -> NDArray[np.bool_]:
        spare = agents - load[of]
        return 1 - load[of] / (load[of] + spare * below) * np.exp(-spare * target[of]) >= share[of]

    with np.errstate(over="ignore", under="ignore"):
        agents = _first_guess(load, target, share)
        below = inverse_blocking(agents - 1, load)
        good = enough(agents, below, np.arange(len(load)))
        short, long = np.flatnonzero(~good), np.flatnonzero(good)
        # From here on, the recursion of 1/B takes every desk one agent up or down at the price of a division.
        while short.size:
            below[short] = 1 + below[short] * agents[short] / load[short]
            agents[short] += 1
            short = short[~enough(agents[short], below[short], short)]
        while long.size:
            long = long[agents[long] - 1 > load[long]]
            fewer = agents[long] - 1
            lower = (below[long] - 1) * load[long] / fewer
            good = enough(fewer, lower, long)
            long = long[good]
            agents[long], below[long] = fewer[good], lower[good]
    return agents


def fewest(desk: Desk, share: Floats, max_occupancy: Floats, max_abandonment: Floats) -> Floats:
    """The fewest agents within all limits, on any kind of desk with load > 0, by closing in from both sides."""
    size = len(desk.load)
    limits = [np.broadcast_to(v, size) for v in (share, max_occupancy, max_abandonment)]
    busy_day = desk.load * (1 + np.minimum(desk.variation, 1) * special.ndtri(np.maximum(share, 0.5)))
    agents = np.ceil(_first_guess(busy_day, desk.target, share) / desk.full_rate)
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
    used = occupancy(agents, desk, leaves)
    good = (in_time >= share) & (leaves <= max_abandonment) & (used <= max_occupancy * (1 + SLACK))
    with np.errstate(divide="ignore", invalid="ignore"):
        margin = special.logit(in_time) - special.logit(share)
        margin = np.fmin(margin, special.logit(max_abandonment) - special.logit(leaves))
        idle = 1.5 * np.sqrt(agents) * (1 - used / max_occupancy)
    return good, np.where(max_occupancy < 1, np.fmin(margin, idle), margin)


def mean_wait(agents: Floats, desk: Desk, waits: Floats, leaves: Floats) -> Floats:
    """The mean time in the queue, of customers served and gone, in handle times; 1-d."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spare = np.maximum(agents * desk.full_rate - desk.load, 0)
        patient = np.where(waits > 0, waits / spare, 0)
        return np.where(np.isinf(desk.patience), patient, leaves * desk.patience)


def mean_first_reply(agents: Floats, desk: Desk, handle_seconds: Floats, replies: list[Floats]) -> Floats:
    """Seconds from a customer's arrival to the first reply, of those served; 1-d."""
    result = np.full(len(agents), np.nan)
    open_ = agents > 0
    n, some = agents[open_], desk.at(open_)
    load = np.maximum(some.load, np.finfo(float).tiny)
    waits, leaves, _ = shares(n, some._replace(load=load))
    capacity, patience = n * some.full_rate, np.broadcast_to(some.patience, load.shape)
    replies = [np.broadcast_to(r, agents.shape)[open_] for r in replies]
    with np.errstate(all="ignore"):
        states = [chat.inverse_last(n, load, some.rates, some.concurrency, w) for w in (None, replies)]
        at_once = np.where(np.isinf(states[0]), replies[0], states[1] / states[0])
        last = replies[0]
        for chats, reply in enumerate(replies[1:], start=2):
            last = np.where(some.concurrency >= chats, reply, last)
        wait = np.where(capacity > load, 1 / (capacity - load), inf)
        mortal = np.isfinite(patience) & (patience > 0)
        wait[mortal] = _mean_wait_of_served(load[mortal], capacity[mortal], patience[mortal])
        queued = np.where(waits > leaves, waits - leaves, 0)
        wait = np.where(queued > 0, queued * (wait * np.broadcast_to(handle_seconds, agents.shape)[open_] + last), 0)
        result[open_] = ((1 - waits) * at_once + wait) / (1 - leaves)
    return result


def _mean_wait_of_served(load: Floats, capacity: Floats, patience: Floats) -> Floats:
    """The mean of t under the density exp(load p (1 - e^(-t/p)) - (capacity + 1/p) t), the wait of those served."""
    fall = capacity + 1 / patience

    def log_density(t: Floats) -> Floats:
        return -load * patience * np.expm1(-t / patience) - fall * t

    def slope(t: Floats) -> Floats:
        return load * np.exp(-t / patience) - fall

    peak = patience * np.log(np.maximum(load / fall, 1))
    height = log_density(peak)
    ends = []
    for end in (np.zeros_like(load), peak + patience + 50 / -slope(peak + patience)):
        # Newton from outside on a concave function never passes the root; a start inside stays where it is.
        for _ in range(40):
            excess = log_density(end) - (height - 45)
            end = np.where(excess < 0, end - excess / slope(end), end)
        ends.append(end)
    nodes, weights = np.polynomial.legendre.leggauss(64)
    t = ends[0] + (ends[1] - ends[0]) * (1 + nodes[:, None]) / 2
    density = weights[:, None] * np.exp(log_density(t) - height)
    return (density * t).sum(axis=0) / density.sum(axis=0)


def agents_required(desk: Desk, given: dict[str, Floats]) -> NDArray[np.int64]:
    """The fewest agents within the limits `given`, for each desk; 1-d."""
    size = len(desk.load)
    limits = [given[name] for name in ("target_share", "max_occupancy", "max_abandonment")]
    agents = np.zeros(size)
    asked = desk.load > 0
    if np.any(asked & np.isfinite(desk.patience) & (given["max_abandonment"] == 0)):
        raise InputError(
            "max_abandonment is 0 and patience_seconds is finite; some customers leave however many agents there are, "
            "so allow a share above 0"
        )
    simple = asked & (desk.concurrency == 1) & np.isinf(desk.patience) & (desk.variation == 0)
    for cases, is_simple in ((simple, True), (asked & ~simple, False)):
        if not cases.any():
            continue
        some = desk.at(cases)
        share, most_used, most_gone = (v[cases] if v.ndim else v for v in limits)
        if is_simple:
            least = np.ceil(some.load / most_used * (1 - SLACK))
            agents[cases] = np.maximum(fewest_for_calls(some, share), least)
        else:
            agents[cases] = fewest(some, share, most_used, most_gone)
    seats = np.broadcast_to(np.floor(given["max_agents"]), size)
    for place in np.flatnonzero(agents > seats)[:1]:
        one = desk.at(slice(place, place + 1))
        share, most_used, most_gone = (float(v[place] if v.ndim else v) for v in limits)
        _, leaves, in_time = shares(seats[place : place + 1], one)
        used = occupancy(seats[place : place + 1], one, leaves)
        broken = [
            f"{name} is {limit:.4g} but would be {reached:.4g}"
            for name, limit, reached, kept in (
                ("target_share", share, in_time[0], in_time[0] >= share),
                ("max_occupancy", most_used, used[0], used[0] <= most_used * (1 + SLACK)),
                ("max_abandonment", most_gone, leaves[0], leaves[0] <= most_gone),
            )
            if not kept
        ]
        where = f" at position {place}" if size > 1 else ""
        raise InputError(
            f"max_agents is {seats[place]:.0f}, too few{where}: {', '.join(broken)}; "
            f"{agents[place]:.0f} agents are enough"
        )
    return agents.astype(np.int64)
