"""Pictures of a plan: the finding in the title, the unit on the axis. Nothing is computed here but sums."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import dates as mdates
from matplotlib.axes import Axes

from ecteam.inputs.labels import Language, label, month_in_words, number
from ecteam.plan.plan import Plan
from ecteam.plan.privacy import items_shown
from ecteam.view.picture import (
    WIDTH_PIXELS,
    Picture,
    axes_of,
    columns,
    day_name,
    months_below,
    names_beside,
    names_left,
    note,
    picture,
)

__all__ = ["WIDTH_PIXELS", "Picture", "axes_of", "cost_by_item", "heads_per_month", "orders_per_day", "picture", "plt",
           "span", "work_by_department"]  # fmt: skip

LABEL_SHARE = 0.06
"""A part smaller than this share of the tallest bar has no room for its name."""


def span(plan: Plan, lang: Language = "en") -> str:
    """The months of a plan in words."""
    if lang == "zh":
        first, last = (month_in_words(plan.months[end], "zh") for end in (0, -1))
        return first if first == last else f"{first}至{last}"
    first, last = f"{plan.months[0]:%B %Y}", f"{plan.months[-1]:%B %Y}"
    return first if first == last else f"{first} to {last}"


def work_by_department(plan: Plan, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Work per month in full-time equivalents, stacked by department."""
    ax = axes_of(ax)
    table = plan.team.pivot_table(index="month", columns="department", values="fte", aggfunc="sum", sort=False).reindex(
        plan.months
    )
    table = table[table.sum().sort_values(ascending=False).index]
    named = table.loc[:, table.max() > LABEL_SHARE * table.sum(axis=1).max()].copy()
    if len(rest := table.columns.difference(named.columns, sort=False)):
        named["rest"] = table[rest].sum(axis=1)
    position, bottom = months_below(ax, plan.months, lang), np.zeros(len(table))
    ends = []
    for i, (department, fte) in enumerate(named.items()):
        more = {"en": f"{len(rest)} more", "zh": f"其他 {len(rest)} 个部门"}[lang]
        name, colour = (more, "#BFBFBF") if department == "rest" else (label(str(department), lang), f"C{i % 8}")
        columns(ax, position, fte, bottom, color=colour)
        ends.append((bottom[-1] + fte.iloc[-1] / 2, name, colour))
        bottom = bottom + fte.to_numpy()
    first, share = label(str(named.columns[0]), lang), named.iloc[:, 0].sum() / table.to_numpy().sum()
    top = int(np.argmax(bottom))
    ax.set_title(
        {
            "en": f"{first} is {share:.0%} of the work; {plan.months[top]:%B %Y} needs {bottom[top]:.1f} FTE",
            "zh": f"{first}占工作量的 {share:.0%}；{month_in_words(plan.months[top], 'zh')}需要 {bottom[top]:.1f} FTE",
        }[lang]
    )
    ax.set_ylabel({"en": "work, full-time equivalents", "zh": "工作量，FTE（折合全职）"}[lang])
    ax.set_xlim(-0.6, position[-1] + 0.6)
    ax.set_ylim(0, 1.04 * max(bottom.max(), 0.1))
    names_beside(ax, ends)
    return ax


