"""How sure are we? Judges of a budget that holds, of what to measure first, and of a plan with measured figures."""

from functools import cache
from typing import Any

from ecteam.analysis.uncertainty import Uncertainty, how_sure
from ecteam.inputs.words import language
from ecteam.workshop.answers import NotYet, key_of
from ecteam.workshop.cases import Case, load_case
from ecteam.workshop.lesson import Lesson

DRAWS, SEED = 300, 1
HOLDS, TOO_OFTEN = 0.87, 0.96
"""A budget holds in about nine draws of ten: fewer is too few, and all but a few is money that lies idle."""
CLOSER = 0.97
"""The band must come at least so much closer: less is chance."""


def my_budget(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does the budget a month hold in about nine draws of ten?"""
    sure = _sure(lesson.case)
    cost = sure.cost["total"].sum(axis=1) / len(sure.plan.months)
    holds, plan = float((cost <= made).mean()), float(sure.plan.totals()["cost_per_month"])
    found = {"made": made, "holds": f"{holds:.0%}", "plan": plan}
    if HOLDS <= holds <= TOO_OFTEN:
        return "passed", found
    if holds > TOO_OFTEN:
        return "idle", found
    return ("the_plan" if abs(made / plan - 1) < 0.02 else "too_small"), found


def my_measure(made: str, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Is this one of the three figures most worth measuring this week?"""
    sure = _sure(lesson.case)
    table = sure.explained.set_index("key")
    names = {str(table.loc[key, lang]): str(key) for key in table.index for lang in ("en", "zh")}
    key = key_of(made, table.index, ("figure", "数字"), names)
    row = table.loc[key]
    found = {"name": row[language()], "share": f"{row['variance_share']:.0%}"}
    if key in set(sure.worth_measuring["key"]):
        return "passed", found
    return ("cannot_now" if row["measure"] == "" or row["kind"] != "planning assumption" else "moves_little"), found


def my_case(made: Case, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Does the plan with measured figures have a closer band of cost?"""
    if made.name != lesson.case or made.cards:
        raise NotYet("Begin with tea: tea.changed(seat_cost=...)", "从 tea 开始写：tea.changed(seat_cost=...)")
    mine = {name: value for name, value in made.figures.items() if name in made.choices}
    if not mine:
        return "nothing", {}
    before, after = _band(_sure(lesson.case)), _band(how_sure(made.plan, draws=DRAWS, seed=SEED))
    found = {"before": before, "after": after, "count": len(mine)}
    return ("passed" if after <= CLOSER * before else "as_wide"), found


@cache
def _sure(case: str) -> Uncertainty:
    return how_sure(load_case(case).plan, draws=DRAWS, seed=SEED)


def _band(sure: Uncertainty) -> float:
    row = sure.totals.set_index("figure").loc["cost_per_month"]
    return float(row["p90"] - row["p10"])
