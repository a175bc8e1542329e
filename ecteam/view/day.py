"""Pictures of one day: people required and on shift, the day rehearsed, backlog, rules of thumb beside the model.

Tables of a day and of a week: from shifts to heads, and what published rules of thumb say beside the model.
"""

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator
from pandas.io.formats.style import Styler

from ecteam.analysis.day import DeskDay, WarehouseDay
from ecteam.inputs.words import Language, label, language, number, phrase, text
from ecteam.staffing.simulation import DeskRehearsal, WarehouseRehearsal, backlog_by_hour, by_hour
from ecteam.view.picture import axes_of, columns, day_name, names_beside, names_left, note
from ecteam.view.table import Html, plain

HOURS_AXIS: dict[Language, str] = {"en": "hour of the day", "zh": "时段（时）"}


def desk_hours(day: DeskDay, ax: Axes | None = None) -> Axes:
    """People required at the desk and on shift, hour by hour."""
    ax = axes_of(ax)
    hours = day.hours
    columns(ax, hours["hour"] + 0.5, hours["on_shift"], width=0.92, color="C4")
    ax.step(np.r_[hours["hour"], 24], np.r_[hours["required"], 0], where="post", color="C0", linewidth=2)
    people, top = int(day.shifts["people"].sum()), int(hours["required"].max())
    who, when = label(day.role), day_name(day.date, year=True)
    ax.set_title(text("desk_hours_title", who=who, when=when, top=top, people=people))
    ax.set_ylabel(text("people_at_the_desk"))
    _hours_below(ax, HOURS_AXIS[language()])
    ax.set_ylim(0, max(hours["on_shift"].max() * 1.25, 2))
    first = int(hours["on_shift"].to_numpy().argmax())
    note(ax, first, hours["on_shift"].max(), text("on_shift"), dy=6, color="C4")
    need = text("line_required")
    note(ax, first, hours["on_shift"].max(), need, dx=62, dy=6, color="C0")
    return ax


def desk_rehearsed(day: DeskDay, rehearsal: DeskRehearsal, target_share: float, ax: Axes | None = None) -> Axes:
    """Share of chats answered in time by hour, over all rehearsed days, against the target."""
    ax = axes_of(ax)
    hours = by_hour(rehearsal)
    ax.axhline(target_share, color="C5", linewidth=1.2, linestyle="--")
    ax.fill_between(hours.index + 0.5, hours["low"], hours["high"], color="C4", alpha=0.4, linewidth=0)
    ax.plot(hours.index + 0.5, hours["service_level"], color="C0", marker="o", markersize=4)
    met, wait = np.nanmean(rehearsal.service_level >= target_share), hours["mean_wait_seconds"].max()
    days = len(rehearsal.arrivals)
    ax.set_title(text("desk_rehearsed_title", met=met, days=days, wait=wait))
    ax.set_ylabel(text("share_answered_in_time"))
    when = day_name(day.date, year=True)
    band = text("band_interval", when=when)
    _hours_below(ax, text("hour_of_the_day", band=band))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.set_ylim(0, 1.05)
    names_beside(ax, [(target_share, text("target_share_line", target_share=target_share), "C5")])
    return ax


def warehouse_said(day: WarehouseDay) -> Html:
    """Who ships the orders around a day in time, which hours decide it, and what one person fewer would miss."""
    start, end = day.deciding
    if language() == "zh":
        when = day_name(day.date, year=True)
        if not day.heads:
            return Html(f"<p>{when}：没有订单要发。</p>")
        temps = f"；或由方案自有 {day.permanent} 人加 {day.temps} 名临时工完成" if day.temps else ""
        late = f"少一人则有 {number(day.late_with_one_fewer)} 单延误"
        if day.first_late is not None:
            late += f"，最早是 {day_name(day.first_late)} {day.first_late.hour}:00 下发的订单"
        return Html(
            f"<p><b>{when}</b>：{day.heads} 名熟练工在班即可全部准时发出{temps}；决定人数的是 "
            f"{day_name(start)} {start.hour}:00 至 {day_name(end)} {end.hour}:59。{late}。</p>"
        )
    if not day.heads:
        return Html(f"<p>{day.date:%A %d %B %Y}: no orders to ship.</p>")
    temps = f"; {day.permanent} of the plan's own and {day.temps} temps do the same" if day.temps else ""
    late = f" With one person fewer {number(day.late_with_one_fewer)} orders leave late" + (
        f", the first of them released on {day.first_late:%d %B at %H}:00." if day.first_late is not None else "."
    )
    return Html(
        f"<p><b>{day.date:%A %d %B %Y}</b>: {day.heads} trained people on shift ship every order in time{temps}; "
        f"{start:%a %d %b %H}:00 to {end:%a %d %b %H}:59 decides.{late}</p>"
    )


