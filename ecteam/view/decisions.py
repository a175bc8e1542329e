"""Pictures of decisions: where options cost the same, when posts become a person of their own, what defenders save."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from ecteam.analysis.options import Decision
from ecteam.analysis.tipping_points import TimeMachine
from ecteam.inputs.calendar_units import DAYS_PER_MONTH
from ecteam.inputs.labels import Language, label, number
from ecteam.view.picture import axes_of, names_beside, names_left, note

LINES = ("-", "--", "-.", ":")
MOST_DECADES = 3
"""Costs below a thousandth of the largest are drawn as that: they are next to nothing."""


def break_even(decision: Decision, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Cost of the options for each order over orders a day; the break-evens that decide, with the range of the flip."""
    ax = axes_of(ax)
    units = decision.curves["orders_per_day"] * (DAYS_PER_MONTH if decision.per == "month" else 1)
    each = decision.curves["cost"] / units
    # What costs nothing more runs along the foot of the picture.
    each = each.clip(lower=each.max() / 10**MOST_DECADES)
    ends = []
    for i, option in enumerate(decision.options):
        mine = decision.curves["option"] == option
        ax.plot(
            decision.curves.loc[mine, "orders_per_day"],
            each[mine],
            color=f"C{i}",
            linestyle=LINES[i % len(LINES)],
            linewidth=1.8,
        )
        ends.append((float(each[mine].iloc[-1]), label(option, lang), f"C{i}"))
    ax.set_xscale("log")
    ax.set_yscale("log")
    deciding = decision.break_evens[decision.break_evens["decides"]]
    lowest, highest = decision.curves["orders_per_day"].min(), decision.curves["orders_per_day"].max()
    for row in deciding.itertuples():
        ax.axvspan(max(row.low, lowest), min(row.high, highest), color="0.88", zorder=0, linewidth=0)
        ax.axvline(row.orders_per_day, color="0.35", linewidth=1.2)
    here = max(decision.orders_per_day, lowest)
    ax.axvline(here, color="C5", linewidth=1, linestyle=":")
    now = {"en": f"now: {number(decision.orders_per_day)}", "zh": f"现在：{number(decision.orders_per_day)}"}[lang]
    near = ((deciding["orders_per_day"] > 0.9 * here) & (deciding["orders_per_day"] < 3 * here)).any()
    dx, side = (-4, "right") if near else (4, "left")
    note(ax, here, 1, now, dx=dx, dy=-3, color="C5", size=8, within="x", va="top", ha=side)
    ax.set_xlim(lowest, highest)
    names_beside(ax, ends)
    ax.set_title(_break_even_title(decision, deciding, lang))
    per = {
        "month": {"en": "an order", "zh": "每单"},
        "event": {"en": "an event, for each order a day", "zh": "每次大促，按日均每单"},
    }[decision.per][lang]
    ax.set_ylabel(f"{decision.currency} {per}")
    ax.set_xlabel(
        {
            "en": "orders a day; grey: where the answer flips over the assumptions, each alone",
            "zh": "日均订单；灰色：单个假设变动时答案翻转的范围",
        }[lang]
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 3) if axis is ax.yaxis else (1,), numticks=8))
        axis.set_major_formatter(lambda v, _: f"{v:,.0f}" if v >= 1 else f"{v:g}")
        axis.set_minor_locator(NullLocator())
    return ax


def _break_even_title(decision: Decision, deciding: pd.DataFrame, lang: Language) -> str:
    best, orders = label(decision.best, lang), number(decision.orders_per_day)
    if deciding.empty:
        return {
            "en": f"Cheapest at {orders} orders a day and at any volume: {best.lower()}",
            "zh": f"日均 {orders} 单时「{best}」最省，单量变化不改变答案",
        }[lang]
    row = min(deciding.itertuples(), key=lambda r: abs(np.log(r.orders_per_day / max(decision.orders_per_day, 1))))
    high = f"{row.high:,.0f}" if np.isfinite(row.high) else "∞"
    above = label(str(row.above), lang)
    return {
        "en": f"Cheapest from {row.orders_per_day:,.0f} orders a day ({row.low:,.0f} to {high}): {above.lower()}",
        "zh": f"日均 {row.orders_per_day:,.0f} 单（{row.low:,.0f}–{high}）起，{above}最省",
    }[lang]


