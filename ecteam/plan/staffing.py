"""Who must be there at once: agents at the service desk, and the crew that ships every order in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ecteam.inputs.calendar_units import DAYS_PER_WEEK, WEEKS_PER_MONTH
from ecteam.inputs.scenario import Scenario
from ecteam.inputs.words import Name, Note
from ecteam.plan.prepare import Inputs, column
from ecteam.staffing import headcount, queueing, shifts
from ecteam.staffing.deadlines import Crew, times

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_ROUNDING = 1e-12
_DIGITS = 6
DESK_RATES = ("chat_elapsed_minutes", "service_occupancy_max", "replies_per_chat", "reachable_reply_share")
"""What the agents of a desk hang on besides their chats, the minutes of each and the promise."""


@dataclass(frozen=True, eq=False)
class Demand:
    """Orders by day: (days,) at the forecast without events, and (draws, days) with them; by month (draws, months) with
    the share above an ordinary day; open days (months, 7); how many times its forecast a busy day has (draws, 1, 1);
    orders of the mean ordinary day at the forecast, `week` (1, months, 7), and how many times that a busy one has,
    `busy_times` (draws, months); orders of the busy ordinary day, and of the busiest day were it busy too,
    (draws, months, 7)."""

    ordinary_by_day: Floats
    by_day: Floats
    orders: Floats
    event_share: Floats
    open_days: Floats
    busy_day_factor: Floats
    week: Floats
    busy_times: Floats
    busy: Floats
    busiest: Floats


@dataclass(frozen=True, eq=False)
class StaffedDesk:
    """A staffed service desk: agents (draws, months, 7, 24) on a busy ordinary day; the most agents at once, chats per
    order and the mean minutes an agent gives a chat (draws, months)."""

    agents: Ints
    most_agents: Ints
    chats_per_order: Floats
    reply_minutes: Floats


def staff_desks(
    inputs: Inputs,
    values: Mapping[str, Any],
    amounts: Mapping[str, Any],
    minutes: list[Any],
    permanent: Floats,
    demanded: Demand,
) -> tuple[Floats, dict[str, StaffedDesk]]:
    """Hours in which the chats keep people busy or waiting at the desk, and for each staffed desk its agents by hour.

    Chats answered between other tasks take their minutes over the occupancy limit. A staffed desk takes the paid hours
    of the whole shifts that cover the agents of every hour of a busy ordinary day; its duties share them by minutes.
    """
    scenario, duties = inputs.scenario, inputs.duties
    occupancy, temps = np.asarray(values["service_occupancy_max"]), scenario.temps_on_event_days
    staffed, desks = permanent.copy(), {}
    queue = (duties["method"] == "queue").to_numpy()
    staffed[queue] = permanent[queue] / occupancy
    for role in duties.loc[queue, "worn_by"].unique() if scenario.dedicated_desk else ():
        at_desk = np.flatnonzero(queue & (duties["worn_by"] == role).to_numpy())
        chats = np.stack([np.broadcast_to(amounts[d], permanent.shape[1:]) for d in duties["driver"].iloc[at_desk]])
        work = np.stack([c * minutes[i] for c, i in zip(chats, at_desk, strict=True)])
        chats_per_order, reply_minutes = (
            _ratio(chats.sum(axis=0), demanded.orders),
            _ratio(work.sum(axis=0), chats.sum(axis=0)),
        )
        agents, shift_hours = _covered(inputs, values, chats_per_order[..., None] * demanded.busy, reply_minutes)
        busiest = agents
        if not temps:
            busiest, _ = _covered(inputs, values, chats_per_order[..., None] * demanded.busiest, reply_minutes)
        event_hours = permanent[at_desk].sum(axis=0) * (0.0 if temps else demanded.event_share) / occupancy
        desk_hours = (shift_hours * demanded.open_days).sum(axis=-1) + event_hours
        # What is written while the desk is closed is answered where it waits for chats, or takes hours of its own.
        staffed[at_desk] = np.maximum(_ratio(work, work.sum(axis=0)) * desk_hours, permanent[at_desk] / occupancy)
        desks[role] = StaffedDesk(agents, busiest.max(axis=(-1, -2)), chats_per_order, reply_minutes)
    return staffed, desks


def _covered(
    inputs: Inputs, values: Mapping[str, Any], chats_per_day: Floats, reply_minutes: Floats
) -> tuple[Ints, Floats]:
    """Agents by hour, (draws, months, 7, 24), and the paid hours of shifts that cover each day, (draws, months, 7).

    Most assumptions have nothing to do with the desk: draws in which it is the same are asked once.
    """
    arguments = (chats_per_day, reply_minutes, *(column(values[name]) for name in DESK_RATES))
    draws = max(len(each) for each in arguments)
    desk = [np.broadcast_to(each, (draws, *each.shape[1:])) for each in arguments]
    known: dict[bytes, int] = {}
    back = [known.setdefault(b"".join(each[i].tobytes() for each in desk), len(known)) for i in range(draws)]
    first = np.unique(back, return_index=True)[1]
    once = [each[first] for each in desk]
    agents, shift_hours = _remembered(
        _terms(inputs.scenario),
        shifts.patterns_file(),
        inputs.profile.hour.tobytes(),
        tuple(each.shape for each in once),
        tuple(each.tobytes() for each in once),
    )
    return agents[back], shift_hours[back]


class _Terms(NamedTuple):
    """What a shop promises at its desk, and where."""

    region: str
    hours: tuple[int, int]
    chats_at_once: int
    target_seconds: float
    target_share: float


@lru_cache(maxsize=4)
def _remembered(
    terms: _Terms, patterns: Path, hour_share: bytes, shapes: tuple[tuple[int, ...], ...], desk: tuple[bytes, ...]
) -> tuple[Ints, Floats]:
    """As `_covered`, of arrays as bytes: two ways to ship that are weighed have one desk, which is asked once."""
    arrays = [np.frombuffer(each).reshape(shape) for each, shape in zip(desk, shapes, strict=True)]
    _, agents = _agents(terms, np.frombuffer(hour_share), *arrays)
    return agents, np.asarray(shifts.shift_hours_bound(agents, shifts.read_patterns(patterns, terms.region)))


def agents_by_hour(
    inputs: Inputs, values: Mapping[str, Any], chats_per_day: Floats, reply_minutes: Floats
) -> tuple[Floats, Ints]:
    """Chats and agents in every hour of the service time, (draws, months, 7, 24)."""
    rates = [column(values[name]) for name in DESK_RATES]
    return _agents(_terms(inputs.scenario), inputs.profile.hour, chats_per_day, reply_minutes, *rates)


def _terms(shop: Scenario) -> _Terms:
    hours = shop.service_from_hour, shop.service_until_hour
    return _Terms(shop.region, hours, shop.chats_at_once, shop.reply_target_seconds, shop.reply_target_share)


def _agents(
    terms: _Terms,
    hour_share: Floats,
    chats_per_day: Floats,
    reply: Floats,
    elapsed: Floats,
    occupancy: Floats,
    replies: Floats,
    reachable: Floats,
) -> tuple[Floats, Ints]:
    arrivals = headcount.desk_arrivals(chats_per_day, hour_share, *terms.hours)
    longest = reply.max(axis=-1, keepdims=True)
    if np.all(longest - reply <= _ROUNDING * longest):
        # The mix of chats is that of the orders, the same in every month but for the last digit: one desk.
        reply = longest
    reply = np.where(reply > 0, reply, 1.0)
    agents = headcount.desk_agents(
        arrivals,
        *terms.hours,
        reply_minutes=reply[..., None, None],
        think_minutes=np.maximum(elapsed - reply, 0)[..., None, None],
        chats_at_once=terms.chats_at_once,
        target_seconds=terms.target_seconds,
        target_share=terms.target_share,
        max_occupancy=occupancy[..., None, None],
        replies_per_chat=replies[..., None, None],
        reachable_share=reachable[..., None, None],
    )
    return arrivals, agents


def think_minutes(values: Mapping[str, Any], reply_minutes: Floats) -> Floats:
    """Minutes of a chat in which the customer thinks, (draws, months): its length less the agent's own at that desk."""
    return np.maximum(column(values["chat_elapsed_minutes"]) - reply_minutes, 0)


