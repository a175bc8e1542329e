"""How true are the plans? Teams that exist and were published, beside the plan for a shop with the same facts."""

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, model_validator
from scipy import stats

from ecteam.analysis.uncertainty import how_sure, quantile
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import Named, Positive, Sourced, load
from ecteam.plan.plan import plan_shop


class _TeamRow(Sourced, Named):
    scenario: str = Field(min_length=1)
    department: str = Field(min_length=1)
    orders_per_day: Positive
    low: Positive
    high: Positive
    assumed: str = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> "_TeamRow":
        if not self.low <= self.high:
            raise ValueError(f"must be low <= high, but is {self.low:g}, {self.high:g}")
        return self


@cache
def read_published_teams(path: Path | None = None) -> pd.DataFrame:
    """Which teams are published? Indexed by scenario: en, zh, department ("all", or the one whose heads are published),
    orders_per_day, low and high (heads), source, as_of, kind, assumed (what the source does not say)."""
    table = load(path or data_dir() / "reality" / "published_teams.csv", _TeamRow, key="scenario")
    return table.drop(columns=["file", "row"]).set_index("scenario")


def nearest_published(orders_per_day: float, n: int = 2) -> pd.DataFrame:
    """The published whole teams whose orders a day are nearest to these, in proportion; rows of the published teams.

    >>> nearest_published(100).index.to_list()
    ['small_tmall_shop', 'taobao_fifty']
    """
    teams = read_published_teams()
    teams = teams[teams["department"] == "all"]
    far = np.abs(np.log(teams["orders_per_day"] / max(orders_per_day, 1.0)))
    return teams.loc[far.sort_values(kind="stable").index[:n]]


def plan_against_published(draws: int = 200, seed: int = 1) -> pd.DataFrame:
    """How many heads does the plan of each published team's shop have, and how many has the team?

    The scenarios stand in `data/reality/scenarios`, or among the shipped ones. Heads are the mean of the plan's months.

    Returns
    -------
    One row a team: team (its scenario), en, zh, low, high (published heads), planned, p10, p90 (of `how_sure`, at
    `draws` and `seed`: they know how far the assumptions may be off, not what a plan leaves out), likely_low,
    likely_high (`likely_range` by the misses of the other teams), ratio (planned over the middle of the published),
    assumed, source, as_of.
    """
    teams = read_published_teams().rename_axis("team")
    folder = data_dir() / "reality" / "scenarios"
    rows = []
    for team, department, orders in teams[["department", "orders_per_day"]].itertuples():
        file = folder / f"{team}.yaml"
        # The orders that the published team had, not those that its history lets expect of the next year.
        plan = plan_shop(str(file) if file.is_file() else team, orders_per_day=orders)
        sure, results, of_role = how_sure(plan, draws, seed), plan.results, plan.assumptions.roles["department"]
        counted = np.array([department in ("all", of_role[role]) for role in results.roles])
        of_roles = [sure.heads[role] for role, counts in zip(results.roles, counted, strict=True) if counts]
        heads = np.sum(of_roles, axis=0).mean(axis=1)
        planned = float(results.heads[counted, 0].sum(axis=0).mean())
        rows.append({"planned": planned, "p10": float(quantile(heads, 0.1)), "p90": float(quantile(heads, 0.9))})
    table = teams.reset_index().join(pd.DataFrame(rows))
    table["ratio"] = table["planned"] / table[["low", "high"]].mean(axis=1)
    misses = table["ratio"].to_numpy()
    times = np.array([likely_range(np.delete(misses, i)) for i in range(len(table))])
    table["likely_low"], table["likely_high"] = times.T * table["planned"].to_numpy()
    return table[
        ["team", "en", "zh", "low", "high", "planned", "p10", "p90", "likely_low", "likely_high", "ratio", "assumed",
         "source", "as_of"]
    ]  # fmt: skip


def likely_range(ratios: npt.ArrayLike, share: float = 0.8) -> tuple[float, float]:
    """How many times its planned heads does a team of the same kind have, in this share of cases?

    `ratios` are planned over published heads. Formula: prediction interval of one more value, with
    l = -ln(ratio) of n teams: exp(mean(l) +- t x sd(l) x sqrt(1 + 1/n)), t being Student's of n - 1 degrees of freedom.

    >>> low, high = likely_range([0.5, 1.0, 2.0])
    >>> round(low * high, 6), round(high, 2)
    (1.0, 4.52)
    """
    logs = -np.log(np.asarray(ratios, dtype=float))
    half = stats.t.ppf((1 + share) / 2, len(logs) - 1) * logs.std(ddof=1) * np.sqrt(1 + 1 / len(logs))
    return float(np.exp(logs.mean() - half)), float(np.exp(logs.mean() + half))
