"""Pictures of a plan: the finding in the title, the unit on the axis. Nothing is computed here but sums."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import dates as mdates
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ecteam.plan import Plan
from ecteam.shown import items_shown
from ecteam.view.fonts import FILE
from ecteam.view.words import Language, label, number

STYLE = Path(__file__).with_name("ecteam.mplstyle")
WIDTH_PIXELS = 820
"""How wide notebooks show a picture; it holds more, for sharp screens."""
LABEL_SHARE = 0.06
"""A part smaller than this share of the tallest bar has no room for its name."""


@dataclass(frozen=True)
class Picture:
    """A drawn chart with its alternative text, as notebooks and pages show it."""

    png: bytes
    alt: str

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = {"alt": self.alt, "width": WIDTH_PIXELS}
        return {"image/png": self.png, "text/plain": self.alt}, {"image/png": shown}


def picture(chart: Callable[..., Axes], *shown: Any, lang: Language = "en", height: float = 3.4) -> Picture:
    """Draw a chart of what it shows (a plan, a day ...) as a PNG of its own, in ecteam's look, apart from pyplot."""
    with mpl.rc_context(look()):
        figure = Figure(layout="constrained", figsize=(8.2, height))
        ax = chart(*shown, ax=figure.add_subplot(), lang=lang)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return Picture(
        buffer.getvalue(), f"{ax.get_title(loc='left')}. {', '.join(filter(None, (ax.get_ylabel(), ax.get_xlabel())))}."
    )


@cache
def look() -> Any:
    """matplotlib's settings for every picture of ours; the font they name is made known to it."""
    font_manager.fontManager.addfont(FILE)
    settings: Any = mpl.rc_params_from_file(STYLE, use_default_template=False)
    return dict(settings)


def span(plan: Plan) -> str:
    """The months of a plan in words."""
    first, last = f"{plan.months[0]:%B %Y}", f"{plan.months[-1]:%B %Y}"
    return first if first == last else f"{first} to {last}"


def axes_of(ax: Axes | None) -> Axes:
    """The axes to draw on: those given, or new ones of pyplot."""
    return plt.subplots()[1] if ax is None else ax


def _month_ticks(ax: Axes, plan: Plan) -> np.ndarray:
    position = np.arange(len(plan.months))
    names = [
        f"{m:%b}\n{m.year}" if i == 0 or m.month == 1 else f"{m:%b}" for i, m in enumerate(plan.months.to_timestamp())
    ]
    step = max(1, len(position) // 18)
    ax.set_xticks(position[::step], names[::step])
    return position


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
    position, bottom = _month_ticks(ax, plan), np.zeros(len(table))
    for i, (department, fte) in enumerate(named.items()):
        name = f"{len(rest)} more" if department == "rest" else label(str(department), lang)
        colour = "0.75" if department == "rest" else f"C{i % 8}"
        ax.bar(position, fte, bottom=bottom, width=0.8, color=colour, edgecolor="white", linewidth=0.6)
        ax.text(position[-1] + 0.55, bottom[-1] + fte.iloc[-1] / 2, name, va="center", fontsize=9)
        bottom = bottom + fte.to_numpy()
    first, share = named.columns[0], named.iloc[:, 0].sum() / table.to_numpy().sum()
    top = int(np.argmax(bottom))
    ax.set_title(
        f"{label(str(first), lang)} is {share:.0%} of the work; {plan.months[top]:%B %Y} needs {bottom[top]:.1f} FTE"
    )
    ax.set_ylabel("work, full-time equivalents")
    ax.set_xlim(-0.6, position[-1] + max(2.4, 0.26 * len(position)))
    ax.spines["bottom"].set_bounds(-0.6, position[-1] + 0.6)
    return ax


def heads_per_month(plan: Plan, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Heads on board per month, beside the work in full-time equivalents."""
    ax = axes_of(ax)
    by_month = plan.team.groupby("month", sort=False)[["heads", "fte"]].sum()
    position = _month_ticks(ax, plan)
    bars = ax.bar(position, by_month["heads"], width=0.7, color="C0")
    if len(position) <= 18:
        ax.bar_label(bars, padding=2, fontsize=9)
    ax.plot(position, by_month["fte"], color="C1", marker="o", markersize=4)
    ax.annotate(
        "work, FTE",
        (position[-1], by_month["fte"].iloc[-1]),
        xytext=(18, 0),
        textcoords="offset points",
        va="center",
        color="#9a6a00",
        annotation_clip=False,
    )
    first, last = int(by_month["heads"].iloc[0]), int(by_month["heads"].iloc[-1])
    change = f"from {first} to {last} heads" if first != last else f"{first} heads throughout"
    ax.set_title(f"The team: {change}, {span(plan)}")
    ax.set_ylabel("heads on board")
    ax.set_xlim(-0.6, position[-1] + 1.9)
    ax.spines["bottom"].set_bounds(-0.6, position[-1] + 0.6)
    return ax


def cost_by_item(plan: Plan, show_pay: bool = True, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Cash cost of the mean month by item, largest first; without `show_pay` a team of few has its pay items in one."""
    ax = axes_of(ax)
    items = plan.cash_cost["item"] if show_pay else items_shown(plan.cash_cost["item"], plan.team)
    per_month = plan.cash_cost["amount"].groupby(items, sort=False).sum().sort_values() / len(plan.months)
    currency = plan.scenario.currency
    bars = ax.barh([label(str(item), lang) for item in per_month.index], per_month, color="C0", height=0.7)
    ax.bar_label(bars, [number(v) for v in per_month], padding=4, fontsize=9)
    total = per_month.sum()
    ax.set_title(
        f"{label(str(per_month.index[-1]), lang)} is {per_month.iloc[-1] / total:.0%} of "
        f"{number(total)} {currency} a month"
    )
    ax.set_xlabel(f"{currency} in the mean month")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.margins(x=0.12)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def orders_per_day(plan: Plan, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Orders of every day of the plan, with the busiest day marked."""
    ax = axes_of(ax)
    days = plan.days
    ax.plot(days["date"], days["orders"], color="C0", linewidth=1)
    mean, top = days["orders"].mean(), days.loc[days["orders"].idxmax()]
    ax.axhline(mean, color="0.5", linewidth=0.8, linestyle="--")
    ax.annotate(
        f"mean {number(mean)}",
        (1, mean),
        xycoords=("axes fraction", "data"),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        annotation_clip=False,
    )
    ax.plot(top["date"], top["orders"], "o", color="C5")
    times = f", {top['orders'] / mean:.1f} times the mean" if mean else ""
    found = f"The busiest day, {top['date']:%d %B %Y}, brings {number(top['orders'])} orders{times}"
    ax.set_title(found if mean else "No orders in this plan")
    ax.set_ylabel("orders a day")
    ax.set_ylim(bottom=0)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(ax.xaxis.get_major_locator()))
    return ax