def promise_notes(
    inputs: Inputs, values: Mapping[str, Any], demanded: Demand, desks: Mapping[str, StaffedDesk]
) -> list[Note]:
    """For each desk who finds an agent with room in time, and who has the first reply by then, in the busiest hour of
    the first month; and where writing alone breaks the promise, for which share the desk is sized."""
    shop, notes = inputs.scenario, []
    replies, reachable = (float(values[name]) for name in ("replies_per_chat", "reachable_reply_share"))
    for role, desk in desks.items():
        reply, think = (60 * float(v[0, 0]) for v in (desk.reply_minutes, think_minutes(values, desk.reply_minutes)))
        day = int(demanded.busy[0, 0].argmax())
        chats = (
            desk.chats_per_order[0, 0] * demanded.busy[0, 0, day] * inputs.profile.hour * (desk.agents[0, 0, day] > 0)
        )
        hour = int(chats.argmax())
        if reply == 0 or chats[hour] == 0:
            continue
        slot, sent = (
            queueing.service_level(
                int(desk.agents[0, 0, day, hour]), chats[hour], reply + think, shop.reply_target_seconds,
                concurrency=shop.chats_at_once, reply_seconds=reply / replies, think_seconds=think / replies,
                first_reply=first_reply,
            )
            for first_reply in (False, True)
        )  # fmt: skip
        promise = {"role": Name(role), "seconds": shop.reply_target_seconds, "target": shop.reply_target_share}
        notes.append(Note("desk_promise", **promise, slot=float(slot), sent=float(sent)))
        wish = shop.reply_target_share, shop.reply_target_seconds
        if (share := float(headcount.promised_share(*wish, reply / replies, reachable))) < wish[0]:
            notes.append(Note("reply_out_of_reach", **promise, writing=reply / replies, share=share))
    return notes


