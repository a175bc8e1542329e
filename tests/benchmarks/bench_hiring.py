"""The hiring plan: ten roles over two years at once."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ecteam.hiring.optimise import GAP, hiring_plan
from ecteam.hiring.terms import RoleTerms, Transfer, ramp_by_month
from tests.benchmarks.result import Result, best_seconds

ROLES, MONTHS = 10, 24


def shop(seed: int = 6) -> tuple[pd.PeriodIndex, np.ndarray, list[RoleTerms]]:
    """Ten roles of a growing shop with a peak in November: half of them may have temps, all work overtime."""
    rng = np.random.default_rng(seed)
    months = pd.period_range("2027-01", periods=MONTHS, freq="M")
    season = np.where(months.month == 11, 1.7, np.where(months.month == 6, 1.3, 1.0))
    growth = 1.02 ** np.arange(MONTHS)
    level = rng.uniform(60, 1_800, (ROLES, 1))
    need = level * season * growth * rng.uniform(0.95, 1.05, (ROLES, MONTHS))
    terms = [
        RoleTerms(
            role=f"role_{r}",
            heads_at_start=int(np.ceil(need[r, 0] / 130)),
            hours_per_head=rng.uniform(115, 140, MONTHS),
            cost_per_head=rng.uniform(7_000, 16_000),
            lead_months=int(rng.integers(1, 3)),
            ramp=ramp_by_month(rng.uniform(2, 16), 0.35),
            attrition_per_month=rng.uniform(0.01, 0.06),
            hire_cost=rng.uniform(900, 4_000),
            temp_cost_per_hour=26.0 if r % 2 else None,
            temp_productivity=0.65,
            overtime_cost_per_hour=rng.uniform(50, 90),
            overtime_most_hours_per_head=36,
            overtime_productivity=0.8,
            outsourced_cost_per_hour=200.0,
        )
        for r in range(ROLES)
    ]
    return months, need, terms


def benchmarks() -> Iterator[Result]:
    months, need, terms = shop()
    size = f"{ROLES} roles x {MONTHS} months"
    plan = hiring_plan(months, need, terms)
    seconds = best_seconds(lambda: hiring_plan(months, need, terms), 3)
    yield Result(f"{size}, whole heads", seconds, "s", at_most=1)
    yield Result(f"{size}: gap reached, asked for {GAP:g}", plan.gap, "share", at_most=GAP)
    moves = [Transfer(f"role_{r}", f"role_{r + 1}", 500, 0.3) for r in range(0, 4)]
    seconds = best_seconds(lambda: hiring_plan(months, need, terms, moves, gap=0.01), 1)
    yield Result(f"{size}, five roles tied by moves, gap 1 %", seconds, "s", at_most=10)
