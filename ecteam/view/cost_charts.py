"""Pictures of what a head costs: from salary to full cost, and the burden on top of a salary by city."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecteam.inputs.labels import Language, label, number
from ecteam.inputs.scenario import PLACES
from ecteam.pay import payroll_part
from ecteam.pay.loaded_cost import CASH_FREE_ITEMS
from ecteam.plan.plan import Plan
from ecteam.view.picture import axes_of, columns, names_beside, names_left, note

FLAT_SHARE = 0.35
"""What the rule of thumb "salary times 1.35" takes contributions for."""


def cost_of_a_head(plan: Plan, role: str) -> pd.Series:
    """What one head of a role costs in the mean month, by item, in the plan's currency: the steps of the waterfall."""
    mine = plan.cost[(plan.cost["role"] == role) & ~plan.cost["item"].isin(CASH_FREE_ITEMS)]
    heads = plan.team.loc[plan.team["role"] == role, "heads"].sum()
    return mine.groupby("item", sort=False)["amount"].sum() / heads


def from_salary_to_full_cost(plan: Plan, role: str, ax: Axes | None = None, lang: Language = "en") -> Axes:
    """The waterfall of one head of a role: pay first, then what comes on top of it, to the full cost."""
    ax = axes_of(ax)
    steps, currency = cost_of_a_head(plan, role), plan.scenario.currency
    steps = steps[steps > 0]
    top = steps.cumsum().to_numpy()
    names = [label(str(item), lang) for item in steps.index]
    place, names = np.arange(len(steps) + 1), [*names, {"en": "Full cost", "zh": "全成本"}[lang]]
    colours = ["C0", *["C4"] * (len(steps) - 1), "C0"]
    columns(ax, place, [*steps, top[-1]], [*(top - steps.to_numpy()), 0], width=0.7, color=colours, lying=True)
    for y, (end, step) in enumerate(zip([*top, top[-1]], [*steps, top[-1]], strict=True)):
        note(ax, end, y, number(step), dx=4)
    names_left(ax, place, names)
    ax.set_ylim(len(place) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * top[-1])
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", visible=True)
    times = top[-1] / steps.iloc[0]
    ax.set_title(
        f"{label(role, lang)}: a head costs {times:.2f} times its monthly pay"
        if lang == "en"
        else f"{label(role, lang)}：单人全成本为月薪的 {times:.2f} 倍"
    )
    ax.set_xlabel({"en": f"{currency} a head and month, mean", "zh": f"每人每月平均，{currency}"}[lang])
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    return ax


def burden_by_city(
    gross_per_month: np.ndarray, on: date, currency: str = "CNY", ax: Axes | None = None, lang: Language = "en"
) -> Axes:
    """Employer contributions over salary, along the salary, for every place of a currency: floors and caps bend it."""
    ax = axes_of(ax)
    ends: dict[str, np.ndarray] = {}
    for city, place in PLACES.items():
        if place["currency"] == currency:
            last = payroll_part.known_range(place["place"])[1]
            month = min(on, last) if last else on
            share = payroll_part.employer_extra(gross_per_month, place["place"], month) / gross_per_month
            # Colours come again in grey print: every second city is dashed.
            line = "-" if len(ends) % 2 == 0 else "--"
            ax.plot(gross_per_month, share, linewidth=1.5, linestyle=line, color=f"C{len(ends) % 8}")
            ends[city] = share
    flat = {"en": f"flat × {1 + FLAT_SHARE:g}", "zh": f"固定 × {1 + FLAT_SHARE:g}"}[lang]
    ax.axhline(FLAT_SHARE, color="0.2", linewidth=1, linestyle=":")
    every = np.array(list(ends.values()))
    low, high = every.min(), every.max()
    words = {
        "en": (
            f"Employer contributions: {low:.0%} to {high:.0%} of salary, never one flat rate",
            "contributions over salary",
            f"salary, {currency} a month (figures of {on:%Y-%m}, or the last known)",
        ),
        "zh": (
            f"企业社保公积金为工资的 {low:.0%} 至 {high:.0%}，不是固定比例",
            "企业社保公积金 / 工资",
            f"工资，{currency}/月（{on:%Y-%m} 或最近已知数据）",
        ),
    }
    title, up, along = words[lang]
    ax.set_title(title)
    ax.set_ylabel(up)
    ax.set_xlabel(along)
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_ylim(0, 1.06 * max(high, FLAT_SHARE))
    ax.set_xlim(gross_per_month[0], gross_per_month[-1])
    names = [(float(share[-1]), PLACES[city][lang], f"C{i % 8}") for i, (city, share) in enumerate(ends.items())]
    names_beside(ax, [*names, (FLAT_SHARE, flat, "#4D4D4D")])
    return ax
