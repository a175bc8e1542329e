"""Pictures and a table of pay by results: what payroll costs at 60 to 120 % of the target, and who gains."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecteam.inputs.labels import Language, label, month_in_words, number
from ecteam.pay.variable_pay import LEVELS
from ecteam.plan.plan import Plan
from ecteam.plan.post_cards import payroll_at_targets
from ecteam.plan.privacy import few_are_paid
from ecteam.view.picture import axes_of, columns, names_left, note
from ecteam.view.post_cards import html_table
from ecteam.view.tables import Html

NOBODY: dict[Language, str] = {"en": "Nobody is paid in this plan", "zh": "本计划无人领薪"}
MARKS = (("o", "C5", 90), ("v", "C1", 34), ("D", "0.3", 30), ("^", "C2", 34))
MOST_ROLES = 14
"""More roles than this have no room on the chart; those that move most are drawn."""


def _level_cost(plan: Plan, show_pay: bool) -> tuple[pd.Series, str]:
    """Payroll with contributions of the whole team at each share of the target, and its unit."""
    cost = payroll_at_targets(plan).groupby("attainment", sort=False)["employer_cost"].sum()
    if show_pay or not few_are_paid(plan.team) or not cost.get(1.0):
        return cost, plan.scenario.currency
    return cost / cost[1.0] * 100, "%"


def payroll_by_level(plan: Plan, show_pay: bool = True, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """Payroll with contributions of the plan's last month when everybody reaches 60, 80, 100 or 120 % of the target.

    Without `show_pay` the payroll of few heads stands as percent of that on target.
    """
    ax = axes_of(ax)
    cost, unit = _level_cost(plan, show_pay)
    names, place = [f"{level:.0%}" for level in cost.index], np.arange(len(cost))
    columns(ax, place, cost, width=0.6, color=["C0" if level == 1 else "C4" for level in cost.index])
    base = cost.get(1.0, 0.0)
    for x, v in zip(place, cost, strict=True):
        change = f"\n{v / base - 1:+.1%}" if v != base and base else ""
        note(ax, x, v, number(v) + change, dy=2, ha="center", va="bottom")
    ax.set_xticks(place, names)
    ax.set_xlim(-0.6, max(len(place), 1) - 0.4)
    ax.set_ylim(0, 1.22 * max(cost.max(), 1) if len(cost) else 1)
    if base:
        fall, rise = 1 - cost.iloc[0] / base, cost.iloc[-1] / base - 1
        ax.set_title(
            f"At {names[0]} of target payroll falls by {fall:.0%}, at {names[-1]} it rises by {rise:.0%}"
            if lang == "en"
            else f"达成 {names[0]} 时薪酬总额下降 {fall:.0%}，{names[-1]} 时上升 {rise:.0%}"
        )
    else:
        ax.set_title(NOBODY[lang])
    month = month_in_words(plan.months[-1], lang)
    comma = {"en": ", ", "zh": "，"}[lang]
    ax.set_ylabel(
        comma.join((label("payroll_cost", lang), f"\n{unit}", month)).replace(f"{comma}\n", f"{comma.strip()}\n")
    )
    ax.set_xlabel(label("attainment_level", lang))
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def who_gains(plan: Plan, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """By role, a head's pay at 60, 80 and 120 % of the target, over its pay on target."""
    ax = axes_of(ax)
    share = gains(payroll_at_targets(plan))
    ax.set_xlabel(label("gain_over_target", lang))
    if share.empty:
        ax.set_title(NOBODY[lang])
        return ax
    first, last = share.columns[0], share.columns[-1]
    spread = (share[last] - share[first]).sort_values(kind="stable")
    share = share.loc[spread.index[-MOST_ROLES:]]
    position = range(len(share))
    ax.hlines(position, share[first], share[last], color="0.75", linewidth=2.5, zorder=1)
    for level, (marker, colour, size) in zip(share.columns, MARKS, strict=False):
        # The first is a ring: where nothing is paid yet at 80 %, both stand at the same place.
        face = "none" if level == first else colour
        ax.scatter(share[level], position, size, face, marker=marker, edgecolors=colour, zorder=2)
    names_left(ax, position, [label(str(role), lang) for role in share.index])
    most = label(str(share.index[-1]), lang)
    low, high = share.iloc[-1][first], share.iloc[-1][last]
    ax.set_title(
        f"Most at stake: {most}, {low:+.0%} to {high:+.0%} of pay"
        if lang == "en"
        else f"浮动最大：{most}，薪资 {low:+.0%} 至 {high:+.0%}"
    )
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:+.0%}" if v else "0%")
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    ax.set_ylim(-0.6, len(share) + 0.5)
    _levels_above(ax, share.iloc[-1], len(share) - 1)
    return ax


def _levels_above(ax: Axes, of_top_role: pd.Series, row: int) -> None:
    """What each mark stands for, over the marks of the topmost role; marks at one place share their words."""
    places: dict[float, list[tuple[str, str]]] = {}
    for (level, at), (_, colour, _) in zip(of_top_role.items(), MARKS, strict=False):
        places.setdefault(round(float(at), 3), []).append((f"{level:.0%}", colour))
    for at, found in places.items():
        colour = found[0][1] if found[0][1].startswith("C") else "0.3"
        note(ax, at, row, ", ".join(words for words, _ in found), dy=9, color=colour, ha="center", va="bottom")


def gains(payroll: pd.DataFrame) -> pd.DataFrame:
    """What a head of each role gains over its pay on target, one column a level; roles without heads are left out."""
    filled = payroll[payroll["heads"] > 0]
    return filled.pivot_table(index="role", columns="attainment", values="gain_share", sort=False)


def payroll_table(plan: Plan, lang: Language = "en", show_pay: bool = True) -> Html:
    """The numbers of both charts: payroll by level, then by role the heads and the pay of a head at each level.

    Without `show_pay` pay stands as a share of the pay on target only.
    """
    payroll, currency = payroll_at_targets(plan), plan.scenario.currency
    cost, of_sums = _level_cost(plan, show_pay)
    base = cost.get(1.0, 0.0)
    sums = html_table(
        [label("attainment_level", lang), f"{label('payroll_cost', lang)}, {of_sums}", label("payroll_change", lang)],
        [(f"{level:.0%}", number(v), f"{v / base - 1:+.1%}" if base else "–") for level, v in cost.items()],
        right=(1, 2),
    )
    levels = [f"{level:.0%}" for level in LEVELS]
    rows = []
    for role, of_role in payroll[payroll["heads"] > 0].groupby("role", sort=False):
        pay = of_role["pay_per_head"] if show_pay else 1 + of_role["gain_share"]
        shown = [number(v) if show_pay else f"{v:.0%}" for v in pay]
        rows.append((label(str(role), lang), f"{of_role['heads'].iloc[0]:.0f}", *shown))
    unit = f", {currency}" if show_pay else ""
    by_role = html_table(
        [label("role", lang), label("heads", lang)]
        + [label("pay_at_level", lang).format(level=level) + unit for level in levels],
        rows,
        right=range(1, 2 + len(levels)),
    )
    return Html(sums + by_role)
