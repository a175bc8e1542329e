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
class Results:
    """What each step gave: (duties, draws, months) in the order of `Inputs.duties`, (roles, draws, months) in that of
    `roles`.

    demand : orders; amounts : driver -> how often; minutes : per unit of each duty
    outside_hours : in which somebody sits at an outside desk
    hours, staffed_hours, temp_work : of each duty: the work, the hours somebody is there for it, the part of temps
    desks, crews : role -> who must be there at once; on_shift : of each role
    paid_hours : of a full-time head; changing_fte : lost between hats; answering_hours, answering_posts : of who
    answers for duties that are bought as a whole
    fte, needed_fte, employed_fte, bought_fte, heads : of each role: its work, the people it asks for, the full-time
    equivalents on the payroll (nobody's hours are cut) and from outside, the people that the payroll is
    hires : starters and replaced leavers; temp_hours : paid; bought_hours : of work; items : cost item ->
    (roles, draws, months) or, of the shop as a whole, (draws, months)
    cover_limits : from where on the rest of a role's work is done part-time or by one more head, (roles, draws, 1)
    growth : of the work in FTE a month, (draws, 1); settled : whether the headcount converged, (draws,)
    team_needs_fte : what the work asks of a team that is given, as `needed_fte`; None without one
    """

    demand: Demand
    amounts: Mapping[str, Any]
    minutes: Sequence[Any]
    hours: Floats
    temp_work: Floats
    desks: Mapping[str, StaffedDesk]
    crews: Mapping[str, Crew]
    roles: list[str]
    on_shift: Floats
    staffed_hours: Floats
    outside_hours: Floats
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
