"""Who wears which hats? Judges of the bound on heads, of moved hats, and of who answers for what."""

from typing import Any

import pandas as pd

from ecteam.inputs.words import label, language
from ecteam.organisation import accountability
from ecteam.organisation.rules import read_rules
from ecteam.plan.people import skills
from ecteam.workshop.answers import key_of
from ecteam.workshop.cases import case_table
from ecteam.workshop.lesson import Lesson
from ecteam.workshop.room import Division, moves_of


def my_least(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """How many people do the hours of the last month need at least?"""
    here = lesson.plan.organised()
    hours, month = float(here.people["hours"].sum()), float(here.seats["productive_hours"].max())
    found = {"hours": hours, "month": month, "made": made}
    if made != int(made):
        return "no_whole_people", found
    if made * month < hours:
        return "too_few", found
    return ("too_many", found) if (made - 1) * month >= hours else ("passed", found)


def my_moves(made: dict[str, str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Do the moved duties leave somebody without work, and break no limit?"""
    division = Division(lesson.plan, moves_of(lesson.plan, made))
    broken = division.limits()
    if len(broken):
        return "limits", {"first": broken["words"].iloc[0], "count": len(broken)}
    spared = len(division.spared)
    return "passed" if spared else "nobody_spared", {"heads": len(division.seats) - spared, "spared": spared}


def my_owners(made: dict[str, str], lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Has every duty of the table one owner with authority, and are the pairs kept apart?"""
    table = case_table("duty_table")
    roles = dict(zip(table["person"], table["role"], strict=True))
    duties = lesson.plan.assumptions.duties.loc[table["duty"].unique()]
    made = {key_of(duty, duties.index, ("duty", "职责")): person for duty, person in made.items()}
    if missing := [duty for duty in duties.index if duty not in made]:
        return "no_owner", {"duty": label(missing[0]), "count": len(missing)}
    if strangers := [name for name in made.values() if name not in roles]:
        return "not_one_person", {"name": strangers[0]}
    worn_by = lesson.plan.assumptions.role_columns["departments"]
    mine = pd.DataFrame({"duty": list(made), "person": list(made.values()), "accountable": True})
    found = accountability.findings(mine, duties, read_rules(), roles=roles, worn_by=worn_by, stage="growth")
    wrong = found[found["finding"].isin(["not_apart", "no_authority"])]
    if len(wrong):
        first = wrong.iloc[0]
        return first["finding"], {"what": first[language()], "do": first[f"do_{language()}"]}
    can = skills(lesson.plan.inputs)
    for duty, person in made.items():
        if duties.loc[duty, "post"] not in can[roles[person]]:
            return "not_their_work", {"duty": label(duty), "person": person}
    return "passed", {"duties": len(made), "people": len(set(made.values()))}
