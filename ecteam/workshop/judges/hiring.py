"""When to hire, buy or build? Judges of an advertisement's month, of a peak's cover, and of a break-even."""

from functools import cache
from typing import Any

import pandas as pd

from ecteam.analysis import make_or_buy
from ecteam.analysis.options import Decision
from ecteam.inputs.words import label
from ecteam.plan.hiring import hiring_of
from ecteam.workshop.answers import NotYet, key_of
from ecteam.workshop.cases import load_case
from ecteam.workshop.lesson import Lesson

ROLE, START = "designer", "2027-06"
EARLY_MONTHS = 3
"""An advertisement so many months earlier than it must be brings people before there is work for them."""


def my_advert(made: str, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does the advertisement run in time for the start, and not long before?"""
    try:
        month = pd.Period(made, freq="M")
    except ValueError:
        month = None
    if month is None or month is pd.NaT or len(made) != len(START):
        raise NotYet("Write a month as 2027-01, in quotes.", "请写月份，例如 2027-01，要加引号。")
    lead = hiring_of(lesson.plan).terms_of_role(ROLE).lead_months
    latest = pd.Period(START, freq="M") - lead
    found = {"made": made, "lead": lead, "latest": str(latest), "role": label(ROLE), "start": START}
    if month > latest:
        return "too_late", found
    return ("too_early" if month < latest - EARLY_MONTHS else "passed"), found


def my_cover(made: str, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does the way chosen cover the largest event at the least cost?"""
    decision = _decision(lesson.case, "event_peak")
    option = key_of(made, decision.options, ("way", "办法"))
    costs = decision.now.set_index("option")["cost"]
    found = {"cost": float(costs[option]), "best": float(costs.min())}
    if option == decision.best:
        return "passed", found
    return ("customers_pay" if option == "leave_it_late" else "dearer"), found


def my_from(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does the number of orders lie in the band in which own technology begins to pay?"""
    table = _decision(lesson.case, "shop_system").break_evens
    row = table[(table["below"] == "bought_system") & (table["above"] == "own_technology")].iloc[0]
    found = {"made": made, **{name: float(row[name]) for name in ("orders_per_day", "low", "high")}}
    if made < row["low"]:
        return "too_soon", found
    return ("too_late" if made > row["high"] else "passed"), found


@cache
def _decision(case: str, name: str) -> Decision:
    return getattr(make_or_buy, name)(load_case(case).plan)
