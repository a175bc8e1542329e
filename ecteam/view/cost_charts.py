"""Pictures of what a head costs: from salary to full cost, and the burden on top of a salary by city."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecteam.model import payroll
from ecteam.model.cost import CASH_FREE_ITEMS
from ecteam.plan import Plan
from ecteam.scenario import PLACES
from ecteam.view.charts import axes_of
from ecteam.view.words import Language, label, number


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
    position = np.arange(len(steps))
    ax.bar(position, steps, bottom=top - steps.to_numpy(), color=["C0", *["C4"] * (len(steps) - 1)], width=0.7)
    ax.bar(len(steps), top[-1], color="C0", width=0.7)
    for x, (height, step) in enumerate(zip([*top, top[-1]], [*steps, top[-1]], strict=True)):
        ax.annotate(number(step), (x, height), xytext=(0, 2), textcoords="offset points", ha="center", fontsize=8)
    ax.set_xticks([*position, len(steps)], [*names, {"en": "Full cost", "zh": "全成本"}[lang]], rotation=35, ha="right")
    times = top[-1] / steps.iloc[0]
    ax.set_title(f"{label(role, lang)}: a head costs {times:.2f} times its monthly pay")
    ax.set_ylabel(f"{currency} a head and month, mean")
    ax.margins(y=0.12)
    return ax


def burden_by_city(
    gross_per_month: np.ndarray, on: date, currency: str = "CNY", ax: Axes | None = None, lang: Language = "en"
) -> Axes:
    """Employer contributions over salary, along the salary, for every place of a currency: floors and caps bend it."""
    ax = axes_of(ax)
    ends = {}
    for city, place in PLACES.items():
        if place["currency"] == currency:
            last = payroll.known_range(place["place"])[1]
            month = min(on, last) if last else on
            share = payroll.employer_extra(gross_per_month, place["place"], month) / gross_per_month
            ax.plot(gross_per_month, share, linewidth=1.5, label=place[lang])
            ends[city] = share
    every = np.array(list(ends.values()))
    low, high = every.min(), every.max()
    ax.set_title(f"Employer contributions: {low:.0%} to {high:.0%} of salary, never one flat rate")
    ax.set_ylabel("contributions over salary")
    ax.set_xlabel(f"salary, {currency} a month (figures of {on:%Y-%m}, or the last known)")
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_ylim(bottom=0)
    ax.legend(ncols=2, fontsize=8)
    return ax
