"""In which stage is a shop, and which post does it need next? Evidence against thresholds, posts with their triggers.

Start-up asks what to sell and how to sell; growth asks how to make it standard; maturity asks which small hole sinks
the ship. The thresholds stand in `data/stages/`, each a planning assumption with a range: where a value lies inside the
range, the answer is close. The stage is the shop's to overrule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import STAGES, Named, NotNegative, Ranged, load, load_all

SHARES = ("repeat_share", "contribution_margin_share")
SELLING = ("what_to_sell", "how_to_sell")
"""The questions of a start-up: a post that answers neither is not for now."""


class _ThresholdRow(Ranged[NotNegative], Named):
    measure: str = Field(pattern=r"^[a-z_]+$")
    asks: Literal["proof", "size"]
    stage: Literal["growth", "maturity"]


class _PostRow(Ranged[NotNegative], Named):
    post: str = Field(pattern=r"^[a-z_]+$")
    stage: Literal[STAGES]  # type: ignore[valid-type]
    answers: Literal["what_to_sell", "how_to_sell", "standard", "small_hole"]
    when: Literal["", "self_shipping"]
    measure: Literal["fte", "heads", "channels", "orders_per_day"]


class _LeverRow(Ranged[NotNegative], Named):
    lever: Literal["categories", "channels", "exposure"]
    field: str = Field(pattern=r"^[a-z_]+$")
    change: Literal["times", "plus"]


@dataclass(frozen=True, eq=False)
class Stages:
    """The tables of stages as `read_stages` has checked them. Nobody changes them."""

    thresholds: pd.DataFrame
    posts: pd.DataFrame
    levers: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Verdict:
    """`stage`: what the evidence says; `proven`: whether the model is proven (None: not shown); `evidence`: measure,
    asks, value, unit, growth_from, maturity_from, says (a stage, "proven", "not proven" or "not given"), close (inside
    the range of a threshold), en, zh, source, as_of, kind."""

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
    )
    return Stages(**tables)


def classify(evidence: Mapping[str, float | None], stages: Stages | None = None) -> Verdict:
    """In which stage is a shop with this evidence?

    evidence : measure -> value; a proof (repeat_share, contribution_margin_share, steady_months) that is None or left
        out is not given. Of orders_per_day, channels and heads at least one must be there.

    A measure says the highest stage whose typical threshold it reaches. Size says the stage that most of the measures
    of size reach (the lower middle one). The model is proven if every proof reaches its threshold, not proven if one
    falls short, and not shown if one is missing. A model that is not proven is a start-up of any size.

    Raises `InputError` for an unknown measure, a value that is no number or below 0, and a share above 1.

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

    rows = []
    for name, mine in table.groupby("measure", sort=False):
        value = given.get(str(name))
        reached = [] if value is None else mine.loc[mine["typical"] <= value, "stage"].tolist()
        first = mine.iloc[0]
        if value is None:
            says = "not_given"
        elif first["asks"] == "proof":
            says = "proven" if reached else "not_proven"
        else:
            says = max(["startup", *reached], key=STAGES.index)
        limits = mine.set_index("stage")["typical"]
        rows.append(
            {
                "measure": name,
                "asks": first["asks"],
                "value": np.nan if value is None else float(value),
                "unit": first["unit"],
                "growth_from": limits.get("growth", np.nan),
                "maturity_from": limits.get("maturity", np.nan),
                "says": says,
                "close": value is not None and bool(((mine["low"] <= value) & (value < mine["high"])).any()),
                **{column: first[column] for column in ("en", "zh", "source", "as_of", "kind")},
            }
        )
    frame = pd.DataFrame(rows)
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
    """Which posts does a shop of this stage need now, and which not?

    measures : orders_per_day, channels, heads; fte : post -> full-time equivalents of its work
    Returns post, stage (from which it belongs), answers, fte, measure, value, low, typical, high, unit, met, status,
    en, zh (the reason), source, as_of, kind. Status: `now` (its stage has come and its trigger is met), `hat` (somebody
    wears it beside other posts), `not_now` (in a start-up it answers neither what to sell nor how), `not_yet` (its
    stage has not come), `not_needed` (the shop does not ship itself).
    """
    if stage not in STAGES:
        raise InputError(f"stage is {stage!r}; it must be one of {', '.join(STAGES)}")
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
    """Which fields of a shop does a growth lever change, and to what: field -> new value.

    how_far : low, typical or high

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
