"""A solved shop: what went in, the values it was solved at, and what every step gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.assumptions import Assumptions
from ecteam.inputs.scenario import Scenario
from ecteam.people.cover import Limits, people
from ecteam.plan.prepare import Inputs
from ecteam.plan.staffing import Demand, StaffedDesk
from ecteam.staffing.deadlines import Crew

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Presence:
    """Who must be there at once: desks and crews by role, the people of both, (roles, draws, months), and the hours
    that somebody is there for each duty, (duties, draws, months), and at an outside desk, (draws, months)."""

    desks: Mapping[str, StaffedDesk]
    crews: Mapping[str, Crew]
    on_shift: Floats
    staffed_hours: Floats
    outside_hours: Floats


@dataclass(frozen=True, eq=False, kw_only=True)
class OneTeam:
    """The team whose heads are enough for the work, that of leading, hiring and equipping them included.

    amounts : driver -> how often; hours, staffed_hours : of each duty, the work and the hours somebody is there for it
    paid_hours : of a full-time head; changing_fte : lost between hats; answering_hours, answering_posts : of who
    answers for duties that are bought as a whole
    fte, needed_fte, employed_fte, bought_fte, heads : of each role: its work, the people it asks for, the full-time
    equivalents on the payroll (nobody's hours are cut) and from outside, the people that the payroll is
    cover_limits : from where on the rest of a role's work is done part-time or by one more head, (roles, draws, 1)
    growth : of the work in FTE a month, (draws, 1); settled : whether the headcount converged, (draws,)
    team_needs_fte : what the work asks of a team that is given, as `needed_fte`; None without one
    """

    amounts: Mapping[str, Any]
    hours: Floats
    staffed_hours: Floats
    paid_hours: Floats
    changing_fte: Floats
    answering_hours: Floats
    answering_posts: Floats
    fte: Floats
    needed_fte: Floats
    employed_fte: Floats
    bought_fte: Floats
    heads: Floats
    growth: Floats
    cover_limits: Limits
    settled: Bools
    team_needs_fte: Floats | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Results(OneTeam, Presence):
    """What each step gave: (duties, draws, months) in the order of `Inputs.duties`, (roles, draws, months) in that of
    `roles`; besides the team and who must be there at once:

    demand : orders; minutes : per unit of each duty; temp_work : the hours of each duty that temps work
    hires : starters and replaced leavers; temp_hours : paid; bought_hours : of work; items : cost item ->
    (roles, draws, months) or, of the shop as a whole, (draws, months)
    """

    demand: Demand
    minutes: Sequence[Any]
    temp_work: Floats
    roles: list[str]
    hires: Floats
    temp_hours: Floats
    bought_hours: Floats
    items: Mapping[str, Floats]

    @property
    def seats(self) -> Floats:
        """The people that the work of each month asks for, (roles, draws, months)."""
        return people(self.needed_fte)


@dataclass(frozen=True, eq=False, kw_only=True)
class Solution:
    """A shop (`inputs`), the values of its assumptions (`values`, by name) and what follows from them (`results`)."""

    inputs: Inputs
    values: Mapping[str, Any]
    results: Results

    @property
    def scenario(self) -> Scenario:
        """The shop as it was described."""
        return self.inputs.scenario

    @property
    def assumptions(self) -> Assumptions:
        """The figures of the world, and those set for this shop."""
        return self.inputs.assumptions

    @property
    def months(self) -> pd.PeriodIndex:
        """The months that are planned."""
        return self.inputs.months


def by_month(months: pd.PeriodIndex, values: npt.ArrayLike, names: Any, key: str, measure: str) -> pd.DataFrame:
    """(names, months) as rows, month by month: month, `key` (the name), `measure` (the value).

    >>> months = pd.period_range("2027-01", periods=2, freq="M")
    >>> by_month(months, [[1, 2], [3, 4]], ["picker", "packer"], "role", "heads")["heads"].tolist()
    [1.0, 3.0, 2.0, 4.0]
    """
    names = np.asarray(names, dtype=object)
    return pd.DataFrame(
        {
            "month": months.repeat(len(names)),
            key: np.tile(names, len(months)),
            measure: np.asarray(values, dtype=float).T.ravel(),
        }
    )
