"""How many people does a role need? hours and hourly requirements -> FTE (a decimal) and seats (whole).

*Volume* duties ask by their hours; *queue* duties by agents per hour at the desk; *deadline* duties by the crew that
ships every order in time. Arrays end in a month axis.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import Floats, Ints
from ecteam.inputs.calendar_units import DAYS_PER_WEEK, HOURS_PER_DAY
from ecteam.inputs.words import Note
from ecteam.staffing import deadlines, queueing

_PLACES_AT_ONCE = 2**12


def working_days(months: pd.PeriodIndex, country: str, subdivision: str | None = None) -> tuple[Floats, Note | None]:
    """How many working days has an average month of each month's year: public holidays off, China's make-up days on?

    The year's average: no seat is filled for a short February. Returns the days, (months,), and a note where the
    calendar of a year is not announced yet (None else).

    >>> working_days(pd.period_range("2026-01", periods=3, freq="M"), "CN")[0].round(2).tolist()
    [20.67, 20.67, 20.67]
    """
    years = range(months[0].year, months[-1].year + 1)
    found = [_year(year, country, subdivision or None) for year in years]
    per_month = np.array([days for days, _ in found])
    unknown = [year for year, (_, announced) in zip(years, found, strict=True) if not announced]
    return per_month[months.year - years[0]], Note("holidays_not_announced", years=unknown) if unknown else None


@cache
def _year(year: int, country: str, subdivision: str | None) -> tuple[float, bool]:
    """Working days of an average month of a year, and whether its make-up days, where there are any, are announced."""
    import holidays  # slow to import

    calendar = holidays.country_holidays(country, subdiv=subdivision, years=year)
    dates = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    made_up = sorted(getattr(calendar, "weekend_workdays", ()))
    free = dates.isin(pd.to_datetime(list(calendar)))
    works = np.where(dates.day_of_week < 5, ~free, dates.isin(pd.to_datetime(made_up)))
    # China swaps working days every year by a notice of the year before; a year without swaps is not announced.
    return works.sum() / 12, not made_up or any(day.year == year for day in made_up)


def fte(hours: npt.ArrayLike, paid_hours: npt.ArrayLike, shrinkage: npt.ArrayLike) -> Floats:
    """Full-time equivalents = hours / (paid hours of the month x (1 - shrinkage)).

    >>> float(fte(264.0, 165.0, 0.2))
    2.0
    """
    return np.asarray(hours, dtype=float) / (np.asarray(paid_hours) * (1 - np.asarray(shrinkage)))


def changing_fte(posts_worn: npt.ArrayLike, hat_loss_share: npt.ArrayLike) -> Floats:
    """How much of a head's time goes into changing between posts, in FTE, where a team's people wear several?

    FTE = hat_loss_share x (posts - 1), at least 0: who fills one seat after the other needs at most posts + seats - 1
    pairs of person and post, and a person's first one costs nothing.

    >>> changing_fte([0, 1, 4], 0.02).round(6).tolist()
    [0.0, 0.0, 0.06]
    """
    return np.asarray(hat_loss_share, dtype=float) * np.maximum(np.asarray(posts_worn, dtype=float) - 1, 0)


def desk_arrivals(contacts_per_day: npt.ArrayLike, hour_share: Floats, from_hour: int, until_hour: int) -> Floats:
    """Contacts an hour at an open desk, (..., 24), of those who write while it is open: the others are work, no
    arrivals.

    >>> desk_arrivals(120, np.full(24, 1 / 24), 9, 19).round(1).tolist()[8:11]
    [0.0, 5.0, 5.0]
    """
    is_open = (np.arange(HOURS_PER_DAY) >= from_hour) & (np.arange(HOURS_PER_DAY) < until_hour)
    return np.asarray(contacts_per_day, dtype=float)[..., None] * np.where(is_open, hour_share, 0.0)


def desk_agents(
    arrivals_per_hour: Floats,
    from_hour: int,
    until_hour: int,
    *,
    reply_minutes: npt.ArrayLike,
    think_minutes: npt.ArrayLike,
    chats_at_once: int,
    target_seconds: float,
    target_share: float,
    max_occupancy: npt.ArrayLike,
    replies_per_chat: npt.ArrayLike,
    reachable_share: npt.ArrayLike,
) -> Ints:
    """Agents at the desk in every hour of its service time, at least one: shape of `arrivals_per_hour` (..., 24).

    Those of `queueing.agents_required` for `promised_share` of first replies. Minutes, occupancy, replies and share may
    differ along the leading axes; hours of one desk are asked together, since its agents rise with its contacts.
    """
    is_open = slice(from_hour, until_hour)
    arrivals = np.asarray(arrivals_per_hour, dtype=float)
    terms = reply_minutes, think_minutes, max_occupancy, replies_per_chat, reachable_share
    desk = [np.asarray(v, dtype=float) for v in np.broadcast_arrays(*terms)]
    leading = desk[0].shape[: max((axis + 1 for axis, size in enumerate(desk[0].shape) if size > 1), default=0)]
    desk_shape = np.broadcast_shapes(leading, arrivals.shape[: len(leading)])
    reply, think, occupancy, replies, reachable = (
        np.broadcast_to(v.reshape(leading), desk_shape).ravel() for v in desk
    )
    share = promised_share(target_share, target_seconds, 60 * reply / replies, reachable)

    def agents_of(desks: Ints, contacts: Floats) -> Ints:
        return np.asarray(
            queueing.agents_required(
                contacts,
                60 * (reply + think)[desks],
                target_seconds,
                share[desks],
                concurrency=chats_at_once,
                reply_seconds=(60 * reply / replies)[desks],
                think_seconds=(60 * think / replies)[desks],
                first_reply=True,
                max_occupancy=occupancy[desks],
            )
        )

    asked = np.broadcast_to(arrivals, (*desk_shape, *arrivals.shape[len(leading) :]))[..., is_open]
    agents = np.zeros((*asked.shape[:-1], HOURS_PER_DAY), dtype=np.int64)
    agents[..., is_open] = np.maximum(rising(asked.reshape(len(reply), -1), agents_of), 1).reshape(asked.shape)
    return agents


def promised_share(
    target_share: npt.ArrayLike, target_seconds: float, reply_seconds: npt.ArrayLike, reachable_share: npt.ArrayLike
) -> Floats:
    """The share of first replies that a desk is sized to send in time: as wished, but no more than `reachable_share` of
    those that an agent with nothing else to do sends in time, since writing takes `reply_seconds` (exponential).

    >>> promised_share(0.85, 60, [20, 60], 0.95).round(3).tolist()
    [0.85, 0.601]
    """
    reachable = -np.expm1(-target_seconds / np.asarray(reply_seconds, dtype=float))
    return np.minimum(target_share, np.asarray(reachable_share) * reachable)


def rising(levels: Floats, answer: Callable[[Ints, Floats], Ints]) -> Ints:
    """The whole-numbered answer at every level of each row, (rows, n), asked only where it can change.

    It must not fall when the level rises, as agents with contacts: between two levels of one answer there is no other.
    `answer(rows, levels)` is asked for many places at once, by halving what lies between.

    >>> rising(np.array([[3.1, 0.2, 0.2, 7.5, 6.9, 7.0]]), lambda rows, levels: np.ceil(levels).astype(int)).tolist()
    [[4, 1, 1, 8, 7, 7]]
    """
    order = np.argsort(levels, axis=1, kind="stable")
    ordered = np.take_along_axis(levels, order, axis=1)
    found = np.zeros(levels.shape, dtype=np.int64)
    # A question costs a little however few places it is asked of: begin with as many as cost no more than that.
    rows, size = levels.shape
    asked = np.unique(np.linspace(0, size - 1, np.clip(_PLACES_AT_ONCE // rows, 2, size)).astype(int))
    row = np.repeat(np.arange(rows), len(asked))
    found[:, asked] = answer(row, ordered[:, asked].ravel()).reshape(rows, -1)
    row = np.repeat(np.arange(rows), len(asked) - 1)
    low, high = np.tile(asked[:-1], rows), np.tile(asked[1:], rows)
    while True:
        between = (high - low > 1) & (found[row, low] < found[row, high])
        if not between.any():
            break
        row, low, high = row[between], low[between], high[between]
        middle = (low + high) // 2
        found[row, middle] = answer(row, ordered[row, middle])
        row = np.concatenate([row, row])
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    result = np.empty_like(found)
    np.put_along_axis(result, order, np.maximum.accumulate(found, axis=1), axis=1)
    return result


def warehouse_hours(from_hour: int, until_hour: int, days_per_week: int, weekday_share: Floats) -> Floats:
    """Which hours of the week, (168,) of 0 and 1, is the warehouse open: on so many weekdays with the most orders?"""
    days = np.argsort(-weekday_share, kind="stable")[:days_per_week]
    hour = np.arange(HOURS_PER_DAY)
    week = np.zeros((DAYS_PER_WEEK, HOURS_PER_DAY))
    week[days] = (hour >= from_hour) & (hour < until_hour)
    return week.ravel()


def shipping_crew(
    hours_per_day: Floats, hour_share: Floats, is_open: Floats, rule: str, cutoff_hour: int
) -> deadlines.Crew:
    """The crew on shift that ships every order of a week in time.

    hours_per_day : (..., 7), person-hours that each weekday's orders ask for; hour_share : (24,), when orders are
        released;
    is_open : (168,)
    """
    work, due = week_of_orders(hours_per_day, hour_share, is_open, rule, cutoff_hour)
    return deadlines.crew_required(work, is_open, due, rate_per_hour=1.0, cyclic=True)


def week_of_orders(
    hours_per_day: Floats, hour_share: Floats, is_open: Floats, rule: str, cutoff_hour: int
) -> tuple[Floats, Ints]:
    """The work released in each hour of a week, (..., 168), and by the end of which hour it is due, (168,)."""
    work = (hours_per_day[..., None] * hour_share).reshape(*hours_per_day.shape[:-1], DAYS_PER_WEEK * HOURS_PER_DAY)
    return work, deadlines.due_hours(is_open, rule, cutoff_hour=cutoff_hour, cyclic=True)
