"""From the heads of a plan to people with names: who does what, who answers for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import whole
from ecteam.inputs.checks import InputError
from ecteam.inputs.files import data_dir
from ecteam.inputs.tables import STAGES, Sourced, load
from ecteam.organisation.rules import read_rules
from ecteam.people.assign import Assignment, AtOnce, assign_people
from ecteam.people.cover import people
from ecteam.people.limits import broken_limits
from ecteam.plan.cost import cost_of_a_head
from ecteam.plan.prepare import Inputs
from ecteam.plan.solution import Solution

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class _SkillRow(Sourced):
    role: str
    post: str


@dataclass(frozen=True, eq=False)
class PlanAssignment:
    """The assignment problem of a plan: duties by seats, with the rules that hold at its stage.

    `duties` indexed by duty: post, role, words, en, zh; `hours` (duties, months); `seats` one row a candidate: person,
    en, zh, hired_as, department, cost_per_month, on_board, vacant; `productive_hours` (seats, months); `may` (seats,
    duties): who may do a duty and answer for it; `at_once`; `keep_apart`: duty_a, duty_b, words, en, zh; `terms`: the
    other arguments of `assign_people`; `before`: who did what until then.
    """

    months: pd.PeriodIndex
    duties: pd.DataFrame
    hours: Floats
    seats: pd.DataFrame
    productive_hours: Floats
    may: Bools
    at_once: tuple[AtOnce, ...]
    keep_apart: pd.DataFrame
    terms: Mapping[str, Any]
    before: Assignment | None = None

    def in_month(self, month: int) -> "PlanAssignment":
        """The same problem for one month alone, counted from 0."""
        this = slice(month, month + 1)
        return replace(
            self,
            months=self.months[this],
            hours=self.hours[:, this],
            productive_hours=self.productive_hours[:, this],
            at_once=tuple(replace(g, people=self._people(g)[this]) for g in self.at_once),
        )

    def _people(self, group: AtOnce) -> npt.NDArray[Any]:
        return np.broadcast_to(group.people, len(self.months))

    def solve(self) -> Assignment:
        """Who does what, with few changes from `before`; raises `InputError` with the rules that block it."""
        return assign_people(
            self.duties,
            self.hours,
            self.seats,
            self.productive_hours,
            months=self.months,
            may=self.may,
            at_once=self.at_once,
            keep_apart=self.keep_apart,
            previous=self.before,
            **self.terms,
        )

    def limits(self, people: pd.DataFrame, month: int = 0) -> pd.DataFrame:
        """Which limits the division of one month's work breaks, in words: see `people.limits.broken_limits`."""
        may = pd.DataFrame(self.may, index=pd.Index(self.seats["person"]), columns=self.duties.index)
        return broken_limits(
            people,
            self.duties.assign(hours=self.hours[:, month]),
            self.seats.set_index("person").assign(productive_hours=self.productive_hours[:, month]),
            may=may,
            keep_apart=self.keep_apart,
            at_once=[(g.words, g.duties, int(self._people(g)[month])) for g in self.at_once],
            hat_loss_share=self.terms["hat_loss_share"],
        )


@dataclass(frozen=True, eq=False)
class Team:
    """The people of a plan: the assignment, the problem that it solves, and the rules that were dropped, in words."""

    assignment: Assignment
    problem: PlanAssignment
    notes: tuple[str, ...]


def team_of(solution: Solution) -> Team:
    """Who does what in a plan of one case, with the heads that it has: all on board, who is hired later still vacant.

    Somebody hired as a role does the duties whose role the scheme of hats gives to it; the operations head takes what
    one owner has no time for. A rule the team cannot meet is dropped, with a note: first the pairs to be kept apart,
    then the time lost between hats.
    """
    seats, productive = _seats_on_board(solution)
    return _as_far_as_possible(_problem(solution, seats, productive, _by_scheme(solution, seats)))


