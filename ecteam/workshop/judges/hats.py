"""Who wears which hats? Judges of the bound on heads, of moved hats, and of who answers for what."""

from functools import cache
from typing import Any

import pandas as pd

from ecteam.model import accountability
from ecteam.model.accountability_rules import read_rules
from ecteam.plan import Plan
from ecteam.team_of import Wish, skills, wish_by_skills
from ecteam.view.words import label
from ecteam.workshop.cases import case_table
from ecteam.workshop.lesson import Lesson
from ecteam.workshop.takes import key_of


def my_least(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """How many people do the hours of the last month need at least?"""
    people, seats = last_month(lesson.plan)
    hours, month = float(people["hours"].sum()), float(seats["productive_hours"].max())
    found = {"hours": hours, "month": month, "made": made}
    if made != int(made):
        return "no_whole_people", found
    if made * month < hours:
        return "too_few", found
    return ("too_many", found) if (made - 1) * month >= hours else ("passed", found)


def my_moves(made: dict[str, str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Do the moved duties leave somebody without work, and break no limit?"""
    wish, planned = _wish_of(lesson.plan), last_month(lesson.plan)[0]
    people = wish.seats["person"].tolist()
    spelled = dict(zip(wish.seats["zh"], people, strict=True))
    made = {
        key_of(duty, planned["duty"].unique(), ("duty", "职责")): key_of(person, people, ("person", "人"), spelled)
        for duty, person in made.items()
    }
    division = moved(planned, made)
    broken = wish.limits(division, 0, lesson.lang)
    if len(broken):
        return "limits", {"first": broken["words"].iloc[0], "count": len(broken)}
    heads = division["person"].nunique()
    return "passed" if heads < len(people) else "nobody_spared", {"heads": heads, "spared": len(people) - heads}


def my_owners(made: dict[str, str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Has every duty of the table one owner with authority, and are the pairs kept apart?"""
    table = case_table("duty_table")
    roles = dict(zip(table["person"], table["role"], strict=True))
    duties = lesson.plan.assumptions.duties.loc[table["duty"].unique()]
    made = {key_of(duty, duties.index, ("duty", "职责")): person for duty, person in made.items()}
    if missing := [duty for duty in duties.index if duty not in made]:
        return "no_owner", {"duty": label(missing[0], lesson.lang), "count": len(missing)}
    if strangers := [name for name in made.values() if name not in roles]:
        return "not_one_person", {"name": strangers[0]}
    worn_by = lesson.plan.assumptions.role_columns["departments"]
    mine = pd.DataFrame({"duty": list(made), "person": list(made.values()), "accountable": True})
    found = accountability.findings(mine, duties, read_rules(), roles=roles, worn_by=worn_by, stage="growth")
    wrong = found[found["finding"].isin(["not_apart", "no_authority"])]
    if len(wrong):
        first = wrong.iloc[0]
        return first["finding"], {"what": first[lesson.lang], "do": first[f"do_{lesson.lang}"]}
    can = skills(lesson.plan.inputs)
    for duty, person in made.items():
        if duties.loc[duty, "post"] not in can[roles[person]]:
            return "not_their_work", {"duty": label(duty, lesson.lang), "person": person}
    return "passed", {"duties": len(made), "people": len(set(made.values()))}


def last_month(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who does what in the last month, and the seats that are open then."""
    here = plan.organised()
    return here.people, here.seats


def moved(people: pd.DataFrame, moves: dict[str, str]) -> pd.DataFrame:
    """The division with some duties, whole, at other people."""
    kept = people[~people["duty"].isin(list(moves))]
    whole = people[people["duty"].isin(list(moves))].groupby("duty", sort=False)["hours"].sum().reset_index()
    rows = whole.assign(person=whole["duty"].map(moves), accountable=True)
    return pd.concat([kept[list(rows.columns)], rows], ignore_index=True)


@cache
def _wish_of(plan: Plan) -> Wish:
    return wish_by_skills(plan.inputs, plan.values, plan.solved).in_month(len(plan.months) - 1)
