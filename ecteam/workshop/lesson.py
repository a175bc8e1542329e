"""A lesson: what its file says (title, minutes, exercises and their sentences), and what it is about (a case).

Routes of industry and platform: what is left of an order, and whether it pays for the team that the order needs.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.files import data_dir
from ecteam.inputs.outside import read_yaml
from ecteam.inputs.scenario import Scenario
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


def read_lesson(key: str) -> LessonFile:
    """What a lesson's file says; raises `InputError` with the nearest key."""
    if key not in lessons():
        raise InputError(f"there is no lesson {key!r}{did_you_mean(key, lessons())}")
    return lessons()[key]


@dataclass(frozen=True)
class Lesson:
    """A lesson being held: its key, the case that it is about. What a judge may ask."""

    key: str
    case: str

    @property
    def file(self) -> LessonFile:
        """What the lesson's file says."""
        return read_lesson(self.key)

    @cached_property
    def held(self) -> Case:
        """The case itself."""
        return load_case(self.case, **self.file.changes)

    @property
    def shop(self) -> Scenario:
        """The shop of the case."""
        return self.held.shop

    @property
    def plan(self) -> Plan:
        """The plan of the case, made anew: a judge never relies on what a learner's cells hold."""
        return self.held.plan


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
    found = case_table("routes").set_index("route")
    rows = {}
    for name in found.index:
        plan = load_case(str(name)).plan
        shop, totals = plan.scenario, plan.totals
        takes = found.loc[name, ["goods_share", "fee_share", "traffic_share"]].sum()
        left = shop.average_order_value * (1 - shop.return_share) * (1 - float(takes))
        rows[name] = {
            "order_value": shop.average_order_value,
            "return_share": shop.return_share,
            "left": left,
            "team": totals["cost_per_order"],
            "heads": totals["heads_last_month"],
            "profit": (left - totals["cost_per_order"]) * totals["orders_total"] / len(plan.months),
        }
    return found.join(pd.DataFrame.from_dict(rows, orient="index"))
