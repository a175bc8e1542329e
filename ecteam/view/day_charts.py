"""Pictures of one day: people required and on shift, the day rehearsed, backlog, rules of thumb beside the model."""

import numpy as np
import pandas as pd
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from ecteam.day import DeskDay, WarehouseDay
from ecteam.model.rehearsal import DeskRehearsal, by_hour
from ecteam.model.rehearsal_warehouse import WarehouseRehearsal, backlog_by_hour
from ecteam.view.charts import axes_of
from ecteam.view.tables import Html
from ecteam.view.words import Language, label, number


def desk_hours(day: DeskDay, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """People required at the desk and on shift, hour by hour."""
    ax = axes_of(ax)
    hours = day.hours
    ax.bar(hours["hour"] + 0.5, hours["on_shift"], width=0.92, color="C4", label="on shift")
    ax.step(
        np.r_[hours["hour"], 24], np.r_[hours["required"], 0], where="post", color="C0", linewidth=2, label="required"
    )
    people, top = int(day.shifts["people"].sum()), int(hours["required"].max())
    ax.set_title(f"{label(day.role, lang)}, {day.date:%d %b %Y}: {top} at once at most, {people} shifts cover the day")
    ax.set_ylabel("people at the desk")
    ax.set_xlabel("hour of the day")
    ax.set_xlim(0, 24)
    ax.set_xticks(range(0, 25, 2))
    ax.set_ylim(0, max(top * 1.35, 2))
    ax.legend(loc="upper left", ncols=2)
    return ax


def desk_rehearsed(
    day: DeskDay, rehearsal: DeskRehearsal, target_share: float, ax: Axes | None = None, lang: Language = "en"
) -> Axes:
    """Share of chats answered in time by hour, over all rehearsed days, against the target."""
    ax = axes_of(ax)
    hours = by_hour(rehearsal)
    ax.axhline(target_share, color="C5", linewidth=1.2, linestyle="--")
    ax.annotate(
        f"target {target_share:.0%}",
        (24, target_share),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        annotation_clip=False,
    )
    ax.fill_between(hours.index + 0.5, hours["low"], hours["high"], color="C4", alpha=0.4, linewidth=0)
    ax.plot(hours.index + 0.5, hours["service_level"], color="C0", marker="o", markersize=4)
    met, wait = np.nanmean(rehearsal.service_level >= target_share), hours["mean_wait_seconds"].max()
    ax.set_title(
        f"{met:.0%} of {len(rehearsal.arrivals)} rehearsed days meet the target; waits of {wait:.0f} s at worst"
    )
    ax.set_ylabel("share answered in time")
    ax.set_xlabel(f"hour of the day, {day.date:%d %B %Y} (band: 99 % interval)")
    ax.set_ylim(0, 1.05)
    ax.set_xlim(0, 24)
    ax.set_xticks(range(0, 25, 2))
    return ax


def warehouse_said(day: WarehouseDay) -> Html:
    """Who ships the orders around a day in time, which hours decide it, and what one person fewer would miss."""
    if not day.heads:
        return Html(f"<p>{day.date:%A %d %B %Y}: no orders to ship.</p>")
    temps = f"; {day.permanent} of the plan's own and {day.temps} temps do the same" if day.temps else ""
    late = f" With one person fewer {number(day.late_with_one_fewer)} orders leave late" + (
        f", the first of them released on {day.first_late:%d %B at %H}:00." if day.first_late is not None else "."
    )
    return Html(
        f"<p><b>{day.date:%A %d %B %Y}</b>: {day.heads} trained people on shift ship every order in time{temps}; "
        f"{day.why} decides.{late}</p>"
    )


def warehouse_backlog(
    day: WarehouseDay, rehearsal: WarehouseRehearsal, ax: Axes | None = None, lang: Language = "en"
) -> Axes:
    """Orders that wait to be shipped, hour by hour around a day, as rehearsed with its crew."""
    ax = axes_of(ax)
    hours, times = backlog_by_hour(rehearsal), day.hours["time"]
    shown = slice(0, int(np.flatnonzero(day.hours["orders"] > 0).max(initial=0)) + 25)
    ax.fill_between(
        times[shown], hours["waiting_low"][shown], hours["waiting_high"][shown], color="C4", alpha=0.4, linewidth=0
    )
    ax.plot(times[shown], hours["waiting"][shown], color="C0")
    late = float((rehearsal.late_orders.sum(axis=1) > 0).mean())
    crew = f"{day.heads} trained people" + (f", or {day.permanent} and {day.temps} temps" if day.temps else "")
    ax.set_title(f"{crew}: {late:.0%} of {len(rehearsal.orders)} rehearsals ship something late")
    ax.set_ylabel("orders waiting at the end of the hour")
    ax.set_xlabel("band: nine rehearsals of ten")
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    return ax


def rules_of_thumb(beside: pd.DataFrame, model_people: float, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """What published rules would put on for the day, from their low to their high figure, beside the model."""
    ax = axes_of(ax)
    rows = beside.sort_values("people_typical", kind="stable")
    position = np.arange(len(rows))
    ax.hlines(position, rows["people_low"], rows["people_high"], color="C4", linewidth=5)
    ax.plot(rows["people_typical"], position, "o", color="C0")
    ax.axvline(model_people, color="C5", linewidth=1.5)
    ax.annotate(
        f"model {number(model_people)}", (model_people, len(rows) - 0.4), fontsize=9, ha="center", annotation_clip=False
    )
    ax.set_yticks(position, rows[lang])
    ax.set_ylim(-0.7, len(rows) - 0.1)
    low, high = rows["people_low"].min(), rows["people_high"].max()
    ax.set_title(f"Rules say {low:.1f} to {high:.0f} people for the same day", pad=20)
    ax.set_xlabel("people at work that day")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(lambda v, _: number(v))
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    return ax
