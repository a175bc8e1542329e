"""How sure a plan is: fans over the months, a tornado, the chance that its team is enough, and their numbers."""

from html import escape
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from pandas.io.formats.style import Styler

from ecteam.analysis.uncertainty import HELD_FIXED, TOTAL, Uncertainty
from ecteam.inputs.words import label, language, month_in_words, number, rough, text
from ecteam.view.picture import chart, columns, month_ticks, months_below, names_beside, names_left, note
from ecteam.view.table import SHOWN, Html, plain, short, table, with_unit

SHADES = "cividis"
"""Its order survives colour blindness and grey print."""
_DARK_TEXT_FROM = 0.55


@chart
def heads_fan(sure: Uncertainty, *, ax: Axes) -> None:
    """Heads on board per month over the draws: P10 to P90, the middle, and the plan's own."""
    table = _total(sure.heads_by_month)
    _fan(ax, sure, table, whole=True)
    last = table.iloc[-1]
    low, high, mine = (number(float(last[name])) for name in ("p10", "p90", "plan"))
    ax.set(title=text("heads_fan_title", low=low, high=high, mine=mine), ylabel=text("heads_on_board"))


@chart
def cost_fan(sure: Uncertainty, *, ax: Axes) -> None:
    """Cash cost per month over the draws: P10 to P90, the middle, and the plan's own."""
    _fan(ax, sure, _total(sure.cost_by_month))
    total = sure.totals.set_index("figure").loc["cost_per_month"]
    low, high, currency = rough(total["p10"]), rough(total["p90"]), sure.plan.scenario.currency
    above = f"{total['share_above_plan']:.0%}"
    ax.set_title(text("cost_fan_title", low=low, high=high, currency=currency, above=above))
    ax.set_ylabel(text("cost_fan_axis", currency=currency))


@chart
def tornado(sure: Uncertainty, *, ax: Axes, n: int = 12) -> None:
    """What moves the cost most, each figure alone from its P10 to its P90: the cost where it is low and where high."""
    # Where headcount does not converge there is no end to draw; the table names the figure.
    drawn = sure.tornado[np.isfinite(sure.tornado["swing"])]
    top, currency = drawn.head(n).iloc[::-1], sure.plan.scenario.currency
    base = sure.totals.set_index("figure").loc["cost_total", "plan"]
    place = np.arange(len(top))
    columns(ax, place, top["cost_p10"] - base, base, width=0.7, color="C0", lying=True)
    columns(ax, place, top["cost_p90"] - base, base, width=0.7, color="C1", lying=True)
    for row in top.reset_index(drop=True).itertuples():
        for figure, end, other, name, colour in (
            (row.p10, row.cost_p10, row.cost_p90, "P10", "C0"),
            (row.p90, row.cost_p90, row.cost_p10, "P90", "C1"),
        ):
            # Where both ends are on one side, the nearer one has no room of its own.
            if (end - base) * (other - base) > 0 and abs(end - base) < abs(other - base):
                continue
            right = end > base or (end == base and other <= base)
            # The first row says what the colours of all are.
            said = f"{name}: {number(figure)}" if row.Index == len(top) - 1 else number(figure)
            side = "left" if right else "right"
            note(ax, end, row.Index, said, dx=4 if right else -4, ha=side, size=8, color=colour)
    ax.axvline(base, color="0.3", linewidth=0.8)
    names_left(ax, place, [short(text) for text in top[language()]])
    if len(top):
        first, share = top.iloc[-1], abs(top.iloc[-1]["swing"]) / base
        ax.set_title(text("tornado_title", assumption=short(first[language()], 34), share=share))
    months = len(sure.plan.months)
    ax.set_xlabel(text("tornado_axis", currency=currency, months=months))
    ends = np.r_[base, top["cost_p10"], top["cost_p90"]]
    room = 0.14 * max(np.ptp(ends), 0.001 * base)
    ax.set(xlim=(ends.min() - room, ends.max() + room), ylim=(-0.6, max(len(top), 1) - 0.4))
    ax.locator_params(axis="x", nbins=5)


@chart
def chance_grid(sure: Uncertainty, *, ax: Axes) -> None:
    """The chance that the plan's team keeps each target and that each role is enough, by month and in all of them."""
    by_month, whole = sure.chance_by_month, sure.chance
    months, names = sure.plan.months, whole["name"].tolist()
    table = by_month.pivot_table(index="name", columns="month", values="chance", sort=False).reindex(names)
    grid = np.column_stack([table[list(months)].to_numpy(), whole["chance"].to_numpy()])
    targets = int((whole["kind"] == "target").sum())
    # A gap sets the targets off from the roles, and the whole plan off from its months.
    y = np.arange(len(names)) + np.where(np.arange(len(names)) < targets, 0.0, 0.4)
    x = np.append(np.arange(len(months)), len(months) + 0.4)
    shades = colormaps[SHADES]
    for row, at in zip(grid, y, strict=True):
        columns(ax, x, 0.94, at - 0.47, width=0.96, color=shades(row), linewidth=0)
        for left, share in zip(x, row, strict=True):
            colour = "0" if share > _DARK_TEXT_FROM else "1"
            note(ax, left, at, f"{100 * share:.0f}", ha="center", size=8, color=colour, in_layout=False)
    names_left(ax, y, [label(name) for name in names])
    ax.set_xticks(x, [*month_ticks(months), text("all_months")], fontsize=8)
    ax.set(xlim=(-0.6, x[-1] + 0.6), ylim=(y[-1] + 0.6, -0.6))
    ax.grid(visible=False)
    for side in ax.spines.values():
        side.set_visible(False)
    ax.tick_params(length=0)
    last = whole[whole["kind"] == "target"].iloc[-1]
    weakest = whole[whole["kind"] == "role"].sort_values("chance", kind="stable").iloc[0]
    ax.set_title(text("chance_grid_title", chance=last["chance"], name=label(weakest["name"]), least=weakest["chance"]))
    ax.set_xlabel(text("chance_grid_axis"))


