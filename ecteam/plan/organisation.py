"""The organisation of a plan in one month: lines, structures, who answers for what, what breaks when one leaves."""

import contextlib
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from ecteam.hiring.terms import lead_months
from ecteam.inputs.calendar_units import DAYS_PER_WEEK
from ecteam.inputs.checks import InputError
from ecteam.organisation import accountability, resilience, structures
from ecteam.organisation import checkpoints as checkpoints_organisation
from ecteam.organisation.lines import reporting_tree
from ecteam.organisation.reports import reporting_cadence
from ecteam.organisation.resilience import cross_training
from ecteam.organisation.rules import read_rules
from ecteam.organisation.spans import Removal, measures, remove_layer, spans_of
from ecteam.organisation.structures import Structure, hand_offs, read_steps
from ecteam.plan.people import Team, kept_apart, skills
from ecteam.plan.solution import Solution

LOGISTICS = "warehouse"
"""The department that a logistics company stands for."""


@dataclass(frozen=True, eq=False)
class Organisation:
    """A month of a plan as an organisation; everything is worked out when first asked for."""

    solution: Solution
    team: Team
    month: pd.Period

    @cached_property
    def people(self) -> pd.DataFrame:
        """The month's rows of `plan.people`."""
        people = self.team.assignment.people
        return people[people["month"] == self.month].reset_index(drop=True)

    @cached_property
    def seats(self) -> pd.DataFrame:
        """The seats that are open by then; the rows of `plan.seats`."""
        seats = self.team.assignment.seats
        return seats[seats["opened"] <= self.month].reset_index(drop=True)

    @cached_property
    def filled(self) -> pd.DataFrame:
        """The seats as they are once everybody planned for is there: what holds when one of them leaves again."""
        return self.seats.assign(vacant=False)

    @cached_property
    def duties(self) -> pd.DataFrame:
        """The duties with work in the month, indexed by duty: as `Inputs.duties`."""
        return self.solution.inputs.duties.loc[self.solution.inputs.duties.index.isin(self.people["duty"])]

    @cached_property
    def tree(self) -> pd.DataFrame:
        """Who reports to whom: person, position (role), department, manager ("" at the top), layer, leads, vacant,
        month_share (of a full-time month, 1 at the most)."""
        tree, results = reporting_tree(self.seats), self.solution.results
        at = self.solution.months.get_loc(self.month)
        employed = dict(zip(results.roles, results.employed_fte[:, 0, at], strict=True))
        before = self.seats.groupby("hired_as").cumcount().set_axis(self.seats["person"])
        share = tree["position"].map(employed) - tree["person"].map(before)
        return tree.assign(month_share=share.clip(upper=1.0).where(tree["position"] != "owner", 1.0))

    @property
    def _leading(self) -> float:
        return float(self.solution.values["leading_hours_per_head"])

    @cached_property
    def spans(self) -> pd.DataFrame:
        """How many each leader leads, and what the leading costs: see `spans.spans_of`."""
        return spans_of(self.tree, self.seats, leading_hours_per_head=self._leading)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """How flat the tree is: layers, spans, managers with one or two reports, share of management cost ..."""
        return measures(self.tree, self.seats, leading_hours_per_head=self._leading)

    def without_layer(self, layer: int = 2) -> Removal:
        """What changes if the leaders of a layer lead no more."""
        return remove_layer(self.tree, layer)

    @cached_property
    def structures(self) -> dict[str, Structure]:
        """The same posts in four ways: functional, matrix, cells (one a channel), network (the warehouse outside).

        A way for which there are not enough people is left out.
        """
        channels = [f"channel {n}" for n in range(1, self.solution.scenario.channels + 1)]
        ways = {
            "functional": lambda: structures.functional(self.seats),
            "matrix": lambda: structures.matrix(self.seats, channels),
            "cells": lambda: structures.cells(self.seats, channels),
            "network": lambda: structures.network(self.seats, (LOGISTICS,)),
        }
        possible = {}
        for name, way in ways.items():
            with contextlib.suppress(InputError):
                possible[name] = way()
        return possible

    @property
    def _outside(self) -> list[str]:
        """Steps of an order that a logistics company does."""
        steps = set(read_steps()["duty"])
        gone = self.solution.assumptions.duties["when"].eq("self_shipping") & (not self.solution.scenario.self_shipping)
        return [duty for duty in gone.index[gone] if duty in steps]

    @cached_property
    def structures_compared(self) -> pd.DataFrame:
        """Layers, spans, hand-offs and coordination of the structures: one column each."""
        return structures.compare_structures(list(self.structures.values()), self.people, outside=self._outside)

    @cached_property
    def hand_offs(self) -> pd.DataFrame:
        """How often an order changes hands on its way from a visitor to the money, by department."""
        return hand_offs(self.people, self.structures["functional"].groups, outside=self._outside)

    @cached_property
    def may_do(self) -> pd.DataFrame:
        """Which role may do which duty: duty, role, by the scheme of hats or by skills."""
        can, roles = skills(self.solution.inputs), self.seats["hired_as"].unique()
        rows = [
            (duty, role)
            for duty, row in self.duties.iterrows()
            for role in roles
            if row["worn_by"] == role or row["post"] in can[role]
        ]
        return pd.DataFrame(rows, columns=["duty", "role"])

    @cached_property
    def _apart(self) -> pd.DataFrame:
        return kept_apart(self.solution.inputs)

    @cached_property
    def losses(self) -> pd.DataFrame:
        """Whose leaving hurts most once the team is there: duties without cover, hours uncovered and their cost."""
        roles = self.solution.assumptions.roles
        attrition = roles["attrition"].map(dict(self.solution.values)).astype(float)
        return resilience.loss_by_person(self.removed, self.filled, attrition)

    @cached_property
    def removed(self) -> pd.DataFrame:
        """The remove-one test, one row a person and duty: who else could do it, hours uncovered, what that costs."""
        terms = {"keep_apart": self._apart, "days_to_fill": self.days_to_fill}
        return resilience.remove_one(self.people, self.filled, self.may_do, **terms)

    @cached_property
    def days_to_fill(self) -> pd.Series:
        """How many days pass from advertising a post to the first day of work: by role, as hiring counts them."""
        weeks = "time_to_fill_weeks_" + self.solution.assumptions.roles["group"]
        return DAYS_PER_WEEK * weeks.map(dict(self.solution.values)).astype(float)

    @cached_property
    def bus_factor(self) -> pd.DataFrame:
        """Who must leave until most duties have nobody who works on them."""
        return resilience.bus_factor(self.people, self.filled, self.may_do)

    @cached_property
    def cover(self) -> pd.DataFrame:
        """Who answers for a duty, works on it, may do it: duties by people."""
        return resilience.cover_matrix(self.people, self.filled, self.may_do, keep_apart=self._apart)

    @cached_property
    def trainings(self) -> pd.DataFrame:
        """Who learns what, so that no duty hangs on one person."""
        return cross_training(self.cover, self.filled, self.people)

    @cached_property
    def reports(self) -> pd.DataFrame:
        """Which report goes from whom to whom, how often, and how many hours it takes."""
        days = float(self.solution.values["working_days_per_month"])
        return reporting_cadence(self.people, self.seats, self.tree, working_days_per_month=days)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """What is wrong with who answers for what; empty where nothing is."""
        scenario = self.solution.scenario
        may_do = self.may_do.groupby("duty", sort=False)["role"].agg(list).to_dict()
        return accountability.findings(
            self.people,
            self.duties,
            read_rules(),
            worn_by=set(self.duties[["role", "worn_by"]].itertuples(index=False, name=None)),
            may_do=may_do,
            region=scenario.region,
            stage=scenario.stage,
        )

    @cached_property
    def capabilities(self) -> pd.DataFrame:
        """Who owns the duties of each of the three capabilities and each post."""
        return accountability.capability_matrix(self.people, self.duties, read_rules())

    @cached_property
    def checkpoints(self) -> pd.DataFrame:
        """The way to this team in stretches of four weeks or less, each with a result one can see, owner and test.

        It begins with the first month of the plan; hires of later months are in time for them. A shop whose team is in
        place has its founding behind it. A new one opens on the first day of the plan, when its orders come: it is
        founded, by its owner, and hires its first people before.
        """
        scenario, rules = self.solution.scenario, read_rules()
        choices = {"self_shipping": scenario.self_shipping, "own_technology": scenario.own_technology}
        founded, first = scenario.team_in_place, self.solution.months[0].start_time.date()
        tasks = checkpoints_organisation.for_shop(
            checkpoints_organisation.read_build_plan(rules), choices, founded=founded
        )
        begins = first if founded else checkpoints_organisation.preparation_begins(tasks, first)
        owned = self.people.groupby("person")["accountable"].sum().to_dict()
        seats = self.team.assignment.seats
        groups, values = self.solution.assumptions.role_columns["group"], self.solution.values
        weeks = [values[f"time_to_fill_weeks_{groups[role]}"] for role in seats["hired_as"]]
        seats = seats.assign(months_ahead=[lead_months(each) for each in weeks])
        tasks, starts = checkpoints_organisation.with_hires(tasks, seats, owned, founded=founded)
        # Who is hired to open a shop may be looked for before it is founded.
        starts |= {task: begins for task in tasks.index[tasks["after"] == ()] if task not in starts}
        begins = min([begins, *starts.values()])
        planned = checkpoints_organisation.scheduled(tasks, begins, not_before=starts)
        found = checkpoints_organisation.checkpoints(
            planned, rules, checkpoints_organisation.owners_of_posts(self.people)
        )
        owner = seats.loc[seats["hired_as"] == "owner", "person"]
        before = found["start"] < pd.Timestamp(first)
        return found.assign(owner=found["owner"].mask(before, owner.iloc[0])) if len(owner) else found
