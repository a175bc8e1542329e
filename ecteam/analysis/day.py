"""One day of a plan hour by hour: who is required, who is on shift, and what happens when the day is rehearsed."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import ROUNDING, whole
from ecteam.inputs.calendar_units import DAYS_PER_WEEK, HOURS_PER_DAY, WEEKS_PER_MONTH
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import Note
from ecteam.plan.plan import Plan
from ecteam.plan.staffing import agents_by_hour, open_week, think_minutes
from ecteam.staffing import deadlines, queueing, shifts
from ecteam.staffing import rules_of_thumb as rules_of_thumb_staffing
from ecteam.staffing.simulation import DeskRehearsal, WarehouseRehearsal, rehearse_desk, rehearse_warehouse

DAYS_BEFORE, DAYS_SHOWN, DAYS_AFTER = 3, 6, 4
"""A warehouse day is looked at with the days before it, whose work it may carry, and those after, when it is due."""
WEEKS_UNTIL_DUE = 3
"""A warehouse that opens once a week ships what is due in two of its days by then."""


@dataclass(frozen=True, eq=False)
class DeskDay:
    """A day at a staffed desk. `hours`: hour, chats, required, on_shift (people at the desk in whole shifts); `shifts`
    by pattern and start; `handle`: what `queueing` asks of a chat.
    """

    role: str
    date: pd.Timestamp
    hours: pd.DataFrame
    shifts: pd.DataFrame
    handle: dict[str, float]


@dataclass(frozen=True, eq=False)
class WarehouseDay:
    """The warehouse around a day. `hours`: time, orders, is_open, due (position); `heads` the crew on shift that ships
    everything in time, `permanent` those of a busy ordinary week, `temps` who must join them, `deciding` the first and
    the last of the hours that decide; `late_with_one_fewer` orders, the first of them released at `first_late`.
    """

    role: str
    date: pd.Timestamp
    hours: pd.DataFrame
    orders_per_person_hour: float
    heads: int
    permanent: int
    temps: int
    deciding: tuple[pd.Timestamp, pd.Timestamp]
    late_with_one_fewer: float
    first_late: pd.Timestamp | None


def ordinary_and_peak_day(plan: Plan) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The day of the plan with the median of orders among open days without an event, and the busiest day."""
    days = plan.days
    ordinary = days[(days["lift"] == "") & (days["orders"] > 0)].sort_values("orders", kind="stable")
    peak = days.loc[days["orders"].idxmax(), "date"]
    return (ordinary["date"].iloc[len(ordinary) // 2] if len(ordinary) else peak), peak


def desk_day(plan: Plan, date: pd.Timestamp | str) -> DeskDay:
    """Who must sit at the service desk on a day, and which whole shifts put them there? Sized like the plan.

    >>> from ecteam import load_scenario, make_plan
    >>> plan = make_plan(load_scenario("tea_shop_growth"))
    >>> day = desk_day(plan, "2027-11-11")
    >>> bool((day.hours["on_shift"] >= day.hours["required"]).all())
    True
    """
    role = _first(plan, list(plan.results.desks), "staffed desk; set dedicated_desk")
    date, position = _day(plan, date)
    desk, month = plan.results.desks[role], int(plan.inputs.days["month"].iloc[position])
    chats = plan.results.demand.by_day[0, position] * _busy(plan) * desk.chats_per_order[0, month]
    reply = desk.reply_minutes[:1, month : month + 1]
    arrivals, agents = agents_by_hour(plan.inputs, plan.values, np.array([[[chats]]]), reply)
    cover = shifts.shift_cover(agents[0, 0, 0], shifts.read_patterns(region=plan.scenario.region))
    hours = pd.DataFrame(
        {
            "hour": np.arange(HOURS_PER_DAY),
            "chats": arrivals[0, 0, 0],
            "required": agents[0, 0, 0],
            "on_shift": cover.on_shift,
        }
    )
    used = cover.catalogue.assign(people=cover.shifts)
    return DeskDay(
        role,
        date,
        hours,
        used[used["people"] > 0].reset_index(drop=True),
        {
            "reply_minutes": float(reply[0, 0]),
            "think_minutes": float(think_minutes(plan.values, reply)[0, 0]),
            "replies": float(plan.values["replies_per_chat"]),
        },
    )


def desk_week(plan: Plan, month: int) -> pd.DataFrame:
    """From the whole shifts of a busy week to heads, step by step: step (a `Note`), value, unit; `month` counts from 0.

    People work so many whole days a week as the year's working days give, those days off in a row; a half day counts
    as its share of a whole one. Leave, illness and training are the role's shrinkage.
    """
    role = _first(plan, list(plan.results.desks), "staffed desk; set dedicated_desk")
    agents = plan.results.desks[role].agents[0, month] * (plan.inputs.profile.weekday > 0)[:, None]
    cover = shifts.shift_cover(agents, shifts.read_patterns(region=plan.scenario.region))
    whole_days = whole(cover.paid_hours / float(plan.values["hours_per_day"]))
    # Whole days a week; that public holidays are worked and given back is part of the average.
    days_a_week = min(round(float(plan.inputs.working_days[month]) / WEEKS_PER_MONTH), DAYS_PER_WEEK)
    heads = shifts.heads_for_week(whole_days, days_per_week_per_person=days_a_week)
    shrinkage = float(plan.values[plan.assumptions.role_columns["shrinkage"][role]])
    rows = [
        (Note("desk_agents_most"), int(agents.max()), "people"),
        (Note("desk_shifts"), int(cover.people.sum()), "shifts"),
        (Note("desk_paid_hours"), float(cover.paid_hours.sum()), "hours a week"),
        (Note("desk_heads", n=days_a_week), heads, "heads"),
        (Note("desk_heads_rostered"), int(queueing.rostered(heads, shrinkage)), "heads"),
    ]
    return pd.DataFrame(rows, columns=["step", "value", "unit"])


def rehearse_desk_day(plan: Plan, day: DeskDay, *, replications: int = 200) -> DeskRehearsal:
    """Play a desk day through with the people on shift: its forecast chats, not those of the busy day, and their
    spread.
    """
    scenario = plan.scenario
    reply, think = (60 * day.handle[name] / day.handle["replies"] for name in ("reply_minutes", "think_minutes"))
    return rehearse_desk(
        np.floor(day.hours["on_shift"].to_numpy() + ROUNDING).astype(int),
        day.hours["chats"].to_numpy() / _busy(plan),
        (reply + think) * day.handle["replies"],
        scenario.reply_target_seconds,
        concurrency=scenario.chats_at_once,
        reply_seconds=reply,
        think_seconds=think,
        first_reply=True,
        variation=_variation(plan),
        replications=replications,
    )


def warehouse_day(plan: Plan, date: pd.Timestamp | str) -> WarehouseDay:
    """Which crew ships every order around a day in time, and what would be late with one person fewer?

    Temps come from the first event day near the date until two days after the last.

    >>> from ecteam import load_scenario, make_plan
    >>> day = warehouse_day(make_plan(load_scenario("tea_shop_growth")), "2027-11-11")
    >>> day.heads > day.permanent, day.temps > day.heads - day.permanent, day.late_with_one_fewer > 0
    (True, True, True)
    """
    role = _first(plan, list(plan.results.crews), "warehouse; set self_shipping")
    date, position = _day(plan, date)
    hours, is_temp_day = _around(plan, position)
    month = int(plan.inputs.days["month"].iloc[position])
    packing = ((plan.inputs.duties["worn_by"] == role) & (plan.inputs.duties["method"] == "deadline")).to_numpy()
    rate = float(plan.results.demand.orders[0, month] / plan.results.hours[packing, 0, month].sum())
    work = hours["is_open"].to_numpy(), hours["due"].to_numpy()
    crew = deadlines.crew_required(hours["orders"], *work, rate_per_hour=rate)
    permanent = int(whole(plan.results.crews[role].people[0, month]))
    heads, temps = int(crew.heads), 0
    if heads > permanent and plan.scenario.temps_on_event_days and is_temp_day.any():
        permanent, temps = _temps(plan, hours, is_temp_day, rate, permanent)
    fewer = deadlines.backlog(hours["orders"], *work, rate_per_hour=rate, people=max(heads - 1, 0))
    late, times = int(fewer.first_late_release), hours["time"]
    start, end = (times[int(position)] for position in (crew.window_start, crew.window_end))
    return WarehouseDay(
        role,
        date,
        hours,
        rate,
        heads,
        permanent,
        temps,
        (start, end),
        float(fewer.late_orders.sum()),
        times[late] if late >= 0 else None,
    )


def _around(plan: Plan, position: int) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """The days around one, hour by hour (time, orders, is_open, due), and on which of them temps work."""
    first = max(position - DAYS_BEFORE, 0)
    near = plan.inputs.days.iloc[first : position + DAYS_SHOWN]
    dates = pd.date_range(near["date"].iloc[0], periods=len(near) + WEEKS_UNTIL_DUE * DAYS_PER_WEEK)
    by_day, closed, event = np.zeros(len(dates)), np.zeros(len(dates), dtype=bool), np.zeros(len(dates), dtype=bool)
    by_day[: len(near)] = plan.results.demand.by_day[0, first : first + len(near)] * _busy(plan)
    closed[: len(near)] = near["closed"]
    event[: len(near)] = near["lift"] != ""
    scenario, profile = plan.scenario, plan.inputs.profile
    week = open_week(plan.inputs).reshape(DAYS_PER_WEEK, -1)
    is_open = np.where(closed[:, None], 0.0, week[dates.day_of_week]).ravel()
    due = deadlines.due_hours(is_open, scenario.ship_rule, cutoff_hour=scenario.cutoff_hour)
    times = dates.repeat(HOURS_PER_DAY) + pd.to_timedelta(np.tile(np.arange(HOURS_PER_DAY), len(dates)), unit="h")
    orders = (by_day[:, None] * profile.hour).ravel()
    last_due = int(due[orders > 0].max(initial=0)) // HOURS_PER_DAY
    days = max(len(near) + DAYS_AFTER, last_due + 1)
    event = event[:days]
    is_temp_day = event | np.roll(event, 1) | np.roll(event, 2)
    hours = pd.DataFrame({"time": times, "orders": orders, "is_open": is_open, "due": due})
    return hours.head(days * HOURS_PER_DAY), is_temp_day


def _temps(
    plan: Plan, hours: pd.DataFrame, is_temp_day: npt.NDArray[np.bool_], rate: float, permanent: int
) -> tuple[int, int]:
    """The plan's own people, at least those the days without temps need, and the temps who can help them."""
    by_temps = np.repeat(is_temp_day, HOURS_PER_DAY)
    alone = deadlines.crew_required(
        np.where(by_temps, 0.0, hours["orders"]), hours["is_open"], hours["due"], rate_per_hour=rate
    )
    own = max(permanent, int(alone.heads))
    speed = deadlines.temp_productivity(
        is_temp_day,
        first_day=float(plan.values["temp_productivity"]),
        learning_rate=float(plan.values["temp_learning_rate"]),
    )
    try:
        required = deadlines.temps_required(
            hours["orders"], hours["is_open"], hours["due"], rate_per_hour=rate, permanent=own, productivity=speed
        )
    except InputError:
        # The warehouse is closed while temps are there, or they are gone before it opens.
        return permanent, 0
    return own, int(required.heads)


def rehearse_warehouse_day(plan: Plan, day: WarehouseDay, *, replications: int = 200) -> WarehouseRehearsal:
    """Play the days around a warehouse day through with its crew: forecast orders and their spread."""
    return rehearse_warehouse(
        day.hours["orders"].to_numpy() / _busy(plan),
        day.hours["is_open"].to_numpy(),
        day.hours["due"].to_numpy(),
        rate_per_hour=day.orders_per_person_hour,
        people=day.heads,
        variation=_variation(plan),
        replications=replications,
    )


def rules_of_thumb(plan: Plan, date: pd.Timestamp | str) -> pd.DataFrame:
    """What would published rules of thumb put on for a day, beside the model? Columns as `rules_of_thumb.beside`.

    The model's desk is its whole shifts, its picking and packing the hours of that day's work, both in working days of
    the plan. Tasks that the shop does not have are left out.
    """
    date, position = _day(plan, date)
    scenario, hours_per_shift = plan.scenario, float(plan.values["hours_per_day"])
    orders = float(plan.results.demand.by_day[0, position]) * _busy(plan)
    month = int(plan.inputs.days["month"].iloc[position])
    model: dict[str, float] = {}
    # Without a desk nobody chats, and the rules of a desk are left out.
    arrivals, handle = np.zeros(HOURS_PER_DAY), 1.0
    if plan.results.desks:
        day = desk_day(plan, date)
        handle = 60 * (day.handle["reply_minutes"] + day.handle["think_minutes"])
        arrivals = day.hours["chats"].to_numpy()
        model["desk"] = float(day.shifts["paid_hours"] @ day.shifts["people"]) / hours_per_shift
    per_order = plan.results.hours[:, 0, month] / plan.results.demand.orders[0, month]
    tasks = {
        "picking": ["pick_orders"],
        "packing": ["pack_orders"],
        "picking and packing": ["pick_orders", "pack_orders"],
    }
    for task, duties in tasks.items() if plan.results.crews else ():
        model[task] = float(per_order[plan.inputs.duties.index.isin(duties)].sum() * orders / hours_per_shift)
    by_rule = rules_of_thumb_staffing.by_rules(
        rules_of_thumb_staffing.read_rules(),
        arrivals_per_hour=arrivals,
        handle_seconds=handle,
        orders_per_day=orders,
        lines_per_day=orders * float(plan.values["lines_per_order"]),
        hours_per_shift=hours_per_shift,
        target_seconds=scenario.reply_target_seconds,
        target_share=scenario.reply_target_share,
        concurrency=scenario.chats_at_once,
    )
    return rules_of_thumb_staffing.beside(by_rule[by_rule["task"].isin(list(model))], model)


def _variation(plan: Plan) -> float:
    """Standard deviation over mean of a day's orders: the history's own, or the plan's assumption."""
    return float(plan.inputs.profile.variation if plan.scenario.history else plan.values["day_spread"])


def _busy(plan: Plan) -> float:
    return float(plan.results.demand.busy_day_factor[0, 0, 0])


def _first(plan: Plan, roles: list[str], what: str) -> str:
    if not roles:
        raise InputError(f"{plan.scenario.name!r} has no {what}")
    return roles[0]


def _day(plan: Plan, date: pd.Timestamp | str) -> tuple[pd.Timestamp, int]:
    """The date and its position in the plan; refuses a date outside it and a day without orders."""
    days = plan.inputs.days["date"]
    timestamp = pd.to_datetime(date, errors="coerce")
    within = f"it must lie in the plan, {days.iloc[0]:%Y-%m-%d} to {days.iloc[-1]:%Y-%m-%d}"
    if pd.isna(timestamp):
        raise InputError(f"date is {date!r}; {within}")
    if not days.iloc[0] <= timestamp <= days.iloc[-1]:
        raise InputError(f"date is {timestamp:%Y-%m-%d}; {within}")
    position = int((timestamp.normalize() - days.iloc[0]).days)
    if plan.results.demand.by_day[0, position] <= 0:
        raise InputError(f"{timestamp:%Y-%m-%d} has no orders in this plan; ask for a day that has some")
    return timestamp, position
