"""A lesson: what its file says (title, minutes, exercises and their sentences), and what it is about (a case).

Routes of industry and platform: what is left of an order, and whether it pays for the team that the order needs.
"""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.outside import read_yaml
from ecteam.inputs.words import language
from ecteam.plan.plan import Plan
from ecteam.workshop.cases import Case, case_table, load_case

Words = Annotated[str, Field(min_length=1)]


class Both(BaseModel):
    """A sentence in both languages; `{name}` is filled in with what a judge found."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    en: Words
    zh: Words

    def said(self, **found: object) -> str:
        """The sentence in one language, with what was found in it."""
        return getattr(self, language()).format(**found)


class Wrong(BaseModel):
    """What is said on the first wrong try, and from the second on."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    hint: Both
    reason: Both


class Exercise(BaseModel):
    """What a learner is to make in the variable of the exercise's name, and what is said of it.

    `takes` is a kind of thing in `answers.READERS`; `wrong` holds a hint and a reason for each mistake of its judge.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    takes: Literal["number", "whole", "text", "texts", "names", "figures", "case"]
    asked: Both
    passed: Both
    wrong: dict[str, Wrong]


class LessonFile(BaseModel):
    """`data/workshop/lessons/KEY.yaml`; `changes` are those of the case that the lesson is held with."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    notebook: str
    case: str
    changes: dict[str, Any] = {}
    title: Both
    minutes: Annotated[int, Field(ge=5, le=60)]
    afterwards: Both
    exercises: dict[str, Exercise]


@cache
def lessons() -> dict[str, LessonFile]:
    """Every lesson by its key, in the order of the notebooks.

    >>> lessons()["hats"].title.zh
    '谁身兼数职？'
    """
    found = {path.stem: path for path in (data_dir() / "workshop" / "lessons").glob("*.yaml")}
    read = {key: read_lesson_file(path) for key, path in found.items()}
    return dict(sorted(read.items(), key=lambda item: item[1].notebook))


def read_lesson_file(path: Path) -> LessonFile:
    """A lesson's file; raises `InputError` with all that is wrong in it."""
    try:
        return LessonFile.model_validate(read_yaml(path, such_as="case: tea")[0] or {})
    except ValidationError as error:
        wrong = [f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg'].lower()}" for one in error.errors()]
        raise InputError(wrong) from None


class Lesson(NamedTuple):
    """A lesson being held: its key, what its file says, and the case that it is about."""

    key: str
    file: LessonFile
    held: Case

    @property
    def plan(self) -> Plan:
        """The plan of the case, made anew: a judge never relies on what a learner's cells hold."""
        return self.held.plan


def hold(key: str, case: str | None = None) -> Lesson:
    """A lesson held with a case, its own by default; raises `InputError` with the nearest key of either.

    >>> hold("hats").held.name
    'tea'
    """
    if key not in lessons():
        raise InputError(f"there is no lesson {key!r}{did_you_mean(key, lessons())}")
    file = lessons()[key]
    return Lesson(key, file, load_case(case or file.case, **file.changes))


@cache
def routes() -> pd.DataFrame:
    """The routes by name: en, zh, what goods, platform and traffic take, and what the team of its case costs.

    left : of the mean order, before the team: value x share kept x (1 - goods - platform - traffic). What comes back
        earns nothing; traffic is paid as a share of what is sold and kept.
    team : cash cost of the case's plan per order; profit : (left - team) x orders a month. The owner's time and what
    returns do to the goods are left out.

    >>> bool(routes().loc["tea", "left"] > routes().loc["tea", "team"])
    True
    """
    rows = []
    for row in case_table("routes").to_dict("records"):
        plan = load_case(row["route"]).plan
        shop, totals = plan.scenario, plan.totals
        takes = row["goods_share"] + row["fee_share"] + row["traffic_share"]
        row |= {"order_value": shop.average_order_value, "return_share": shop.return_share}
        row["left"] = shop.average_order_value * (1 - shop.return_share) * (1 - takes)
        row |= {"team": totals["cost_per_order"], "heads": totals["heads_last_month"]}
        row["profit"] = (row["left"] - row["team"]) * totals["orders_total"] / len(plan.months)
        rows.append(row)
    return pd.DataFrame(rows).set_index("route")