def heads_per_month(plan: Plan, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Heads on board per month, beside the work in full-time equivalents."""
    ax = axes_of(ax)
    by_month = plan.team.groupby("month", sort=False)[["heads", "fte"]].sum()
    position = months_below(ax, plan.months, lang)
    columns(ax, position, by_month["heads"], width=0.7)
    if len(position) <= 18:
        for x, heads in zip(position, by_month["heads"], strict=True):
            note(ax, x, heads, f"{heads:.0f}", dy=2, ha="center", va="bottom")
    ax.plot(position, by_month["fte"], color="C1", marker="o", markersize=4)
    first, last = int(by_month["heads"].iloc[0]), int(by_month["heads"].iloc[-1])
    when = span(plan, lang)
    if lang == "en":
        change = f"from {first} to {last} heads" if first != last else f"{first} heads throughout"
        ax.set_title(f"The team: {change}, {when}")
    else:
        change = f"从 {first} 人到 {last} 人" if first != last else f"始终 {first} 人"
        ax.set_title(f"团队规模：{change}（{when}）")
    ax.set_ylabel({"en": "heads on board", "zh": "在岗人数"}[lang])
    ax.set_xlim(-0.6, position[-1] + 0.6)
    ax.set_ylim(0, 1.12 * max(by_month.to_numpy().max(), 1))
    names_beside(ax, [(by_month["fte"].iloc[-1], {"en": "work, FTE", "zh": "工作量，FTE"}[lang], "C1")])
    return ax


def cost_by_item(plan: Plan, show_pay: bool = True, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Cash cost of the mean month by item, largest first; without `show_pay` a team of few has its pay items in one."""
    ax = axes_of(ax)
    items = plan.cash_cost["item"] if show_pay else items_shown(plan.cash_cost["item"], plan.team)
    per_month = plan.cash_cost["amount"].groupby(items, sort=False).sum().sort_values() / len(plan.months)
    currency, place = plan.scenario.currency, np.arange(len(per_month))
    columns(ax, place, per_month, width=0.7, lying=True)
    for y, amount in zip(place, per_month, strict=True):
        note(ax, max(amount, 0), y, number(amount), dx=4)
    total, most = per_month.sum(), label(str(per_month.index[-1]), lang)
    share = per_month.iloc[-1] / total if total else 0.0
    ax.set_title(
        {
            "en": f"{most} is {share:.0%} of {number(total)} {currency} a month",
            "zh": f"{most}占月均总成本 {number(total)} {currency} 的 {share:.0%}",
        }[lang]
    )
    names_left(ax, place, [label(str(item), lang) for item in per_month.index])
    ax.set_xlabel({"en": f"{currency} in the mean month", "zh": f"月均成本，{currency}"}[lang])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set_ylim(-0.6, len(place) - 0.4)
    ax.set_xlim(min(per_month.min(), 0), 1.1 * max(per_month.max(), 1))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def orders_per_day(plan: Plan, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Orders of every day of the plan, with the busiest day marked."""
    ax = axes_of(ax)
    days = plan.days
    ax.plot(mdates.date2num(days["date"].to_numpy()), days["orders"], color="C0", linewidth=1)
    mean, top = days["orders"].mean(), days.loc[days["orders"].idxmax()]
    ax.axhline(mean, color="0.4", linewidth=0.8, linestyle="--")
    ax.plot(mdates.date2num(top["date"]), top["orders"], "o", color="C5")
    if lang == "en":
        times = f", {top['orders'] / mean:.1f} times the mean" if mean else ""
        found = f"The busiest day, {top['date']:%d %B %Y}, brings {number(top['orders'])} orders{times}"
    else:
        times = f"，为日均的 {top['orders'] / mean:.1f} 倍" if mean else ""
        found = f"最忙的一天是 {day_name(top['date'], 'zh', year=True)}：{number(top['orders'])} 单{times}"
    ax.set_title(found if mean else {"en": "No orders in this plan", "zh": "本方案没有订单"}[lang])
    ax.set_ylabel({"en": "orders a day", "zh": "每日订单"}[lang])
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_ylim(0, 1.06 * max(top["orders"], 1))
    names_beside(ax, [(mean, {"en": f"mean {number(mean)}", "zh": f"日均 {number(mean)}"}[lang], "#4D4D4D")])
    starts = mdates.date2num(plan.months.to_timestamp().to_numpy())
    months_below(ax, plan.months, lang, starts, ha="left")
    ax.set_xlim(starts[0], mdates.date2num(days["date"].iloc[-1]) + 1)
    return ax
