"""How a plan's team is hired: whom to advertise for and when, what covers the work, cash, and temps against heads."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from pandas.io.formats.style import Styler

from ecteam.inputs.words import label, language, month_in_words, number, text
from ecteam.plan.hiring import Hiring
from ecteam.plan.plan import Plan
from ecteam.view.picture import chart, columns, month_ticks, months_below, names_beside, names_left, note
from ecteam.view.table import table
from ecteam.view.team import picture

COVERS = {
    "own_hours": "C0", "part_time_hours": "C4", "temp_work": "C2", "bought_work": "C3", "spare_hours": "#D0D0D0",
}  # fmt: skip
MOST_NAMES = 14
"""More roles than a picture has room for are said in its table only."""
CALENDAR = ["advertise_by", "month", "role", "new_posts", "replacements"]


@chart
def hires_timeline(hiring: Hiring, *, ax: Axes) -> None:
    """Who starts when, and from when a post must be advertised: new posts filled, replacements hollow."""
    calendar, months = hiring.calendar[CALENDAR], hiring.solution.months
    people = int(calendar[["new_posts", "replacements"]].to_numpy().sum())
    if not people:
        ax.set_title(text("nobody_to_hire"))
        ax.set_axis_off()
        return
    roles = list(dict.fromkeys(calendar["role"]))[:MOST_NAMES]
    place = {role: len(roles) - 1 - i for i, role in enumerate(roles)}
    shown, size = calendar[calendar["role"].isin(roles)], 210 * min(1, 9 / len(roles))
    first = min(shown["advertise_by"].min(), months[0])
    for advert, start, role, new, replaced in shown.itertuples(index=False):
        y, begin, end = place[role], advert.ordinal - first.ordinal, start.ordinal - first.ordinal
        ax.plot([begin, end], [y, y], color="0.55", linewidth=1.2, zorder=1)
        ax.plot(begin, y, marker="|", color="0.35", markersize=9, zorder=2)
        colour = "C0" if new else "white"
        ax.scatter(end, y, s=size, color=colour, edgecolors="C0", linewidths=1.5, zorder=3)
        note(ax, end, y, f"{int(new + replaced)}", ha="center", zorder=4, color="1" if new else "C0")
    last = months[-1].ordinal - first.ordinal
    every = pd.period_range(first, months[-1], freq="M")
    step = max(1, len(every) // 14)
    names = month_ticks(every)
    ax.set_xticks(range(0, len(every), step), names[::step])
    names_left(ax, place.values(), [label(role) for role in place])
    ax.set_ylim(-0.7, len(roles) - 0.3)
    ax.set_xlim(-0.6, last + 0.6)
    if first < months[0]:
        ax.axvline(months[0].ordinal - first.ordinal - 0.5, color="0.6", linewidth=0.8, linestyle="--")
    soonest = month_in_words(calendar["advertise_by"].min())
    ax.set_title(text("people_to_hire", n=people, soonest=soonest))
    ax.set_xlabel(text("hires_timeline_axis"))
    ax.grid(axis="y", visible=False)


@chart
def cover_of_work(hiring: Hiring, role: str | None = None, *, ax: Axes) -> None:
    """What covers the work of each month, in hours: own people, part-time, temps, bought; and the spare."""
    table = work_covered(hiring, role)
    position, bottom = np.arange(len(table)), np.zeros(len(table))
    ends: list[tuple[float, str, str]] = []
    for name, colour in COVERS.items():
        hours = table[name].to_numpy()
        if hours.max() > 0.5:
            columns(ax, position, hours, bottom, width=0.78, color=colour)
            at = int(hours.argmax()) if hours[-1] < 0.5 else -1
            ends.append((float(bottom[at] + hours[at] / 2), label(name), colour))
            bottom = bottom + hours
    need = table["need_hours"].to_numpy()
    ax.step(np.r_[position - 0.5, position[-1] + 0.5], np.r_[need, need[-1]], where="post", color="0.1", linewidth=1.6)
    ends.append((float(need[-1]), label("need_hours"), "#1A1A1A"))
    bought = (table["temp_work"] + table["bought_work"]) / table["need_hours"].where(table["need_hours"] > 0)
    top = int(bought.fillna(0).to_numpy().argmax())
    month, share = month_in_words(table.index[top]), bought.fillna(0).iloc[top]
    who = "" if role is None else f"{label(role)}{'：' if language() == 'zh' else ': '}"
    title = text("temps_and_bought" if share >= 0.005 else "own_people_do_all", who=who, share=share, month=month)
    ax.set_title(title[0].upper() + title[1:])
    ax.set_ylabel(text("hours_of_work_a_month"))
    months_below(ax, table.index)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_xlim(-0.6, len(table) - 0.4)
    ax.set_ylim(0, 1.04 * max(bottom.max(), need.max(), 1.0))
    names_beside(ax, ends)


def work_covered(hiring: Hiring, role: str | None = None) -> pd.DataFrame:
    """The numbers of `cover_of_work`, hours of work by month: all but the spare ones add up to need_hours."""
    rows = hiring.table if role is None else hiring.table[hiring.table["role"] == role]
    return rows.groupby("month", sort=False)[["need_hours", *COVERS]].sum()


@chart
def cash_by_month(hiring: Hiring, *, ax: Axes) -> None:
    """What is paid each month, what comes in, and the cash that is left; without a cash figure that is said."""
    table, currency = hiring.runway, hiring.solution.scenario.currency
    position = np.arange(len(table))
    lines = [("cash_out", "C0", "")]
    columns(ax, position, table["cash_out"], width=0.7)
    if table["inflow"].any():
        lines.append(("inflow", "C2", "s"))
    if hiring.cash is not None:
        lines.append(("cash_at_end", "C5", "o"))
        ax.axhline(0, color="0.3", linewidth=0.8)
    for name, colour, marker in lines[1:]:
        ax.plot(position, table[name], color=colour, marker=marker, markersize=4)
    if hiring.runs_out is not None:
        at = int((table["month"] == hiring.runs_out).to_numpy().argmax())
        ax.axvline(at, color="C5", linewidth=1, linestyle=":")
    ax.set_title(_cash_said(hiring))
    ax.set_ylabel(text("cash_by_month_axis", currency=currency))
    months_below(ax, table["month"])
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    shown = table[[name for name, _, _ in lines]].to_numpy()
    low, high = min(shown.min(), 0), max(shown.max(), 1)
    ax.set_xlim(-0.6, len(table) - 0.4)
    ax.set_ylim(1.05 * low, high + 0.06 * (high - low))
    names_beside(ax, [(float(table[name].iloc[-1]), label(name), colour) for name, colour, _ in lines])


def _cash_said(hiring: Hiring) -> str:
    table, currency = hiring.runway, hiring.solution.scenario.currency
    mean = number(float(table["cash_out"].mean()))
    if hiring.cash is None:
        return text("no_runway", mean=mean, currency=currency)
    cash = number(hiring.cash)
    if hiring.runs_out is None:
        last = month_in_words(table["month"].iloc[-1])
        return text("cash_lasts", cash=cash, currency=currency, last=last, mean=mean)
    return text("cash_runs_out", cash=cash, currency=currency, month=month_in_words(hiring.runs_out), mean=mean)


@chart
def temps_or_head(hiring: Hiring, role: str, *, ax: Axes) -> None:
    """What an hour of work costs from temps and from a head who is kept busy, by how long the need lasts."""
    table, currency = hiring.temp_or_head(role), hiring.solution.scenario.currency
    head, temp = table["head_cost"] / table["work_hours"], float(hiring.hour_prices.loc[role, "temp_hour"])
    ax.plot(table["months"], head, color="C0", marker="o", markersize=4)
    ax.axhline(temp, color="C2", linewidth=1.8)
    cheaper = table[np.isfinite(table["break_even_hours_per_month"])]
    if len(cheaper):
        first, last = int(cheaper["months"].iloc[0]), cheaper["break_even_share"].iloc[-1]
        title = text("head_pays", name=label(role), first=first, last=last)
    else:
        title = text("temps_are_cheaper", name=label(role))
    ax.set_title(title)
    ax.set_ylabel(text("cost_of_an_hour_of_work", currency=currency))
    ax.set_xlabel(text("months_the_need_lasts"))
    ax.set_ylim(0, 1.15 * max(float(head.max()), temp))
    ax.set_xticks(table["months"])
    busy, hired = text("a_head_kept_busy"), text("temps_in_months")
    names_beside(ax, [(float(head.iloc[-1]), busy, "C0"), (temp, hired, "C2")])


def hires(found: pd.DataFrame) -> Styler:
    """A calendar of hires (`Plan.hires`): whole people, the earliest advertisement first."""
    return table(found, "hiring.hires")


def by_month(hiring: Hiring) -> Styler:
    """Every month: heads, starts, leavers, what covers the work, what is paid, and the cash left if it is known."""
    names = ["heads", "starts", "leavers", "need_hours", *COVERS]
    cash = hiring.runway.set_index("month")[["cash_out", "cash_at_end"]]
    sums = hiring.table.groupby("month", sort=False)[names].sum().join(cash)
    without = ["cash_at_end"] if hiring.cash is None else []
    return table(sums.reset_index(), "hiring.by_month", unit=hiring.solution.scenario.currency, without=without)


def hour_prices(hiring: Hiring) -> Styler:
    """What an hour of work costs by role: from a head who is kept busy, from temps, bought."""
    return table(hiring.hour_prices.reset_index(), "hiring.hour_prices", unit=hiring.solution.scenario.currency)


def cover_of_work_table(hiring: Hiring, role: str | None = None) -> Styler:
    """The numbers behind the chart of what covers the work: hours of work by month."""
    return table(work_covered(hiring, role).reset_index(), "hiring.cover_of_work")


def temps_or_head_table(hiring: Hiring, role: str) -> Styler:
    """From how many hours a month a head is cheaper than temps, by how long the need lasts."""

    def pays_from(row: Any) -> str:
        hours = row.break_even_hours_per_month
        return number(hours) if np.isfinite(hours) else label("never")

    currency = hiring.solution.scenario.currency
    return table(hiring.temp_or_head(role), "hiring.temps_or_head", unit=currency, head_pays_from=pays_from)


def hiring_view(plan: Plan) -> list[Any]:
    """For `explore`: whom to hire and when, and what covers the work."""
    pictures = [picture(chart, plan.hiring) for chart in (hires_timeline, cover_of_work)]
    return [*pictures, hires(plan.hires)]
