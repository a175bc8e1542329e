"""The search for the fewest agents that are enough, for many desks at once.

`queueing` is the face of this module and explains its terms and sources.
"""

from itertools import count
from math import exp, inf, log, pi, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special

from ecteam.inputs.arguments import Floats
from ecteam.inputs.checks import InputError
from ecteam.staffing.desk import Desk, occupancy, shares
from ecteam.staffing.erlang import inverse_blocking

# An occupancy that exceeds its limit by the rounding of a quotient is within it.
SLACK = 1e-12
_TO_WAIT = sqrt(pi / 2)  # how fast the log of the chance to wait falls with the first deviations of spare agents
_FEW = [float(n) for n in range(1, 81)]  # up to here a loop over floats is faster than an array


def _first_guess(load: Floats, target: Floats, share: Floats) -> Floats:
    """Agents by square-root staffing, where the log of the chance to wait is about -1.2533 beta - beta^2 / 4."""
    spread = np.sqrt(load)
    slope = _TO_WAIT + spread * target
    odds = -np.log1p(-share)
    return np.maximum(np.ceil(load + 2 * odds / (slope + np.sqrt(slope * slope + odds)) * spread), np.floor(load) + 1)


def fewest_for_a_call(load: float, target: float, share: float) -> int:
    """`fewest_for_calls` for one desk, in plain numbers."""
    spread, odds = sqrt(load), -log(1 - share)
    slope = _TO_WAIT + spread * target
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


def agents_required(desk: Desk, given: dict[str, Floats]) -> NDArray[np.int64]:
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