def grid_height(sure: Uncertainty) -> float:
    """How tall `chance_grid` must be for its rows, in inches."""
    return 1.4 + 0.27 * len(sure.chance)


def _total(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["role"] == TOTAL].replace(np.inf, np.nan).reset_index(drop=True)


def _fan(ax: Axes, sure: Uncertainty, table: pd.DataFrame, whole: bool = False) -> None:
    position = np.arange(len(table))
    step: Any = "mid" if whole else None
    ax.fill_between(position, table["p10"], table["p90"], step=step, color="C0", alpha=0.25, linewidth=0)
    lines = {"p90": ("P90", 0.8), "p50": ("P50", 2.0), "p10": ("P10", 0.8), "plan": (label("plan_value"), 1.8)}
    ends: list[tuple[float, str, str]] = []
    for name, (words, width) in lines.items():
        colour, line = ("C1", "--") if name == "plan" else ("C0", "-")
        drawn: Any = "steps-mid" if whole else "default"
        ax.plot(position, table[name], color=colour, linestyle=line, linewidth=width, drawstyle=drawn)
        end = float(table[name].iloc[-1])
        if np.isfinite(end):
            ends.append((end, text("name_and_value", name=words, value=number(end)), colour))
    top = float(np.nanmax(table[list(lines)].to_numpy()))
    ax.set_ylim(0, 1.08 * top if top > 0 else 1)
    months_below(ax, sure.plan.months)
    ax.set_xlim(-0.6, position[-1] + 0.6)
    names_beside(ax, ends)


_QUANTILES = ("p10", "p50", "p90")


def totals(sure: Uncertainty) -> Styler:
    """Heads, orders and cost: the plan's own figure, P10, P50, P90, and the share of draws above the plan."""
    currency = sure.plan.scenario.currency

    def figure(row: Any) -> str:
        return with_unit(label(row.figure), currency if row.figure.startswith("cost") else "")

    return table(sure.totals, "uncertainty.totals", figure=figure)


def by_month(sure: Uncertainty) -> Styler:
    """Heads and cost of the whole team by month: what the two fans show."""
    cost = with_unit(label("cost_of_draws"), sure.plan.scenario.currency)
    measures = ((label("heads_of_draws"), sure.heads_by_month), (cost, sure.cost_by_month))
    shown = {
        f"{words}: {label(key)}": frame.loc[frame["role"] == TOTAL, figure].map(SHOWN["finite"]).to_list()
        for words, frame in measures
        for figure, key in (("plan", "plan_value"), *zip(_QUANTILES, _QUANTILES, strict=True))
    }
    return plain(pd.DataFrame({label("month"): map(month_in_words, sure.plan.months)} | shown), right=list(shown))


def chance(sure: Uncertainty) -> Styler:
    """The chance that the plan's own team keeps each target, and that each role is enough."""
    caption = text("shares_of_draws", draws=sure.draws, error=float(sure.chance["standard_error"].max()))
    return table(sure.chance, "uncertainty.chance", caption=caption)


def tornado_table(sure: Uncertainty, n: int = 12) -> Styler:
    """What moves the cost most, each figure alone from its P10 to its P90."""

    def ends(row: Any) -> str:
        return " – ".join(map(number, (row.p10, row.typical, row.p90)))

    return table(sure.tornado.head(n), "uncertainty.tornado", unit=sure.plan.scenario.currency, p10_typical_p90=ends)


def worth_measuring(sure: Uncertainty) -> Styler:
    """The three numbers most worth measuring this week: what each explains, what knowing it saves, how to get it."""
    return table(sure.worth_measuring, "uncertainty.worth_measuring", unit=sure.plan.scenario.currency)


def against_published(teams: pd.DataFrame) -> Styler:
    """Published teams beside the plans of shops with the same facts, as `plan_against_published` gives them."""
    return table(
        teams,
        "uncertainty.against_published",
        published_heads=lambda row: number(row.low) + (f" – {number(row.high)}" if row.low != row.high else ""),
        source=lambda row: f"{row.source} ({row.as_of})",
    )


def held_fixed(sure: Uncertainty) -> Html:
    """What is solved again in each draw and what is held fixed, and in how many draws no team is enough."""
    sentences = [label(key) for key in HELD_FIXED]
    lost = sure.unsettled_share
    if lost:
        sentences.append(text("draws_without_a_team", share=lost))
    return Html("<ul class='notes'>" + "".join(f"<li>{escape(text)}</li>" for text in sentences) + "</ul>")
