"""One day, as lesson 3 and the notebook of the work show it; and what learners of all lessons read exercises from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from pandas.io.formats.style import Styler

from ecteam.analysis.day import DeskDay, WarehouseDay
from ecteam.analysis.uncertainty import Uncertainty
from ecteam.inputs.words import date, label, language, listed, number, text
from ecteam.plan.plan import Plan
from ecteam.staffing import queueing
from ecteam.staffing.simulation import DeskRehearsal, WarehouseRehearsal, backlog_by_hour, by_hour
from ecteam.view.picture import chart, columns, names_beside, names_left, note
from ecteam.view.table import Html, day_name, source_in_words, table, with_unit


@chart
def desk_hours(day: DeskDay, *, ax: Axes) -> None:
    """People required at the desk and on shift, hour by hour."""
    hours = day.hours
    columns(ax, hours["hour"] + 0.5, hours["on_shift"], width=0.92, color="C4")
    ax.step(np.r_[hours["hour"], 24], np.r_[hours["required"], 0], where="post", color="C0", linewidth=2)
    people, top = int(day.shifts["people"].sum()), int(hours["required"].max())
    who, when = label(day.role), date(day.date)
    ax.set_title(text("desk_hours_title", who=who, when=when, top=top, people=people))
    ax.set_ylabel(text("people_at_the_desk"))
    _hours_below(ax, text("hour_of_day"))
    ax.set_ylim(0, max(hours["on_shift"].max() * 1.25, 2))
    first = int(hours["on_shift"].to_numpy().argmax())
    note(ax, first, hours["on_shift"].max(), text("on_shift"), dy=6, color="C4")
    need = text("line_required")
    note(ax, first, hours["on_shift"].max(), need, dx=62, dy=6, color="C0")


@chart
def desk_rehearsed(day: DeskDay, rehearsal: DeskRehearsal, target_share: float, *, ax: Axes) -> None:
    """Share of chats answered in time by hour, over all rehearsed days, against the target."""
    hours = by_hour(rehearsal)
    ax.axhline(target_share, color="C5", linewidth=1.2, linestyle="--")
    ax.fill_between(hours.index + 0.5, hours["low"], hours["high"], color="C4", alpha=0.4, linewidth=0)
    ax.plot(hours.index + 0.5, hours["service_level"], color="C0", marker="o", markersize=4)
    met, wait = np.nanmean(rehearsal.service_level >= target_share), hours["mean_wait_seconds"].max()
    days = len(rehearsal.arrivals)
    ax.set(title=text("desk_rehearsed_title", met=met, days=days, wait=wait), ylabel=text("share_answered_in_time"))
    when = date(day.date)
    band = text("band_interval", when=when)
    _hours_below(ax, text("hour_of_the_day", band=band))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.set_ylim(0, 1.05)
    names_beside(ax, [(target_share, text("target_share_line", target_share=target_share), "C5")])


def warehouse_said(day: WarehouseDay) -> Html:
    """Who ships the orders around a day in time, which hours decide it, and what one person fewer would miss."""
    when = date(day.date)
    if not day.heads:
        return Html(f"<p>{text('no_orders_to_ship', day=when)}</p>")
    start, end = (f"{day_name(at)} {at.hour}" for at in day.deciding)
    words: dict[str, Any] = {"start": f"{start}:00", "end": f"{end}:59", "late": number(day.late_with_one_fewer)}
    words["temps"] = text("crew_temps", own=day.permanent, temps=day.temps) if day.temps else ""
    first = day.first_late
    words["first"] = text("crew_first_late", when=f"{day_name(first)} {first.hour}:00") if first is not None else ""
    return Html(f"<p>{text('crew_ships', day=f'<b>{when}</b>', n=day.heads, **words)}</p>")


@chart
def warehouse_backlog(day: WarehouseDay, rehearsal: WarehouseRehearsal, *, ax: Axes) -> None:
    """Orders that wait to be shipped, hour by hour around a day, as rehearsed with its crew."""
    hours, times = backlog_by_hour(rehearsal), day.hours["time"]
    shown = slice(0, int(np.flatnonzero(day.hours["orders"] > 0).max(initial=0)) + 25)
    at = mdates.date2num(times[shown].to_numpy())
    ax.fill_between(at, hours["waiting_low"][shown], hours["waiting_high"][shown], color="C4", alpha=0.4, linewidth=0)
    ax.plot(at, hours["waiting"][shown], color="C0")
    late = float((rehearsal.late_orders.sum(axis=1) > 0).mean())
    runs = len(rehearsal.orders)
    temps = text("crew_or_temps", own=day.permanent, n=day.temps) if day.temps else ""
    ax.set_title(text("crew_rehearsed", n=day.heads, temps=temps, late=late, runs=runs))
    ax.set(ylabel=text("orders_waiting_at_the_end_of_the_hour"), xlabel=text("day_and_band"))
    ax.set_ylim(0, 1.06 * max(hours["waiting_high"][shown].max(), 1))
    days = times[shown][times[shown].dt.hour == 0]
    days = days[:: max(1, len(days) // 10)]
    ax.set_xticks(mdates.date2num(days.to_numpy()), [day_name(date) for date in days])
    ax.set_xlim(at[0], at[-1])


@chart
def rules_of_thumb(beside: pd.DataFrame, model_people: float, *, ax: Axes) -> None:
    """What published rules would put on for the day, from their low to their high figure, beside the model."""
    rows = beside.sort_values("people_typical", kind="stable")
    position = np.arange(len(rows))
    ax.hlines(position, rows["people_low"], rows["people_high"], color="C4", linewidth=5)
    ax.plot(rows["people_typical"], position, "o", color="C0")
    ax.axvline(model_people, color="C5", linewidth=1.5)
    model = text("model_people", model_people=number(model_people))
    note(ax, model_people, 1, model, dx=4, dy=-2, color="C5", within="x", va="top")
    names_left(ax, position, rows[language()])
    ax.set_ylim(-0.7, len(rows) + 0.2)
    low, high = rows["people_low"].min(), rows["people_high"].max()
    said = f"{low:.2g}", f"{high:.2g}" if high < 100 else number(high)
    ax.set(title=text("rules_say", lowest=said[0], highest=said[1]), xlabel=text("rules_of_thumb_axis"), xscale="log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 30 * low else (1,)))
    ax.xaxis.set_major_formatter(lambda v, _: number(v))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(0.8 * min(low, model_people), 1.25 * max(high, model_people))


def _hours_below(ax: Axes, words: str) -> None:
    ax.set(xlabel=words, xlim=(0, 24))
    ax.set_xticks(range(0, 25, 2))


def from_shifts_to_heads(week: pd.DataFrame) -> Styler:
    """`day.desk_week` as people read it: a step each row, with its unit."""
    return table(week, "lesson.week")


def rules_of_thumb_table(beside: pd.DataFrame) -> Styler:
    """`day.rules_of_thumb` as people read it: people by each rule, how many times the model's, and its source."""
    return table(beside, "lesson.rules_of_thumb", source=source_in_words, work_at=lambda row: label(f"task_{row.task}"))


