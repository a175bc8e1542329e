"""Count the work. Judges of times taken with a phone, of the hours that follow, and of a plan with own figures."""

from statistics import mean, median
from typing import Any

from ecteam.inputs.calendar_units import MINUTES_PER_HOUR, SECONDS_PER_HOUR
from ecteam.inputs.scenario import Scenario
from ecteam.workshop.answers import NotYet
from ecteam.workshop.cases import Case
from ecteam.workshop.lesson import Lesson

FEWEST, SHORTEST, LONGEST = 5, 3.0, 1800.0
PER_HOUR = ("per_hour", "每小时")
TOLERANCE = 0.02
QUICK_LINES = 100
FAR = 3.0
"""A figure so many times below the low or above the high end of its assumption is a slip rather than a shop."""


def my_times(made: dict[str, float], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Are there five times in seconds, and does their middle give the pieces an hour?"""
    rate = next((made[name] for name in PER_HOUR if name in made), None)
    if rate is None:
        raise NotYet(
            'Write the pieces an hour too: {"1": 50, ..., "per_hour": 70}',
            '还要写每小时件数：{"1": 50, ..., "每小时": 70}',
        )
    times = [value for name, value in made.items() if name not in PER_HOUR]
    if len(times) < FEWEST:
        return "few_times", {"count": len(times)}
    if not all(SHORTEST <= seconds <= LONGEST for seconds in times):
        return "not_seconds", {"time": next(t for t in times if not SHORTEST <= t <= LONGEST)}
    if min(times) == max(times):
        return "all_the_same", {"time": times[0]}
    right, by_mean = SECONDS_PER_HOUR / median(times), SECONDS_PER_HOUR / mean(times)
    found = {"middle": float(median(times)), "right": right, "made": rate, "mean": float(mean(times))}
    if abs(rate / right - 1) <= TOLERANCE:
        return "passed", found
    return ("mean_taken" if abs(rate / by_mean - 1) <= TOLERANCE else "wrong_rate"), found


def my_hours(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """How many hours does picking take in the first month when somebody is quicker?"""
    now, then = (
        _hours(case, "pick_orders") for case in (lesson.held, lesson.held.changed(pick_lines_per_hour=QUICK_LINES))
    )
    found = {"made": made, "now": now, "then": then, "lines": QUICK_LINES}
    if abs(made / then - 1) <= TOLERANCE:
        return "passed", found
    if abs(made / then / MINUTES_PER_HOUR - 1) <= TOLERANCE:
        return "minutes", found
    return ("more" if made >= now * (1 - TOLERANCE) else "not_that"), found


def my_case(made: Case, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Is the plan made with a figure of the learner's own, and with nothing else changed?"""
    if made.name != lesson.case or made.cards:
        raise NotYet(
            "Begin with tea: tea.changed(pack_orders_per_hour=...)",
            "从 tea 开始写：tea.changed(pack_orders_per_hour=...)",
        )
    rows = lesson.plan.assumptions.rows(lesson.shop.region)
    usual = {name: float(rows.loc[name, "value"]) for name in made.choices if name in rows.index}
    if fields := [name for name in made.choices if name in Scenario.model_fields]:
        return "not_work", {"field": fields[0]}
    changed = {name: float(made.choices[name]) for name, value in usual.items() if made.choices[name] != value}
    if not changed:
        return "nothing", {}
    for name, value in changed.items():
        low, high = float(rows.loc[name, "low"]), float(rows.loc[name, "high"])
        if not low / FAR <= value <= high * FAR:
            return "unlikely", {"name": name, "value": value, "low": low, "high": high}
    before, after = _hours(lesson.held), _hours(made)
    heads = int(made.plan.totals()["heads_last_month"])
    return "passed", {"before": before, "after": after, "heads": heads}


def _hours(case: Case, duty: str | None = None) -> float:
    work = case.plan.workload
    mine = work[(work["month"] == case.plan.months[0]) & (work["duty"].eq(duty) if duty else True)]
    return float(mine["hours"].sum())