def _as_far_as_possible(problem: PlanAssignment) -> Team:
    """The answer to a problem without those of its rules that cannot be met; a note names each."""
    try:
        return Team(problem.solve(), problem, ())
    except InputError as error:
        notes = list(error.mistakes)
    easier = replace(problem, keep_apart=problem.keep_apart[:0])
    try:
        answer = easier.solve()
    except InputError as error:
        notes += error.mistakes
        easier = replace(easier, terms={**problem.terms, "hat_loss_share": 0.0})
        answer = easier.solve()
    for at in range(len(problem.keep_apart)):
        one_more = replace(easier, keep_apart=pd.concat([easier.keep_apart, problem.keep_apart[at : at + 1]]))
        try:
            answer, easier = one_more.solve(), one_more
        except InputError as error:
            notes += error.mistakes
    return Team(answer, easier, tuple(dict.fromkeys(notes)))


def problem_by_skills(solution: Solution) -> PlanAssignment:
    """The work of a plan for its heads if people wear what their skills allow."""
    seats, productive = _seats_on_board(solution)
    may = _by_scheme(solution, seats) | _by_skills(solution.inputs, seats)
    return _problem(solution, seats, productive, may)


def team_with_roster(solution: Solution, roster: pd.DataFrame, now: pd.DataFrame | None = None) -> Team:
    """Who should do what in the first month of a plan, if these people are there already and stay?

    Parameters
    ----------
    roster : person, role, hours_per_month (paid; NaN for a full month), as `ecteam.inputs.roster.read_roster` reads it
    now : duty, person, accountable: who does what so far, as `ecteam.inputs.roster.read_responsibilities` reads it
        people keep it as far as the rules and the least cost allow

    People of the roster keep their names and are all kept; heads of the plan beyond them are candidates, vacant, taken
    on where the work does not fit without. Somebody may do the duties of the own role, of the roles that the scheme
    gives to it, and of the posts in `data/organisation/skills.csv`. Rules are kept as in `team_of`. Raises `InputError`
    for a name that is there twice or a role that is not known.
    """
    plans_own, productive = _seats_on_board(solution)
    spare = productive[:, 0] > 0
    plans_own, productive = plans_own[spare], productive[spare, :1]
    turn = plans_own.groupby("hired_as", sort=False).cumcount()
    there = roster["role"].value_counts()
    beyond = (turn >= plans_own["hired_as"].map(there).fillna(0)).to_numpy()
    roles = solution.assumptions.roles
    shrinkage = 1 - roster["role"].map(roles["shrinkage"].map(dict(solution.values))).to_numpy(float)
    paid = roster["hours_per_month"].fillna(float(solution.results.paid_hours[0, 0])).to_numpy(float)
    cost = plans_own.drop_duplicates("hired_as").set_index("hired_as")["cost_per_month"]
    people = pd.DataFrame(
        {
            **{name: roster["person"].to_numpy() for name in ("person", "en", "zh")},
            "hired_as": roster["role"].to_numpy(),
            "department": roster["role"].map(roles["department"]).to_numpy(),
            # Who is there is paid whatever the answer is.
            "cost_per_month": roster["role"].map(cost).fillna(0.0).to_numpy(),
            "on_board": True,
            "vacant": False,
        }
    )
    candidates = plans_own[beyond].assign(on_board=False, vacant=True)
    seats = pd.concat([people, candidates[people.columns]], ignore_index=True)
    hours = np.concatenate([(paid * shrinkage)[:, None], productive[beyond]])
    own = seats["hired_as"].to_numpy()[:, None] == solution.inputs.duties["role"].to_numpy()
    may = own | _by_scheme(solution, seats) | _by_skills(solution.inputs, seats)
    months = np.broadcast_to(hours, (len(seats), len(solution.months)))
    problem = _problem(solution, seats, months, may).in_month(0)
    return _as_far_as_possible(problem if now is None else replace(problem, before=_as_before(now, roster, problem)))


