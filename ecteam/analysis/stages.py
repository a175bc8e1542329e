"""In which stage is a shop, and which post does it need next? Evidence against thresholds, posts with their triggers,
and the same shop in three stages.

Start-up asks what to sell and how to sell; growth asks how to make it standard; maturity asks which small hole sinks
the ship. The thresholds stand in `data/stages/`, each a planning assumption with a range: where a value lies inside the
range, the answer is close. The stage is the shop's to overrule.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from math import isfinite, sqrt
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ecteam.analysis.difference import difference
from ecteam.analysis.options import LEAST_ORDERS, MOST_ORDERS
from ecteam.inputs.calendar_units import DAYS_PER_MONTH
from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.history import load_history
from ecteam.inputs.scenario import Scenario, field_info
from ecteam.inputs.tables import STAGES, Named, NotNegative, Ranged, load, load_all
from ecteam.plan.plan import Plan, make_plan
from ecteam.plan.solution import Solution

SHARES = ("repeat_share", "contribution_margin_share")
ABOUT = ("en", "zh", "source", "as_of", "kind")
SELLING = ("what_to_sell", "how_to_sell")
"""The questions of a start-up: a post that answers neither is not for now."""


class _ThresholdRow(Ranged[NotNegative], Named):
    measure: str = Field(pattern=r"^[a-z_]+$")
    asks: Literal["proof", "size"]
    stage: Literal["growth", "maturity"]


class _PostRow(Ranged[NotNegative], Named):
    post: str = Field(pattern=r"^[a-z_]+$")
    five: Literal["", "yes"]
    stage: Literal[STAGES]  # type: ignore[valid-type]
    answers: Literal["what_to_sell", "how_to_sell", "standard", "small_hole"]
    when: Literal["", "self_shipping"]
    measure: Literal["fte", "heads", "channels", "orders_per_day"]


class _LeverRow(Ranged[NotNegative], Named):
    lever: Literal["categories", "channels", "exposure"]
    field: str = Field(pattern=r"^[a-z_]+$")
    change: Literal["times", "plus"]


class _PeopleCostRow(Ranged[NotNegative], Named):
    stage: Literal[STAGES]  # type: ignore[valid-type]


@dataclass(frozen=True, eq=False)
class Stages:
    """The tables of stages as `read_stages` has checked them. Nobody changes them."""

    thresholds: pd.DataFrame
    posts: pd.DataFrame
    levers: pd.DataFrame
    people_cost: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Verdict:
    """`stage`: what the evidence says; `proven`: whether the model is proven (None: not shown); `evidence`: measure,
    asks, value, unit, growth_from, maturity_from, says (a stage, "proven", "not proven" or "not given"), close, en, zh,
    source, as_of, kind.
    """

    stage: str
    proven: bool | None
    evidence: pd.DataFrame


@cache
def read_stages(folder: Path | None = None) -> Stages:
    """Read and check the tables of `data/stages`. Raises `InputError` with the place of all that is wrong."""
    folder = folder or data_dir() / "stages"
    tables = load_all(
        thresholds=partial(load, folder / "thresholds.csv", _ThresholdRow, key=("measure", "stage")),
        posts=partial(load, folder / "posts.csv", _PostRow, key="post"),
        levers=partial(load, folder / "levers.csv", _LeverRow, key=("lever", "field")),
        people_cost=partial(load, folder / "people_cost.csv", _PeopleCostRow, key="stage"),
    )
    return Stages(**tables)


def classify(evidence: Mapping[str, float | None], stages: Stages | None = None) -> Verdict:
    """In which stage is a shop with this evidence, measure -> value?

    A proof (repeat_share, contribution_margin_share, steady_months) that is None or left out is not given. Of
    orders_per_day, channels and heads at least one must be there. A measure says the highest stage whose typical
    threshold it reaches; size says the one that most measures of size reach (the lower middle one). The model is proven
    if every proof reaches its threshold, not proven if one falls short, and not shown if one is missing. A model that
    is not proven is a start-up of any size. Raises `InputError` for an unknown measure or one out of its range.

    >>> classify({"orders_per_day": 600, "channels": 3, "heads": 48}).stage
    'growth'
    >>> classify({"orders_per_day": 600, "channels": 3, "heads": 48, "repeat_share": 0.02}).stage
    'startup'
    """
    table = (stages or read_stages()).thresholds
    known = list(dict.fromkeys(table["measure"]))
    given = {name: value for name, value in evidence.items() if value is not None}
    mistakes = [f"there is no measure {name!r}{did_you_mean(name, known)}" for name in evidence if name not in known]
    for name, figure in given.items():
        allowed = "0 to 1" if name in SHARES else "0 or more"
        if not isfinite(figure) or figure < 0 or (name in SHARES and figure > 1):
            mistakes.append(f"{name} is {figure:g}; it must be {allowed}")
    sizes = [name for name in dict.fromkeys(table.loc[table["asks"] == "size", "measure"]) if name in given]
    if not sizes:
        mistakes.append("no measure of size is given; give orders_per_day, channels or heads")
    if mistakes:
        raise InputError(mistakes)

    value = table["measure"].map(given).astype(float)
    reached = table["stage"].map(STAGES.index).where(table["typical"] <= value, 0).groupby(table["measure"]).max()
    close = ((table["low"] <= value) & (value < table["high"])).groupby(table["measure"]).any()
    limits = table.pivot_table("typical", "measure", "stage").reindex(columns=STAGES)
    frame = table.drop_duplicates("measure", ignore_index=True)[["measure", "asks", "unit", *ABOUT]]
    of = frame["measure"].map
    frame.insert(2, "value", of(given).astype(float))
    frame.insert(4, "growth_from", of(limits["growth"]))
    frame.insert(5, "maturity_from", of(limits["maturity"]))
    highest = of(reached)
    says = highest.map(dict(enumerate(STAGES)))
    says = says.mask(frame["asks"] == "proof", highest.map(lambda stage: "proven" if stage else "not_proven"))
    frame.insert(6, "says", says.mask(frame["value"].isna(), "not_given"))
    frame.insert(7, "close", of(close))
    proofs = frame.loc[frame["asks"] == "proof", "says"]
    proven = False if (proofs == "not_proven").any() else True if (proofs == "proven").all() else None
    votes = sorted(STAGES.index(says) for says in frame.loc[frame["measure"].isin(sizes), "says"])
    size = STAGES[votes[(len(votes) - 1) // 2]]
    return Verdict("startup" if proven is False else size, proven, frame)


def scaling_unproven(verdict: Verdict, chosen: str) -> bool:
    """Does the shop scale before its model is proven: is it run, or as large, as a later stage without the proof?"""
    by_size = (verdict.evidence.loc[verdict.evidence["asks"] == "size", "says"] != "startup").sum() >= 2
    return verdict.proven is not True and (chosen != "startup" or bool(by_size))


def posts_due(
    stage: str, measures: Mapping[str, float], fte: Mapping[str, float], *, self_shipping: bool, stages: Stages
) -> pd.DataFrame:
    """Which posts does a shop of this stage need now, and which not? `fte`: post -> full-time equivalents of its work.

    post, stage (from which it belongs), answers, fte, measure, value, low, typical, high, unit, met, status, en, zh
    (the reason), source, as_of, kind. Status: `now` (its stage has come and its trigger is met), `hat` (somebody wears
    it beside other posts), `not_now` (in a start-up it answers neither what to sell nor how), `not_yet` (its stage has
    not come), `not_needed` (the shop does not ship itself).
    """
    table = stages.posts
    work = table["post"].map(dict(fte)).fillna(0.0).astype(float)
    value = work.where(table["measure"] == "fte", table["measure"].map(dict(measures))).astype(float)
    met = value >= table["typical"]
    later = table["stage"].map(STAGES.index) > STAGES.index(stage)
    selling = table["answers"].isin(SELLING)
    status = np.select(
        [
            (table["when"] == "self_shipping") & (not self_shipping),
            later & (stage == "startup") & ~selling,
            later,
            met,
        ],
        ["not_needed", "not_now", "not_yet", "now"],
        "hat",
    )
    found = table.assign(fte=work, value=value, met=met, status=status)
    order = ["post", "stage", "answers", "fte", "measure", "value", "low", "typical", "high", "unit", "met", "status"]
    return found[[*order, "en", "zh", "source", "as_of", "kind"]].reset_index(drop=True)


def pulled(lever: str, fields: Mapping[str, Any], stages: Stages, how_far: str = "typical") -> dict[str, float]:
    """Which fields of a shop does a growth lever change, and to what: field -> new value? how_far: low, typical or
    high.

    >>> pulled("channels", {"channels": 3, "ad_accounts": 3, "event_applications_per_month": 18.0}, read_stages())
    {'channels': 4.0, 'ad_accounts': 4.0, 'event_applications_per_month': 27.0}
    """
    levers = list(dict.fromkeys(stages.levers["lever"]))
    if lever not in levers:
        raise InputError(f"there is no lever {lever!r}{did_you_mean(lever, levers)}")
    if how_far not in ("low", "typical", "high"):
        raise InputError(f"how_far is {how_far!r}; it must be one of low, typical, high")
    mine = stages.levers[stages.levers["lever"] == lever]
    return {
        field: float(fields[field] * by if change == "times" else fields[field] + by)
        for field, change, by in zip(mine["field"], mine["change"], mine[how_far], strict=True)
    }


PROOFS = ("repeat_share", "contribution_margin_share", "steady_months")


@dataclass(frozen=True, eq=False)
class StageOfPlan:
    """`chosen`: the scenario's stage, which holds; `says`: the evidence's; `proven`, `evidence` of the `Verdict`;
    `posts` as in `posts_due`; `next_post`: the one nearest to its trigger that is not due yet, or None; `warnings`:
    keys (`scaling_not_proven`, `scaling_not_shown`, `stage_overruled`).
    """

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
    from the order history where there is one). The scenario's stage decides which posts are due.
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
    tables = read_stages()
    verdict = classify(size | {name: proofs.get(name) for name in PROOFS}, tables)
    posts = posts_due(
        plan.scenario.stage, size, fte_by_post(plan), self_shipping=plan.scenario.self_shipping, stages=tables
    )
    warnings = []
    if scaling_unproven(verdict, plan.scenario.stage):
        warnings.append("scaling_not_proven" if verdict.proven is False else "scaling_not_shown")
    if verdict.stage != plan.scenario.stage:
        warnings.append("stage_overruled")
    # A post that somebody was hired for is there already.
    there, duties = set(plan.team.loc[plan.team["heads"] > 0, "role"]) - {"owner"}, plan.assumptions.duties
    held = duties.loc[duties["role"].isin(there), "post"]
    waiting = posts[posts["status"].isin(["hat", "not_yet", "not_now"]) & ~posts["met"] & ~posts["post"].isin(held)]
    near = waiting["value"] / waiting["typical"]
    next_post = str(waiting.loc[near.idxmax(), "post"]) if len(waiting) else None
    return StageOfPlan(
        plan.scenario.stage, verdict.stage, verdict.proven, verdict.evidence, posts, next_post, tuple(warnings)
    )


@dataclass(frozen=True)
class PeopleCost:
    """What the team costs as a share of sales; `low`, `high`: what is usual at the `stage` that its size says."""

    share: float
    stage: str
    low: float
    high: float


def people_cost(plan: Plan) -> PeopleCost | None:
    """Does the team cost more of the sales than is usual at its size? None without sales."""
    totals = plan.totals
    if not (sales := totals["orders_total"] * plan.scenario.average_order_value):
        return None
    stage = stage_of(plan).says
    usual = read_stages().people_cost.set_index("stage").loc[stage]
    return PeopleCost(totals["cost_total"] / sales, stage, usual["low"], usual["high"])


def cheapest_change(plan: Plan) -> tuple[str, Any, float] | None:
    """Which single choice makes the team cheapest: field, value, cost a month; None if none makes it cheaper."""
    shop = plan.scenario
    changes = [(field, value) for field in ("hats", "stage") for value in field_info(field)["choices"]]
    changes += [("self_shipping", False), ("part_time", True), ("may_buy", "all")]
    found = []
    for field, value in changes:
        if getattr(shop, field) != value:
            with contextlib.suppress(InputError):
                other = make_plan(shop.with_changes(**{field: value}), plan.assumptions)
                found.append((field, value, other.totals["cost_per_month"]))
    best = min(found, key=lambda change: change[2])
    return best if best[2] < plan.totals["cost_per_month"] else None


def fte_by_post(solution: Solution) -> dict[str, float]:
    """Work of each post in full-time equivalents, mean of the months, whoever does it."""
    duties, results = solution.inputs.duties, solution.results
    keys = duties["worn_by"].map(solution.assumptions.role_columns["shrinkage"])
    productive = results.paid_hours[0] * (1 - keys.map(dict(solution.values)).to_numpy(float)[:, None])
    fte = pd.Series((results.staffed_hours[:, 0] / productive).mean(axis=1), index=duties["post"])
    return {str(post): float(value) for post, value in fte.groupby(level=0, sort=False).sum().items()}


def steady_months(plan: Plan) -> int:
    """For how many months in a row, up to the last whole one, have orders been at least `steady_month_share` of those
    of the three months before?
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
    """
    shop: dict[str, Any] = plan.scenario.model_dump()
    fields = pulled(name, shop, read_stages(), how_far)
    changes = {
        field: min(round(value) if field_info(field)["type"] == "integer" else value, field_info(field)["high"])
        for field, value in fields.items()
    }
    after = make_plan(Scenario(**(shop | changes)), plan.assumptions)
    return after, difference(plan, after)


def levers(plan: Plan, contribution_per_order: float | None = None) -> pd.DataFrame:
    """The three growth levers side by side: what each adds to heads and cost a month, and to whom most.

    lever, heads, fte, cost_per_month (after less before), role, duty (what grows most), orders_to_pay: the further
    orders a day that pay for it at a contribution per order (after goods, shipping and promotion); unknown without that
    figure.
    """
    if contribution_per_order is not None and not contribution_per_order > 0:
        raise InputError(f"contribution_per_order is {contribution_per_order:g}; it must be more than 0")
    rows = []
    for name in dict.fromkeys(read_stages().levers["lever"]):
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


def in_stages(plan: Plan, changes: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Plan]:
    """What team does this shop need as a start-up, in growth and at maturity? Stage -> plan.

    The stage it is in is the plan itself; in the others it has the orders a day of that stage (`orders_of_stage`) and
    the hats of its size. `changes` are further fields of the scenario for a stage, such as {"maturity": {"channels":
    6}}.

    >>> from ecteam import load_scenario
    >>> plans = in_stages(make_plan(load_scenario("tea_shop_growth", months=1)))
    >>> [round(plan.scenario.orders_per_day) for plan in plans.values()]
    [45, 600, 4472]
    """
    if wrong := [name for name in changes or {} if name not in STAGES]:
        raise InputError([f"there is no stage {name!r}{did_you_mean(name, STAGES)}" for name in wrong])
    plans = {}
    for stage in STAGES:
        is_own = stage == plan.scenario.stage
        fields = {} if is_own else {"stage": stage, "hats": None, "orders_per_day": orders_of_stage(stage)}
        fields |= (changes or {}).get(stage, {})
        plans[stage] = make_plan(plan.scenario.with_changes(**fields), plan.assumptions) if fields else plan
    return plans


def orders_of_stage(stage: str) -> float:
    """Orders a day in the middle of a stage: the geometric mean of where it begins and where the next one does.

    >>> [round(orders_of_stage(stage)) for stage in STAGES]
    [45, 632, 4472]
    """
    limits = read_stages().thresholds
    begins = limits[limits["measure"] == "orders_per_day"].set_index("stage")["typical"].to_dict()
    edges = [float(LEAST_ORDERS), *(float(begins[name]) for name in STAGES[1:]), float(MOST_ORDERS)]
    place = STAGES.index(stage)
    return sqrt(edges[place] * edges[place + 1])
