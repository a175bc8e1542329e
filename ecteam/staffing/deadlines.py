"""Orders with a ship-by deadline: the smallest crew that is never late, and what is late with a smaller one.

Time is a row of whole hours from a midnight on; arrays are (..., hours). Orders released in hour `t` may be worked on
from that hour on and must be finished by the end of hour `due[t]`. Work flows like a liquid: the minutes that the last
parcel spends in somebody's hands are not added. "Orders" are whatever the rate counts.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecteam.inputs.arguments import Floats, Ints
from ecteam.inputs.calendar_units import HOURS_PER_DAY
from ecteam.inputs.checks import InputError

_PROMISED_DAYS = {"same_day": 0, "24h": 1, "48h": 2}

# Sums of floats miss whole numbers by a little: nobody is hired, and no parcel is late, for such a share.
_ROUNDING = 1e-9
_CELLS_AT_ONCE = 2**18


@dataclass(frozen=True)
class Crew:
    """The smallest crew and the stretch of hours that decides it; arrays over the leading axes.

    `people` is the exact bound, `heads` the whole people it takes. From hour `window_start` to the end of `window_end`,
    which may lie in the next round, `window_orders` are released and due, and one person does `orders_per_person`.
    Nothing to do: people and heads 0, window -1 to -1.
    """

    people: Floats
    heads: Ints
    window_start: Ints
    window_end: Ints
    window_orders: Floats
    orders_per_person: Floats


@dataclass(frozen=True)
class Backlog:
    """Orders waiting at the end of each hour, and late by the hour of their release, (..., hours); the hour of release
    of the parcel that is late first, (...), -1 where nothing is late.
    """

    waiting_orders: Floats
    late_orders: Floats
    first_late_release: Ints


def due_hours(is_open: npt.ArrayLike, rule: str, *, cutoff_hour: int = HOURS_PER_DAY, cyclic: bool = False) -> Ints:
    """By the end of which hour must the orders released in each hour be finished? (hours,), never decreasing.

    Parameters
    ----------
    is_open : (hours,), whole days from midnight; share of each hour that the warehouse works, 0..1
    rule : "same_day": released before `cutoff_hour` of an open day, due by its last open hour; others by the last open
        hour of the next open day. "24h", "48h": within so many hours from the start of the hour of release; what would
        be due in closed time is due by the last open hour before it. Orders of a day without an open hour count from
        the next open day's midnight.
    cyclic : the horizon repeats, and due hours run past its end (170 in a week of 168 is hour 2 of the next). If not, a
        deadline past the end is `hours`.

    Raises `InputError` where nobody can keep the promise: no open hour before the deadline, cut-off after closing.

    >>> is_open = np.tile(np.isin(np.arange(24), range(9, 17)), 2)
    >>> due_hours(is_open, "same_day", cutoff_hour=14)[[0, 13, 14, 37, 38]]
    array([16, 16, 40, 40, 48])
    """
    share = np.asarray(is_open, dtype=np.float64)
    # Every round has an open day, so these rounds hold all deadlines of the first.
    promised_days = _PROMISED_DAYS[rule]
    opened = np.tile(share > 0, promised_days + 2 if cyclic else 1)
    end, release = opened.size, np.arange(share.size)
    day, hour_of_day = np.divmod(release, 24)
    by_day = opened.reshape(-1, 24)
    day_opens = np.asarray(by_day.any(axis=1))
    # Days past the end count as open, so that they only push a deadline out of the horizon.
    open_days = np.append(np.flatnonzero(day_opens), end // 24 + np.arange(promised_days + 1))
    if rule == "same_day":
        in_time = day_opens[day] & (hour_of_day < cutoff_hour)
        leaves = np.where(in_time, day, open_days[np.searchsorted(open_days, day, side="right")])
        last_open = np.append(np.arange(23, end, 24) - by_day[:, ::-1].argmax(axis=1), end)
        due = last_open[leaves]
        advice = "the cut-off is after closing; set cutoff_hour at or before closing time"
    else:
        last_day = open_days[np.searchsorted(open_days, day) + promised_days]
        deadline = 24 * last_day + np.where(day_opens[day], hour_of_day, 0) - 1
        last_open = np.maximum.accumulate(np.where(opened, np.arange(end), -1))
        due = np.where(deadline < end, last_open[np.minimum(deadline, end - 1)], end)
        advice = "no hour is open before the deadline; open one"
    broken = np.flatnonzero(due < release)
    if broken.size:
        where = f"{_clock(broken[0])} ({broken.size} such hours)"
        raise InputError(f"rule is {rule!r}, which nobody can keep for orders of {where}: {advice}")
    return due


def crew_required(
    orders: npt.ArrayLike,
    is_open: npt.ArrayLike,
    due: npt.ArrayLike,
    *,
    rate_per_hour: npt.ArrayLike,
    cyclic: bool = False,
) -> Crew:
    """How many people must be on shift so that no order misses its deadline, and which hours decide that?

    Parameters
    ----------
    orders, is_open, due : (..., hours), released in each hour, share of it worked, last hour for them (`due_hours`)
    rate_per_hour : orders per person and hour; a number, (..., 1), or by hour
    cyclic : the horizon repeats: work is carried from its end to its start, and the crew keeps up on average

    Formula: people = max over s <= d of W(s, d) / H(s, d): W, orders released in hour s or later and due by the end of
    hour d; H, what one person does in the open hours from s to d [2]_. Whoever does the earliest deadline
    first keeps every deadline with that crew [1]_; nobody does with fewer.
    Raises `InputError` for orders with no open hour until they are due.

    References
    ----------
    .. [1] M. L. Dertouzos, "Control robotics: the procedural control of physical processes", IFIP 1974.
    .. [2] S. K. Baruah, R. R. Howell, L. E. Rosier, "Algorithms and complexity concerning the preemptive scheduling of
       periodic, real-time tasks on one processor", Real-Time Systems 2 (1990) 301-324.

    >>> is_open = np.isin(np.arange(24), range(9, 16))
    >>> orders = np.zeros(24); orders[10], orders[13] = 120, 60
    >>> crew = crew_required(orders, is_open, np.maximum(15, np.arange(24)), rate_per_hour=8)
    >>> float(crew.people), int(crew.heads), int(crew.window_start), int(crew.window_end)
    (3.75, 4, 10, 15)
    """
    shape, due_by, (released, each) = _as_rows(due, cyclic, orders, is_open, rate_per_hour)
    return _smallest_crew(shape, due_by, released, np.zeros_like(each), each, cyclic)


def times(crew: Crew, factor: npt.ArrayLike) -> Crew:
    """The crew for so many times the work, in every hour alike: people and orders grow with it, the window stays.

    >>> is_open = np.isin(np.arange(24), range(9, 16))
    >>> crew = crew_required(is_open * 20.0, is_open, np.maximum(15, np.arange(24)), rate_per_hour=8)
    >>> times(crew, [0, 2]).people
    array([0., 5.])
    """
    share = np.asarray(factor, dtype=float)
    works = share > 0
    people, orders = crew.people * share, crew.window_orders * share
    return Crew(
        people,
        np.ceil(people * (1 - _ROUNDING)).astype(np.int64),
        np.where(works, crew.window_start, -1),
        np.where(works, crew.window_end, -1),
        orders,
        np.where(works, crew.orders_per_person, 0.0),
    )


def temps_required(
    orders: npt.ArrayLike,
    is_open: npt.ArrayLike,
    due: npt.ArrayLike,
    *,
    rate_per_hour: npt.ArrayLike,
    permanent: npt.ArrayLike,
    productivity: npt.ArrayLike,
) -> Crew:
    """How many temps must join the permanent crew in a peak so that no order misses its deadline?

    permanent : people on shift anyway; productivity : what a temp does as a share of a permanent's rate, 0 in hours
    without temps (`temp_productivity`); both numbers, (..., 1), or by hour; others as in `crew_required`

    Formula: temps = max over s <= d of (W(s, d) - what the permanents do from s to d) / what one temp does, or 0.
    Raises `InputError` as `crew_required`, also where the permanents alone are late in hours without temps.

    >>> day = np.r_[600, np.zeros(9)], np.ones(10), np.full(10, 9)
    >>> float(temps_required(*day, rate_per_hour=10, permanent=4, productivity=0.65).people.round(3))
    3.077
    """
    shape, due_by, (released, each, own, share) = _as_rows(
        due, False, orders, is_open, rate_per_hour, permanent, productivity
    )
    return _smallest_crew(shape, due_by, released, own * each, share * each, cyclic=False)


def temp_productivity(is_temp_day: npt.ArrayLike, *, first_day: float, learning_rate: float) -> Floats:
    """What does a temp do in each hour, as a share of a permanent's rate, if every day of work teaches? (24 * days,)

    is_temp_day : (days,), whether temps work; first_day : share on the first day; learning_rate : time per order after
    twice as many days as a share of the time before, above 0 to 1

    Formula: share on the k-th day of work = min(1, first_day * k ** -log2(learning_rate)): T. P. Wright, "Factors
    affecting the cost of airplanes", J. Aeronautical Sciences 3 (1936) 122-128.

    >>> temp_productivity([0, 1, 1, 0, 1, 1], first_day=0.65, learning_rate=0.9)[::24].round(3)
    array([0.   , 0.65 , 0.722, 0.   , 0.768, 0.802])
    """
    works = np.asarray(is_temp_day, dtype=bool)
    day_of_work = np.maximum(np.cumsum(works), 1)
    share = np.minimum(1.0, first_day * day_of_work ** -np.log2(learning_rate))  # Formula of [1]
    return np.repeat(np.where(works, share, 0.0), 24)


def backlog(
    orders: npt.ArrayLike,
    is_open: npt.ArrayLike,
    due: npt.ArrayLike,
    *,
    rate_per_hour: npt.ArrayLike,
    people: npt.ArrayLike,
) -> Backlog:
    """What waits at the end of each hour with a given crew, and which parcel is late first? Late orders are still sent.

    people : on shift; a number, (..., 1), or by hour; others as in `crew_required`

    Formula: waiting[t] = max(0, waiting[t - 1] + orders[t] - people[t] * rate_per_hour[t] * is_open[t])

    >>> is_open = np.isin(np.arange(24), range(9, 16))
    >>> orders = np.zeros(24); orders[10], orders[13] = 120, 60
    >>> left = backlog(orders, is_open, np.maximum(15, np.arange(24)), rate_per_hour=8, people=3)
    >>> float(left.late_orders.sum()), int(left.first_late_release), float(left.waiting_orders[15])
    (36.0, 13, 36.0)
    """
    shape, due_by, (released, each, crew) = _as_rows(due, False, orders, is_open, rate_per_hour, people)
    arrived = _running_total(released)
    surplus = arrived - _running_total(crew * each)
    waiting = (surplus - np.minimum.accumulate(surplus, axis=1))[:, 1:]
    arrived = arrived[:, 1:]
    late = np.clip(arrived - np.take_along_axis(arrived - waiting, due_by, axis=1), 0, released)
    late[late <= 2 * _ROUNDING * released.sum(axis=1, keepdims=True)] = 0
    return Backlog(
        waiting_orders=waiting.reshape(*shape, -1),
        late_orders=late.reshape(*shape, -1),
        first_late_release=np.where(late.any(axis=1), (late > 0).argmax(axis=1), -1).reshape(shape)[()],
    )


def _smallest_crew(shape: tuple[int, ...], due: Ints, orders: Floats, own: Floats, each: Floats, cyclic: bool) -> Crew:
    """The heads who, doing `each` an hour beside a crew that does `own`, meet every window; (rows, hours)."""
    rows, hours = orders.shape
    rounds = int(due.max()) // hours + 2 if cyclic else 1
    # A window that stops before other orders of the same deadline asks for less in the same time.
    is_end, is_start = np.ones((2, hours), dtype=bool)
    is_end[:-1] = (due[:, 1:] > due[:, :-1]).any(axis=0)
    ends = np.flatnonzero(is_end)
    stops = due[:, ends] + 1
    if cyclic:
        ends, stops = np.append(ends, ends + hours), np.concatenate([stops, stops + hours], axis=1)
    # A window that starts after an hour nobody works in asks for no more than one that starts before it.
    is_start[1:] = ((own + each)[:, :-1] > 0).any(axis=0)
    starts = np.flatnonzero(is_start)
    is_window = starts <= ends[:, None]

    def within(per_hour: Floats, stop: Ints) -> Floats:
        total = _running_total(per_hour, rounds)
        return np.take_along_axis(total, stop, axis=1)[:, :, None] - total[:, None, starts]

    def needed(asked: Floats, helped: Floats, one: Floats) -> Floats:
        # What rounding leaves of a need that the own crew meets exactly is no need.
        short = asked - helped > _ROUNDING * asked
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(short, (asked - helped) / one, 0.0)

    found = np.empty((5, rows))
    step = max(1, _CELLS_AT_ONCE // is_window.size)
    for at in (slice(k, k + step) for k in range(0, rows, step)):
        stop = stops[at]
        asked, one = within(orders[at], np.broadcast_to(ends + 1, stop.shape)), within(each[at], stop)
        helped = within(own[at], stop) if own.any() else np.zeros(())
        need = np.where(is_window, needed(asked, helped, one), 0.0).reshape(len(stop), -1)
        best, row = need.argmax(axis=1), np.arange(len(stop))
        end, start = np.divmod(best, len(starts))
        chosen = row, end, start
        found[:, at] = need[row, best], starts[start], stop[row, end] - 1, asked[chosen], one[chosen]
    # The first order after an idle start says more than the start.
    ordered = np.where(np.tile(orders, (1, rounds)) > 0, np.arange(rounds * hours), rounds * hours)
    first = np.minimum.accumulate(ordered[:, ::-1], axis=1)[np.arange(rows), -1 - found[1].astype(int)]
    found[1:3] = first % hours, found[2] - first // hours * hours
    if cyclic:
        # Ever longer windows come down to the average of a round.
        asked, helped, one = (a.sum(axis=1) for a in (orders, own, each))
        average = needed(asked, helped, one)
        a_round = np.stack([average, np.zeros(rows), np.full(rows, hours - 1.0), asked, one])
        found = np.where(average > found[0] * (1 + _ROUNDING), a_round, found)
    if not np.isfinite(found[0]).all():
        start, end = found[1:3, np.isinf(found[0]).argmax()].astype(int)
        who = "the permanents are late and no temp is there" if own.any() else "no hour is open"
        raise InputError(f"orders from {_clock(start)} on are due by the end of {_clock(end)}, but {who} in between")
    found[1:3, found[0] == 0], found[3:, found[0] == 0] = -1, 0
    people, start, end, asked, one = found.reshape(5, *shape)
    rounding = _ROUNDING * np.divide(asked, one, out=np.zeros_like(asked), where=one > 0)
    whole = {"heads": np.ceil(people - rounding), "window_start": start, "window_end": end}
    return Crew(
        people=people[()],
        window_orders=asked[()],
        orders_per_person=one[()],
        **{name: array.astype(np.int64)[()] for name, array in whole.items()},
    )


def _as_rows(due: npt.ArrayLike, cyclic: bool, *values: npt.ArrayLike) -> tuple[tuple[int, ...], Ints, list[Floats]]:
    """Leading shape, then as (rows, hours) due, orders, what one person does, and the other values."""
    full = np.broadcast_shapes(np.shape(due), *map(np.shape, values))
    arrays = [np.asarray(value, dtype=np.float64) for value in values]
    orders, is_open, rate, *others = (np.broadcast_to(array, full).reshape(-1, full[-1]) for array in arrays)
    due_rows = np.broadcast_to(due, full).reshape(-1, full[-1])
    # Only hours without orders can still be due past a horizon that does not repeat.
    due_rows = due_rows if cyclic else np.minimum(due_rows, full[-1] - 1)
    return full[:-1], due_rows, [orders, is_open * rate, *others]


def _clock(hour: int) -> str:
    return f"hour {hour} (day {hour // 24 + 1}, {hour % 24:02d}:00)"


def _running_total(per_hour: Floats, rounds: int = 1) -> Floats:
    """The sum of all hours before each hour of so many rounds, (rows, rounds * hours + 1)."""
    total = np.zeros((len(per_hour), rounds * per_hour.shape[1] + 1))
    np.cumsum(np.concatenate([per_hour] * rounds, axis=1), axis=1, out=total[:, 1:])
    return total