def work(plan: Plan, n: int = 10) -> Styler:
    """The largest duties of the first month: what is counted, how many, minutes each, hours."""
    return table(plan.workload[plan.workload["month"] == plan.months[0]].nlargest(n, "hours"), "lesson.work")


def routes(found: pd.DataFrame, *, team: bool = False) -> Styler:
    """Routes of industry and platform (`workshop.routes.routes`); with `team` again, with the team in it."""
    which = "lesson.routes_with_team" if team else "lesson.routes"
    return table(found.rename_axis("name").reset_index(), which, unit=_yuan())


def _yuan() -> str:
    return "CNY" if language() == "en" else "元"


def desk(arrivals_per_hour: float, handle_seconds: float, target_seconds: float, agents: Sequence[int]) -> Styler:
    """One desk with more and more agents: who is answered in time, and how busy the agents are."""
    level = queueing.service_level(list(agents), arrivals_per_hour, handle_seconds, target_seconds)
    busy = queueing.occupancy(list(agents), arrivals_per_hour, handle_seconds)
    return table(pd.DataFrame({"agents": list(agents), "in_time": level, "busy": busy}), "lesson.desk")


def tasks(found: pd.DataFrame) -> Styler:
    """Tasks of a build plan (en, zh, after), and those of them that each waits for."""
    names = found[language()]
    waits = [listed(names[[task for task in after if task in names.index]]) or "–" for after in found["after"]]
    return table(found.assign(waits_for=waits).sort_values(language()), "lesson.tasks")


def leads(months: Mapping[str, int]) -> Styler:
    """How many months before the start each role is advertised."""
    return table(pd.DataFrame(months.items(), columns=["role", "lead"]), "lesson.leads")


def _known(kinds: pd.Series) -> pd.Series:
    return kinds.eq("planning assumption").map({True: "known_assumed", False: "known_sourced"})


