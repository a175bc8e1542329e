"""How the work of a role is covered: whole heads, and for the rest part-time, bought hours or one more head."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ecteam.inputs.arguments import ROUNDING

Floats = npt.NDArray[np.float64]


class Limits(NamedTuple):
    """From where on which cover of the rest of a role's work costs the least, in full-time equivalents.

    Below `buy_below` hours are bought; above `whole_above` one more head is there; between the two a part-time person
    works the rest, `part_time_least` to `part_time_most` of a month, and what is beyond that is bought.
    """

    buy_below: Floats
    whole_above: Floats
    part_time_least: Floats
    part_time_most: Floats


class Covered(NamedTuple):
    """Full-time equivalents that the month asks for, those on the payroll, and those bought, (..., months)."""

    needed_fte: Floats
    employed_fte: Floats
    bought_fte: Floats


def limits(
    head_cost: npt.ArrayLike,
    person_cost: npt.ArrayLike,
    bought_cost: npt.ArrayLike,
    part_time_least: npt.ArrayLike,
    part_time_most: npt.ArrayLike,
) -> Limits:
    """Which cover of the rest of a role's work is the cheapest?

    Parameters
    ----------
    head_cost : of a full-time head a month, all in; person_cost : the part of it that does not follow the hours
    bought_cost : of a full-time equivalent that is bought by the hour; inf where nothing can be bought
    part_time_least, part_time_most : share of a month that a part-time person works; most 0 where nobody may

    Formula, for a rest r: bought r x bought cost; part-time person cost + share x (head cost - person cost), the share
    being r within its limits, and what is beyond the most bought; one more head its cost. All arguments broadcast.

    >>> found = limits(10_000, 2_000, 15_000, 0.2, 0.6)
    >>> float(found.buy_below.round(3)), float(found.whole_above.round(3))
    (0.286, 0.813)
    >>> float(limits(10_000, 2_000, 15_000, 0.2, 0).whole_above.round(3))
    0.667
    """
    head, person, bought, least, most = np.broadcast_arrays(
        *(
            np.asarray(each, dtype=float)
            for each in (head_cost, person_cost, bought_cost, part_time_least, part_time_most)
        )
    )
    may_be_part = most > 0
    most = np.maximum(most, least)
    by_hour = head - person
    with np.errstate(divide="ignore", invalid="ignore"):
        first = (person + least * by_hour) / bought
        buy_below = np.where(first <= least, first, np.where(bought > by_hour, person / (bought - by_hour), np.inf))
        buy_below = np.where(may_be_part & (buy_below <= most), buy_below, np.inf)
        # A head instead of a part-time person and bought hours, or instead of bought hours alone.
        whole_above = np.where(np.isinf(buy_below), head / bought, most + (1 - most) * by_hour / bought)
    none = np.isinf(bought)
    buy_below = np.where(none, 0.0, buy_below)
    whole_above = np.where(none, np.where(may_be_part, most, 0.0), whole_above)
    # Work that is a rounding error of floats takes nobody.
    buy_below = np.maximum(np.minimum(buy_below, whole_above), 2 * ROUNDING)
    return Limits(buy_below, whole_above, np.where(may_be_part, least, 1.0), np.where(may_be_part, most, 1.0))


def cover(fte: npt.ArrayLike, at_once: npt.ArrayLike, limits: Limits) -> Covered:
    """How many people does so much work take, month by month?

    Parameters
    ----------
    fte : work in full-time equivalents, (..., months); at_once : people who must be there at the same time
    limits : as `limits` finds them

    Whole heads do the whole part, and the rest is covered as `limits` says. People who must be there at once are
    people; the last of them may work part-time. Nobody's hours are cut inside a plan: `employed_fte` is the running
    maximum of `needed_fte`, and what it does not do is bought.

    >>> found = limits(10_000, 2_000, 15_000, 0.2, 0.6)
    >>> covered = cover([2.0, 2.1, 2.5, 2.9], 0, found)
    >>> covered.employed_fte.tolist(), covered.bought_fte.round(2).tolist()
    ([2.0, 2.0, 2.5, 3.0], [0.0, 0.1, 0.0, 0.0])
    >>> cover([0.1], 2, found).employed_fte.tolist()
    [1.2]
    """
    work, at_once = np.asarray(fte, dtype=float), np.asarray(at_once)
    heads = np.floor(work + ROUNDING)
    rest = work - heads
    share = np.clip(rest, limits.part_time_least, limits.part_time_most)
    more = np.where(rest < limits.buy_below, 0.0, np.where(rest > limits.whole_above, 1.0, share))
    there = np.where(at_once > 0, at_once - 1 + limits.part_time_least, 0.0)
    needed = np.maximum(heads + more, there)
    employed = np.maximum.accumulate(needed, axis=-1)
    left = np.maximum(work - employed, 0)
    return Covered(needed, employed, np.where(left > ROUNDING, left, 0.0))


def people(employed_fte: npt.ArrayLike) -> Floats:
    """So many people are so many full-time equivalents on the payroll: one of them may work part-time.

    >>> people([0.0, 1.0, 1.2]).tolist()
    [0.0, 1.0, 2.0]
    """
    return np.ceil(np.asarray(employed_fte, dtype=float) - ROUNDING) + 0.0
