"""A team's own division of the work: the plan's duties with some of them, whole, at other people."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from ecteam.inputs.labels import Language
from ecteam.organisation import resilience
from ecteam.plan.people import Wish, kept_apart, wish_by_skills
from ecteam.plan.plan import Plan
from ecteam.workshop.answers import key_of


@dataclass(frozen=True, eq=False)
class Division:
    """Who does what in the last month of a plan, after duties have moved; judged by the limits of the people there."""

    plan: Plan
    moves: Mapping[str, str]

    @cached_property
    def seats(self) -> pd.DataFrame:
        """The seats of the last month, all filled."""
        return self.plan.organised().filled

    @cached_property
    def people(self) -> pd.DataFrame:
        """One row a person and duty: person, duty, hours (a month), accountable."""
        planned = self.plan.organised().people[["person", "duty", "hours", "accountable"]]
        stays = ~planned["duty"].isin(list(self.moves))
        whole = planned[~stays].groupby("duty", sort=False)["hours"].sum().reset_index()
        rows = whole.assign(person=whole["duty"].map(dict(self.moves)), accountable=True)
        return pd.concat([planned[stays], rows[planned.columns]], ignore_index=True) if len(rows) else planned

    @cached_property
    def wish(self) -> Wish:
        """The work of the last month, for people who wear what their skills allow."""
        plan = self.plan
        return wish_by_skills(plan).in_month(len(plan.months) - 1)

    def limits(self, lang: Language = "en") -> pd.DataFrame:
        """The limits that the division breaks: limit, person, duty, words."""
        return self.wish.limits(self.people, 0, lang)

    @property
    def spared(self) -> pd.DataFrame:
        """The seats whose people have no work left: they need not be filled."""
        return self.seats[~self.seats["person"].isin(self.people["person"])]

    def saved(self) -> float:
        """What the posts that need not be filled would have cost in all months of the plan; 0 where a limit breaks."""
        if len(self.limits()):
            return 0.0
        months = [self.plan.months[-1].ordinal - month.ordinal + 1 for month in self.spared["opened"]]
        return float((self.spared["cost_per_month"] * months).sum())

    def owned_share(self) -> float:
        """The share of duties whose one owner works on it, may do it and has the hours, with no limit broken."""
        broken = self.limits()
        duties = set(self.people["duty"])
        overloaded = broken.loc[broken["duty"] == "", "person"]
        theirs = self.people.loc[self.people["person"].isin(overloaded) & self.people["accountable"], "duty"]
        return 1 - len({*broken["duty"], *theirs} & duties) / len(duties)

    def covered_share(self) -> float:
        """The share of everybody's hours that the others could take over if one person left."""
        may_do = self.plan.organised().may_do
        removed = resilience.remove_one(self.people, self.seats, may_do, keep_apart=kept_apart(self.plan.inputs))
        return float(removed["covered_hours"].sum() / removed["hours"].sum())


def moves_of(plan: Plan, made: Mapping[str, str]) -> dict[str, str]:
    """Moved duties by their keys, from what somebody wrote in either language; raises `NotYet` for unknown names."""
    here = plan.organised()
    seats = wish_by_skills(plan).seats
    people: list[Any] = seats["person"].tolist()
    spelled = dict(zip(seats["zh"], people, strict=True))
    return {
        key_of(duty, here.people["duty"].unique(), ("duty", "职责")): key_of(name, people, ("person", "人"), spelled)
        for duty, name in made.items()
    }