def uncertain(sure: Uncertainty, n: int = 14) -> Styler:
    """The figures that go with most of the uncertain cost: share, whether sourced, whether it can be measured."""
    rows = sure.explained.head(n)
    by_friday = rows["measure"].ne("").map({True: "yes", False: "no"})
    return table(rows.assign(known=_known(rows["kind"]), by_friday=by_friday), "lesson.uncertain")


def facts(values: Mapping[str, float]) -> Styler:
    """A few figures with their names, as keys of texts."""
    money = {"order_value", "left"}
    names = [with_unit(text(f"lesson.{key}", c=_yuan()), _yuan() if key in money else "") for key in values]
    return table(pd.DataFrame({"fact": names, "value": list(values.values())}), "lesson.facts")


def card(fields: pd.DataFrame) -> Styler:
    """The fields of the positioning card, and what to write in each."""
    return table(fields, "lesson.card")


def advice(found: pd.DataFrame) -> Styler:
    """Published advice for one day: people at least and at most, from when, and whether it has a source."""
    return table(found.assign(known=_known(found["kind"])), "lesson.advice")


def pairs(sizes: Sequence[int]) -> Styler:
    """How many pairs of people can talk to each other in teams of these sizes."""
    return table(pd.DataFrame({"people": list(sizes)}).eval("pairs = people * (people - 1) // 2"), "lesson.pairs")


def duties(people: pd.DataFrame) -> Styler:
    """The duties of one month: the name to write, who does each, the hat it belongs to, and its hours."""
    return table(people, "lesson.duties", without=_NOT_WRITTEN[language()])


def written_down(found: pd.DataFrame) -> Styler:
    """A table of who answers for what, as somebody wrote it down: duty, name to write, person, hired as."""
    return table(found, "lesson.written_down", without=_NOT_WRITTEN[language()])


_NOT_WRITTEN: dict[str, list[str]] = {"en": [], "zh": ["division.key"]}
"""A learner writes a duty's key in English; in Chinese its label, which needs no other keyboard."""


@chart
def routes_chart(found: pd.DataFrame, *, ax: Axes) -> None:
    """What is left of an order before the team beside what the team costs, as shares of the order's value."""
    left, team = found["left"] / found["order_value"], found["team"] / found["order_value"]
    place = np.arange(len(found))
    for shift, values, colour, key in ((-0.2, left, "C0", "left_before_team"), (0.2, team, "C1", "the_team_itself")):
        bars = ax.barh(place + shift, values, height=0.38, color=colour, label=label(key))
        ax.bar_label(bars, [f"{value:.0%}" for value in values], padding=3, fontsize=8)
    ax.set_yticks(place, found[language()])
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    pays = int((left >= team).sum())
    ax.set_title(text("routes_that_pay", pays=pays, n=len(found)))
    ax.set_xlabel(text("share_of_order_value"))
    ax.legend()
    ax.margins(x=0.12)


@chart
def work_hours(plan: Plan, *, ax: Axes, n: int = 10) -> None:
    """The duties of the first month with most hours."""
    mine = plan.workload[plan.workload["month"] == plan.months[0]]
    most = mine.nlargest(n, "hours")
    bars = ax.barh([label(str(duty)) for duty in most["duty"]], most["hours"], color="C0")
    ax.bar_label(bars, [number(hours) for hours in most["hours"]], padding=3, fontsize=8)
    ax.invert_yaxis()
    share = most["hours"].sum() / mine["hours"].sum()
    ax.set_title(text("duties_hold_hours", n=n, share=share))
    ax.set_xlabel(text("hours_in_month", months=plan.months[0]))
    ax.margins(x=0.1)


@chart
def desk_chart(
    arrivals_per_hour: float,
    handle_seconds: float,
    target_seconds: float,
    agents: Sequence[int],
    *,
    ax: Axes,
) -> None:
    """The share of customers answered in time over the number of agents; the average work marks where queues begin."""
    level = queueing.service_level(list(agents), arrivals_per_hour, handle_seconds, target_seconds)
    load = arrivals_per_hour * handle_seconds / 3600
    ax.plot(list(agents), level, marker="o", color="C0")
    ax.axvline(load, color="0.3", linestyle=":")
    ax.annotate(
        text("the_average", load=number(load)),
        (load, 0.5), xytext=(6, 0), textcoords="offset points",
    )  # fmt: skip
    ax.set_ylim(0, 1.05)
    ax.set_xticks(list(agents))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    step = float(np.max(np.diff(level)))
    ax.set_title(text("one_more_agent", points=100 * step))
    ax.set(xlabel=text("agents_at_the_desk"), ylabel=text("answered_within", target_seconds=target_seconds))