def _as_before(now: pd.DataFrame, roster: pd.DataFrame, problem: PlanAssignment) -> Assignment:
    """Who does what so far, as an answer of the month before: the people of the roster, single owners."""
    rows = now[now["person"].isin(roster["person"]) & now["duty"].isin(problem.duties.index)]
    if "deputy" in rows:
        rows = rows[~rows["deputy"]]
    alone = rows.groupby("duty")["accountable"].transform("sum") == 1
    month = problem.months[0] - 1
    people = rows.assign(month=month, accountable=rows["accountable"] & alone)
    seats = problem.seats[problem.seats["on_board"]].assign(opened=month)
    return Assignment(people, seats, people.iloc[:0])


def _problem(solution: Solution, seats: pd.DataFrame, productive: Floats, may: Bools) -> PlanAssignment:
    inputs, values = solution.inputs, solution.values
    duties = inputs.duties.assign(words=inputs.duties["en"])
    hours, wholly_bought = hours_of_people(solution)
    # Who buys a duty as a whole still has somebody who answers for it.
    leads = seats["hired_as"].isin(["owner", "shop_manager"]).to_numpy()
    may = may | (leads[:, None] | _by_skills(inputs, seats)) & wholly_bought.any(axis=1)
    return PlanAssignment(
        inputs.months,
        duties[["post", "role", "words", "en", "zh"]],
        hours,
        seats,
        productive,
        may,
        tuple(_at_once(solution, hours)),
        kept_apart(inputs),
        {"hat_loss_share": values["hat_loss_share"], "owner_hours": values["owner_hours_per_month"]},
    )


def hours_of_people(solution: Solution) -> tuple[Floats, Bools]:
    """Hours of each duty that the plan's people do, (duties, months), and which are bought as a whole.

    What is bought of a role's work is the same share of each of its duties. Of a duty that is bought as a whole its
    owner still works `owner_hours_per_month`, or all of it where that is less: to order it and to look at it.
    """
    results, worn_by = solution.results, solution.inputs.duties["worn_by"]
    of_duty = [results.roles.index(role) for role in worn_by]
    fte, bought = results.fte[of_duty, 0], results.bought_fte[of_duty, 0]
    staffed = results.staffed_hours[:, 0]
    left = 1 - np.divide(bought, fte, out=np.zeros_like(fte), where=fte > 0)
    wholly = (results.employed_fte[of_duty, 0] == 0) & (staffed > 0)
    return np.where(wholly, np.minimum(staffed, solution.values["owner_hours_per_month"]), staffed * left), wholly


def _seats_on_board(solution: Solution) -> tuple[pd.DataFrame, Floats]:
    """The plan's people as seats with names, and the productive hours of each in each month from its first one on.

    The last person of a role may work part-time.
    """
    inputs, results = solution.inputs, solution.results
    roles, scenario = inputs.assumptions.roles, inputs.scenario
    cost = cost_of_a_head(inputs, solution.values, results.roles)
    rows, productive = [], []
    for r, role in enumerate(results.roles):
        employed = results.employed_fte[r, 0]
        heads = people(employed).astype(int)
        of_role = roles.loc[role].to_dict()
        month = results.paid_hours[0] * (1 - float(solution.values[of_role["shrinkage"]]))
        mean_cost = float(cost[r, 0].mean())
        for number in range(1, heads[-1] + 1):
            there = heads >= number
            share = np.clip(employed - (number - 1), 0, 1)
            there_for = np.maximum(share, _months_of_the_owner(solution, r)) if role == "owner" else share
            en, zh = (of_role[lang] + (f" {number}" if number > 1 else "") for lang in ("en", "zh"))
            rows.append(
                {
                    "person": en,
                    "en": en,
                    "zh": zh,
                    "hired_as": role,
                    "department": of_role["department"],
                    "cost_per_month": mean_cost * float(share[-1]),
                    "on_board": True,
                    "vacant": role != "owner" and not (scenario.team_in_place and there[0]),
                }
            )
            productive.append(there_for * month)
    return pd.DataFrame(rows), np.array(productive)