def warehouse_backlog(day: WarehouseDay, rehearsal: WarehouseRehearsal, ax: Axes | None = None) -> Axes:
    """Orders that wait to be shipped, hour by hour around a day, as rehearsed with its crew."""
    ax = axes_of(ax)
    hours, times = backlog_by_hour(rehearsal), day.hours["time"]
    shown = slice(0, int(np.flatnonzero(day.hours["orders"] > 0).max(initial=0)) + 25)
    at = mdates.date2num(times[shown].to_numpy())
    ax.fill_between(at, hours["waiting_low"][shown], hours["waiting_high"][shown], color="C4", alpha=0.4, linewidth=0)
    ax.plot(at, hours["waiting"][shown], color="C0")
    late = float((rehearsal.late_orders.sum(axis=1) > 0).mean())
    runs = len(rehearsal.orders)
    if language() == "en":
        people = "1 trained person" if day.heads == 1 else f"{day.heads} trained people"
        crew = people + (f", or {day.permanent} and {day.temps} temp{'s' * (day.temps > 1)}" if day.temps else "")
        ax.set_title(f"{crew}: {late:.0%} of {runs} rehearsals ship something late")
    else:
        crew = f"{day.heads} 名熟练工" + (f"（或 {day.permanent} 人加 {day.temps} 名临时工）" if day.temps else "")
        ax.set_title(f"{crew}：{runs} 次预演中 {late:.0%} 有订单延误")
    ax.set_ylabel(text("orders_waiting_at_the_end_of_the_hour"))
    ax.set_xlabel(text("day_and_band"))
    ax.set_ylim(0, 1.06 * max(hours["waiting_high"][shown].max(), 1))
    days = times[shown][times[shown].dt.hour == 0]
    days = days[:: max(1, len(days) // 10)]
    ax.set_xticks(mdates.date2num(days.to_numpy()), [day_name(date) for date in days])
    ax.set_xlim(at[0], at[-1])
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def rules_of_thumb(beside: pd.DataFrame, model_people: float, ax: Axes | None = None) -> Axes:
    """What published rules would put on for the day, from their low to their high figure, beside the model."""
    ax = axes_of(ax)
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
    ax.set_title(text("rules_say", lowest=said[0], highest=said[1]))
    ax.set_xlabel(text("rules_of_thumb_axis"))
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 30 * low else (1,)))
    ax.xaxis.set_major_formatter(lambda v, _: number(v))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(0.8 * min(low, model_people), 1.25 * max(high, model_people))
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    return ax


def _hours_below(ax: Axes, words: str) -> None:
    ax.set_xlabel(words)
    ax.set_xlim(0, 24)
    ax.set_xticks(range(0, 25, 2))


def from_shifts_to_heads(week: pd.DataFrame) -> Styler:
    """`day.desk_week` as people read it: a step each row, with its unit."""
    rows = [(phrase(r.step), number(r.value), phrase(r.unit)) for r in week.itertuples()]
    columns = [label(key) for key in ("step_reckoned", "value", "unit")]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[1:2])


def rules_of_thumb_table(beside: pd.DataFrame) -> Styler:
    """`day.rules_of_thumb` as people read it: people by each rule, how many times the model's, and its source."""
    name = "zh" if language() == "zh" else "en"
    keys = ("rule_of_thumb", "work_at", "people_low", "people_typical", "people_high", "times_the_model", "source")
    columns = [label(key) for key in keys]
    rows = [
        (
            getattr(r, name),
            label(f"task_{r.task}"),
            *(f"{value:.1f}" for value in (r.people_low, r.people_typical, r.people_high, r.typical_to_model)),
            f"{phrase(r.kind)}{'：' if language() == 'zh' else ': '}{phrase(r.source)} ({r.as_of})",
        )
        for r in beside.itertuples()
    ]
    return plain(pd.DataFrame(rows, columns=columns), right=columns[2:6], wide=columns[6], cited=columns[6])