def tipping_points(machine: TimeMachine, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Each post over orders a day: a hat of somebody, then from its tipping point a person of its own."""
    ax = axes_of(ax)
    lowest, highest = (machine.team["orders_per_day"].iloc[end] for end in (0, -1))
    table = machine.posts.assign(order=machine.posts["tips_at"].fillna(np.inf))
    table = table.sort_values(["order", "post"], ascending=False, kind="stable")
    for place, row in enumerate(table.itertuples()):
        has_work = machine.work[(machine.work["post"] == row.post) & (machine.work["fte"] > 0)]["orders_per_day"]
        if len(has_work):
            start = has_work.min()
            end = row.tips_at if row.tips_at == row.tips_at else highest
            ax.plot([start, end], [place, place], color="C4", linewidth=2, solid_capstyle="butt")
        if row.tips_at == row.tips_at:
            ax.plot([row.tips_at, highest], [place, place], color="C0", linewidth=7, solid_capstyle="butt")
            text = f"{'≤ ' if row.at_least else ''}{row.tips_at:,.0f}"
            # To the left over the thin line, unless the axis begins there.
            dx, side = (-3, "right") if row.tips_at > 2 * lowest else (2, "left")
            note(ax, row.tips_at, place, text, dx=dx, dy=7, size=8, ha=side)
        else:
            text = {"en": f"not by {highest:,} orders", "zh": f"{highest:,} 单仍为兼任"}[lang]
            note(ax, highest, place, text, dx=-4, dy=7, size=8, ha="right")
    for row in machine.stages.itertuples():
        ax.axvline(row.from_orders_per_day, color="0.6", linewidth=0.8, linestyle="--", zorder=0)
        note(ax, row.from_orders_per_day, len(table) - 0.2, label(row.stage, lang), dx=3, size=8, color="0.35")
    ax.set_xscale("log")
    ax.set_xlim(lowest, highest)
    ax.set_ylim(-0.6, len(table) + 0.3)
    names_left(ax, range(len(table)), [label(post, lang) for post in table["post"]])
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    own = table[table["tips_at"].notna() & ~table["at_least"]].sort_values("tips_at")
    if len(own):
        name, orders = label(str(own["post"].iloc[0]), lang), f"{own['tips_at'].iloc[0]:,.0f}"
        ax.set_title(
            {
                "en": f"The next post to fill a person: {name.lower()}, at {orders} orders a day",
                "zh": f"下一个成为专人的岗位：{name}（日均 {orders} 单）",
            }[lang]
        )
    else:
        ax.set_title({"en": "No post becomes a person of its own", "zh": "没有岗位成为专人"}[lang])
    ax.set_xlabel(
        {
            "en": "orders a day; thin: a hat of somebody, thick: a person of its own",
            "zh": "日均订单；细线：兼任，粗线：专人",
        }[lang]
    )
    return ax


def expected_loss(table: pd.DataFrame, currency: str, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """What each defender saves a year, from the low to the high end, beside what it costs."""
    ax = axes_of(ax)
    shown = table.iloc[::-1].reset_index(drop=True)
    floor = 1.0
    for place, row in enumerate(shown.itertuples()):
        ax.plot([max(row.cost, floor)], [place], marker="|", markersize=22, markeredgewidth=2.5, color="C5")
        if row.saving == row.saving:
            ends = [max(value, floor) for value in (row.saving_low, row.saving_high)]
            ax.plot(ends, [place, place], color="C0", linewidth=6, solid_capstyle="butt", alpha=0.55)
            ax.plot([max(row.saving, floor)], [place], marker="o", color="C0")
        else:
            text = {"en": "your figure is needed", "zh": "请提供贵店数据"}[lang]
            note(ax, 0.01, place, text, size=8, color="0.35", within="y")
    ax.set_xscale("log")
    names_left(ax, range(len(shown)), [label(name, lang) for name in shown["defender"]])
    ax.set_ylim(-0.6, len(shown) - 0.4)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    sure = [label(name, lang) for name in table.loc[table["answer"] == "hire", "defender"]]
    joined = ", ".join(sure)
    ax.set_title(
        {
            "en": f"Pays at the low end too: {joined}" if sure else "No defender pays for itself at the low end",
            "zh": f"低端也划算：{joined}" if sure else "按低端计算，没有防守岗划算",
        }[lang]
    )
    ax.set_xlabel(
        {
            "en": f"{currency} a year; bar: saving from low to high, dot: typical; stroke: cost",
            "zh": f"{currency}/年；横条：减损低至高，圆点：典型；竖线：成本",
        }[lang]
    )
    return ax