def _months_of_the_owner(solution: Solution, owner: int) -> Floats:
    """How many months of a full-time head the owner works in each month: the time lost between hats is of this month,
    not of a head's."""
    results = solution.results
    lost = results.changing_fte[owner, 0] + solution.values["hat_loss_share"] * results.answering_posts[owner, 0]
    return np.asarray((results.fte[owner, 0] - lost) / (1 - lost))


def _by_scheme(solution: Solution, seats: pd.DataFrame) -> Bools:
    """(seats, duties): what the scheme of hats gives to whom."""
    results = solution.results
    hired, worn = seats["hired_as"].to_numpy()[:, None], solution.inputs.duties["worn_by"].to_numpy()
    may = hired == worn
    owner_most = solution.values["owner_most_fte"]
    if "owner" in results.roles and (results.fte[results.roles.index("owner"), 0] >= owner_most).any():
        # What the owner has no time for goes to an operations head who can do it: not the payments, unless the shop
        # wishes that the two do everything.
        can = _by_skills(solution.inputs, seats) | (solution.scenario.hats is not None)
        may |= (hired == "shop_manager") & (worn == "owner") & can
    return may


def _by_skills(inputs: Inputs, seats: pd.DataFrame) -> Bools:
    """(seats, duties): the posts that somebody hired as a role can work in."""
    can = skills(inputs)
    return np.stack([inputs.duties["post"].isin(can[role]).to_numpy() for role in seats["hired_as"]])


def _at_once(solution: Solution, hours: Floats) -> list[AtOnce]:
    """The service desk and the packing tables: who stands there is nowhere else at that hour."""
    duties, names = solution.inputs.duties, solution.assumptions.roles["en"]
    groups = []
    for method, words, crews in (
        ("queue", "the service desk", {r: d.most_agents[0] for r, d in solution.results.desks.items()}),
        ("deadline", "shipping in time", {r: whole(c.people[0]) for r, c in solution.results.crews.items()}),
    ):
        for role, needed in crews.items():
            own_duties = ((duties["method"] == method) & (duties["worn_by"] == role)).to_numpy()
            needed = np.where(hours[own_duties].sum(axis=0) > 0, needed, 0)
            groups.append(AtOnce(f"{words} ({names[role]})", duties.index[own_duties].tolist(), needed))
    return groups


def kept_apart(inputs: Inputs) -> pd.DataFrame:
    """The pairs of duties of this plan that must not be one person's at its stage: duty_a, duty_b, words, en, zh."""
    table = read_rules().keep_apart
    reached = STAGES[: STAGES.index(inputs.scenario.stage) + 1]
    here = table["from_stage"].isin(reached)
    for column in ("duty_a", "duty_b"):
        here &= table[column].isin(inputs.duties.index)
    return (
        table.loc[here, ["duty_a", "duty_b", "en", "zh"]].assign(words=lambda rows: rows["en"]).reset_index(drop=True)
    )


def skills(inputs: Inputs) -> Mapping[str, frozenset[str]]:
    """Role -> the posts that somebody hired as it can work in."""
    posts, roles = inputs.assumptions.duties["post"].unique(), inputs.assumptions.roles["like"]
    return _posts_of_roles(tuple(posts), tuple(roles.items()))


@cache
def _posts_of_roles(posts: tuple[str, ...], roles: tuple[tuple[str, str], ...]) -> Mapping[str, frozenset[str]]:
    table = read_skills(posts, dict(roles))
    return {str(role): frozenset(rows["post"]) for role, rows in table.groupby("role", sort=False)}


def read_skills(posts: Collection[str], roles: Mapping[str, str], path: Path | None = None) -> pd.DataFrame:
    """In which posts somebody hired as a role can work: role, post; by default `data/organisation/skills.csv`.

    `roles` names each role with the one that it is like, if any, whose posts it has where it has none of its own.
    """
    path = path or data_dir() / "organisation" / "skills.csv"
    refs = {"role": roles, "post": posts}
    like = {role: other for role, other in roles.items() if other}
    return load(path, _SkillRow, key=("role", "post"), refs=refs, complete={"role": roles}, like=like)