def _ratio(above: Floats, below: Floats) -> Floats:
    """above / below, and 0 where there is nothing below."""
    shape = np.broadcast_shapes(above.shape, below.shape)
    return np.divide(above, below, out=np.zeros(shape), where=np.broadcast_to(below > 0, shape))


def open_week(inputs: Inputs) -> Floats:
    """Which hours of the week the shop's warehouse is open, (168,), Monday first."""
    shop = inputs.scenario
    return headcount.warehouse_hours(
        shop.warehouse_from_hour, shop.warehouse_until_hour, shop.warehouse_days_per_week, inputs.profile.weekday
    )


def staff_crews(inputs: Inputs, hours: Floats, permanent: Floats, demanded: Demand) -> tuple[Floats, dict[str, Crew]]:
    """Paid hours of the shifts that ship in time, by duty as `permanent`, and the crew of each role with deadlines.

    The shifts of a busy ordinary week do its work by the deadlines (`shifts.shipping_shifts`); the duties share them by
    their hours. Nobody works two days in one: where one weekday has more than its part of the week, as the first one
    after a closed weekend, the people of that day are paid.
    """
    scenario, duties, crews, staffed = inputs.scenario, inputs.duties, {}, permanent.copy()
    deadline = (duties["method"] == "deadline").to_numpy()
    temps = scenario.temps_on_event_days
    promise = inputs.profile.hour, open_week(inputs), scenario.ship_rule, scenario.cutoff_hour
    for role in duties.loc[deadline, "worn_by"].unique():
        at_packing = np.flatnonzero(deadline & (duties["worn_by"] == role).to_numpy())
        work = hours[at_packing].sum(axis=0)
        per_order = _ratio(work, demanded.orders)
        # Busy ordinary weeks differ in size alone: one crew a month is found, and grown for each draw.
        busy_week = per_order * demanded.busy_times
        crew = times(headcount.shipping_crew(demanded.week, *promise), busy_week)
        crews[role] = crew if temps else headcount.shipping_crew(per_order[..., None] * demanded.busiest, *promise)
        event_hours = permanent[at_packing].sum(axis=0) * (0.0 if temps else demanded.event_share)
        shift_hours, people_hours = _shipping_hours(inputs, demanded.week)
        weeks = demanded.open_days.sum(axis=-1) / DAYS_PER_WEEK
        crew_hours = busy_week * shift_hours * weeks + event_hours
        # In weeks that are busier still, the same share more people are there.
        grown = busy_week * _ratio(crews[role].people, crew.people)
        crew_hours = np.maximum(crew_hours, grown * people_hours * WEEKS_PER_MONTH)
        staffed[at_packing] = np.maximum(_ratio(hours[at_packing], work) * crew_hours, permanent[at_packing])
    return staffed, crews


def _shipping_hours(inputs: Inputs, week: Floats) -> tuple[Floats, Floats]:
    """Of a week whose orders take one hour each: the paid hours of its shifts, and those of the people who are enough
    for each of its days, (1, months)."""
    shop, orders = inputs.scenario, week.sum(axis=-1)
    # A shop that grows has the same week, but for the last digits.
    shape = np.round(_ratio(week, orders[..., None]), _DIGITS)
    hours = _shipping_shifts(
        (shifts.patterns_file(), shop.region),
        (inputs.profile.hour.tobytes(), open_week(inputs).tobytes(), shop.ship_rule, shop.cutoff_hour),
        round(float(inputs.working_days.mean()) / WEEKS_PER_MONTH, _DIGITS),
        shape.tobytes(),
    )
    shift_hours, people_hours = (orders * each.reshape(orders.shape) for each in hours)
    return shift_hours, people_hours


@lru_cache(maxsize=64)
def _shipping_shifts(
    patterns: tuple[Path, str], promise: tuple[bytes, bytes, str, int], days_per_person: float, weeks: bytes
) -> tuple[Floats, Floats]:
    """As `shipping_shifts`, of arrays as bytes, once for each different week: it is the same in all draws."""
    hour_share, is_open, rule, cutoff_hour = promise
    different, week_of = np.unique(np.frombuffer(weeks).reshape(-1, DAYS_PER_WEEK), axis=0, return_inverse=True)
    opened = np.frombuffer(is_open)
    work, due = headcount.week_of_orders(different, np.frombuffer(hour_share), opened, rule, cutoff_hour)
    found = shifts.shipping_shifts(work, opened, due, shifts.read_patterns(*patterns), days_per_person=days_per_person)
    return found.paid_hours.sum(axis=1)[week_of.ravel()], found.people_hours[week_of.ravel()]
