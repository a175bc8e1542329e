"""Pictures of one shop in several stages."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ecteam.inputs.labels import Language, label, number
from ecteam.plan.plan import Plan
from ecteam.view.picture import axes_of, names_left, note

LABEL_SHARE = 0.045
"""A part of a bar narrower than this share has no room for its figure."""


def heads_by_department(plans: Mapping[str, Plan]) -> pd.DataFrame:
    """Heads of the last month: departments x plans, the largest department of the last plan first."""
    columns = {}
    for name, plan in plans.items():
        last = plan.team[plan.team["month"] == plan.months[-1]]
        columns[name] = last.groupby("department", sort=False)["heads"].sum()
    table = pd.DataFrame(columns).fillna(0).astype(int)
    return table.loc[table.sum(axis=1) > 0].sort_values(list(plans)[-1], ascending=False, kind="stable")


def shape_of_teams(plans: Mapping[str, Plan], ax: Axes | None = None, lang: Language = "en") -> Axes:
    """The share of each department in the heads of each stage: how the shape of the team changes."""
    ax = axes_of(ax)
    table = heads_by_department(plans)
    names, shares = [label(stage, lang) for stage in plans], table / table.sum()
    left, places = np.zeros(len(plans)), np.arange(len(plans))
    for i, (_, row) in enumerate(shares.iterrows()):
        ax.barh(places, row, left=left, height=0.6, color=_colour(i), edgecolor="white")
        for place, share, start in zip(places, row, left, strict=True):
            if share >= LABEL_SHARE:
                heads = f"{table.iloc[i, place]}"
                ax.text(start + share / 2, float(place), heads, ha="center", va="center", fontsize=8.5,
                        color="black" if i in (1, 4, 6) or i >= 8 else "white")  # fmt: skip
        left = left + row.to_numpy()
    totals = table.sum()
    names_left(ax, places, [f"{name}\n{totals[stage]}" for name, stage in zip(names, plans, strict=True)])
    ax.invert_yaxis()
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.grid(axis="y", visible=False)
    first, last = next(iter(plans)), list(plans)[-1]
    top = label(str(table.index[0]), lang)
    before, after = f"{shares[first].iloc[0]:.0%}", f"{shares[last].iloc[0]:.0%}"
    fewest, most = number(int(totals[first])), number(int(totals[last]))
    ax.set_title(
        {
            "en": f"From {fewest} to {most} heads; {top} goes from {before} to {after} of them",
            "zh": f"从 {fewest} 人到 {most} 人；{top}占比从 {before} 变为 {after}",
        }[lang]
    )
    ax.set_xlabel(
        {"en": "share of the heads of the last month; figures are heads", "zh": "占末月人数比例；图中数字为人数"}[lang]
    )
    for i, department in enumerate(table.index):
        height = 1 - (i + 0.5) / len(table)
        note(ax, 1, height, label(str(department), lang), dx=20, size=8.5, within="axes")
        ax.text(1.012, height, "■", color=_colour(i), transform=ax.transAxes, va="center")
    return ax


def _colour(place: int) -> str:
    """The colours of the style, then greys."""
    return f"C{place}" if place < 8 else str(0.5 + 0.06 * (place - 8))
