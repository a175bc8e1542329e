"""The stage of a plan: its evidence, the posts that are due, what to warn of, what each growth lever adds to whom."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecteam.analysis import stages
from ecteam.analysis.difference import difference
from ecteam.inputs.calendar_units import DAYS_PER_MONTH
from ecteam.inputs.checks import InputError
from ecteam.inputs.history import load_history
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.plan.plan import Plan, make_plan
from ecteam.plan.solution import Solution

PROOFS = ("repeat_share", "contribution_margin_share", "steady_months")


@dataclass(frozen=True, eq=False)
class StageOfPlan:
    """`chosen`: the scenario's stage, which holds; `says`: the evidence's; `proven`, `evidence`: as in
    `model.stages.Verdict`; `posts`: as in `model.stages.posts_due`; `next_post`: the post nearest to its trigger that
    is not due yet, or None; `warnings`: keys of what to warn of (`scaling_not_proven`, `scaling_not_shown`,
    `stage_overruled`)."""

    chosen: str
    says: str
    proven: bool | None
    evidence: pd.DataFrame
    posts: pd.DataFrame
    next_post: str | None
    warnings: tuple[str, ...]


def stage_of(plan: Plan, **proofs: float | None) -> StageOfPlan:
    """In which stage is this shop by its evidence, which posts are due, and what must be warned of?

    proofs : repeat_share (of buyers who buy again in a year), contribution_margin_share, steady_months (in a row; taken
        from the order history where there is one and it is not given)

    The scenario's stage is the shop's own word and decides which posts are due. Raises `InputError` for an unknown
    proof and one out of its range.
    """
    mistakes = [name for name in proofs if name not in PROOFS]
    if mistakes:
        raise InputError([f"there is no proof {name!r}; known are: {', '.join(PROOFS)}" for name in mistakes])
    if proofs.get("steady_months") is None and plan.scenario.history:
        proofs = proofs | {"steady_months": float(steady_months(plan))}
    heads = plan.team.groupby("month", sort=False)["heads"].sum()
    size = {
        "orders_per_day": plan.inputs.orders_per_day,
        "channels": float(plan.scenario.channels),
        "heads": float(heads.iloc[0]),
    }
    tables = stages.read_stages()
    verdict = stages.classify(size | {name: proofs.get(name) for name in PROOFS}, tables)
    posts = stages.posts_due(
        plan.scenario.stage, size, fte_by_post(plan), self_shipping=plan.scenario.self_shipping, stages=tables
    )
    warnings = []
    if stages.scaling_unproven(verdict, plan.scenario.stage):
        warnings.append("scaling_not_proven" if verdict.proven is False else "scaling_not_shown")
    if verdict.stage != plan.scenario.stage:
        warnings.append("stage_overruled")
    waiting = posts[posts["status"].isin(["hat", "not_yet", "not_now"]) & ~posts["met"]]
    near = waiting["value"] / waiting["typical"]
    next_post = str(waiting.loc[near.idxmax(), "post"]) if len(waiting) else None
    return StageOfPlan(
        plan.scenario.stage, verdict.stage, verdict.proven, verdict.evidence, posts, next_post, tuple(warnings)
    )


def fte_by_post(solution: Solution) -> dict[str, float]:
    """Work of each post in full-time equivalents, mean of the months, whoever does it."""
    duties, results = solution.inputs.duties, solution.results
    keys = duties["worn_by"].map(solution.assumptions.role_columns["shrinkage"])
    productive = results.paid_hours[0] * (1 - keys.map(dict(solution.values)).to_numpy(float)[:, None])
    fte = pd.Series((results.staffed_hours[:, 0] / productive).mean(axis=1), index=duties["post"])
    return {str(post): float(value) for post, value in fte.groupby(level=0, sort=False).sum().items()}


def steady_months(plan: Plan) -> int:
    """For how many months in a row, up to the last whole one, have the orders of the history held up?

    A month holds up where its orders a day are at least `steady_month_share` of those of the three months before it.
    """
    if plan.scenario.history is None:
        raise InputError("the scenario has no order history to count steady months in")
    daily = load_history(plan.scenario.history).daily
    days = pd.Series(daily["orders"].to_numpy(float), index=pd.DatetimeIndex(daily["date"]))
    by_month = days.resample("MS").mean()
    whole = days.resample("MS").size() == by_month.index.days_in_month
    level = by_month[whole.to_numpy()]
    before = level.shift(1).rolling(3).mean()
    holds = (level >= plan.assumptions.region(plan.scenario.region)["steady_month_share"] * before).to_numpy()
    return int(np.argmin(holds[::-1])) if not holds.all() else len(holds)


def lever(plan: Plan, name: str, how_far: str = "typical") -> tuple[Plan, pd.DataFrame]:
    """What does a growth lever (categories, channels, exposure) add to whom, orders unchanged? The plan with the lever
    pulled, and its `difference` from this one.

    How many orders it brings is not known here; what it must bring to pay is `orders_to_pay`.
    """
    shop: dict[str, Any] = plan.scenario.model_dump()
    fields = stages.pulled(name, shop, stages.read_stages(), how_far)
    changes = {
        field: min(round(value) if field_info(field)["type"] == "integer" else value, field_info(field)["high"])
        for field, value in fields.items()
    }
    after = make_plan(Scenario(**(shop | changes)), plan.assumptions)
    return after, difference(plan, after)


def levers(plan: Plan, contribution_per_order: float | None = None) -> pd.DataFrame:
    """The three growth levers side by side: what each adds to heads and cost a month, and to whom most.

    Columns: lever, heads, fte, cost_per_month (after less before), role, duty (what grows most), orders_to_pay: the
    further orders a day that pay for it at a contribution per order (after goods, shipping and promotion). Without that
    figure it is unknown, and nothing is made up.
    """
    if contribution_per_order is not None and not contribution_per_order > 0:
        raise InputError(f"contribution_per_order is {contribution_per_order:g}; it must be more than 0")
    rows = []
    for name in dict.fromkeys(stages.read_stages().levers["lever"]):
        _, moved = lever(plan, name)
        cost = float(moved["cost"].sum())
        grown = moved[(moved["role"] != "") & (moved["fte"] > 0)]
        top = grown.loc[grown["fte"].idxmax()] if len(grown) else None
        rows.append(
            {
                "lever": name,
                "heads": int(moved["heads"].sum()),
                "fte": float(moved["fte"].sum()),
                "cost_per_month": cost,
                "role": "" if top is None else str(top["role"]),
                "duty": "" if top is None else str(top["duty"]),
                "orders_to_pay": np.nan
                if contribution_per_order is None
                else cost / contribution_per_order / DAYS_PER_MONTH,
            }
        )
    return pd.DataFrame(rows)
