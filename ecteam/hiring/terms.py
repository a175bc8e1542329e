"""On which terms is work covered? What a role's people, temps, overtime and outsourcing give and cost.

Work is counted in hours. It may be counted in any other unit (pieces), if need and capacity are in the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
import numpy.typing as npt

from ecteam.inputs.arguments import Allowed, checked
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR, WEEKS_PER_YEAR

SPEED = Allowed("a share of a trained worker, more than 0 and at most 1", at_most=1, above=0)


@dataclass(frozen=True)
class Storage:
    """Work that may be done ahead, at a holding cost, or late, at a cost of being late; both an hour and month.

    `hours_at_start` are done before the plan begins, `hours_at_end` must at least be left; nothing is late at the end.
    """

    holding_cost_per_hour: float
    late_cost_per_hour: float
    hours_at_start: float = 0.0
    hours_at_end: float = 0.0


@dataclass(frozen=True, kw_only=True)
class RoleTerms:
    """One role's terms. A number holds in every month; most may also be one number a month.

    `hours_per_head` of work a month of a trained head; `cost_per_head` a month, all in, hiring aside. `ramp` is the
    share of a trained head's work in the first, second ... month on board, `recent_starts` who began in the last,
    second last ... month before the plan and still learns; with `trained_before` those who start in the first month
    have learnt before (a founding team: put what that cost into the first month's `hire_cost`). `signed_starts`
    (months,) begin whatever the plan says; with `replaced_ahead` recruiting for expected leavers never stops, so that
    the lead time binds new posts only. A cost of None means: not allowed. Temps may be limited in all, and for each
    own head (law, somebody to teach them); `temp_productivity` and `overtime_productivity` are hours of work in a paid
    hour.
    `least_heads` own heads must be there; `least_present` with temps, counted by the work they do. `work_cost_per_hour`
    is what an hour of work uses up besides pay (material), outsourced work aside.
    """

    role: str
    hours_per_head: npt.ArrayLike
    cost_per_head: npt.ArrayLike
    heads_at_start: float = 0.0
    lead_months: int = 0
    ramp: Sequence[float] = ()
    recent_starts: Sequence[float] = ()
    signed_starts: npt.ArrayLike = 0.0
    attrition_per_month: float = 0.0
    hire_cost: npt.ArrayLike = 0.0
    trained_before: bool = False
    replaced_ahead: bool = False
    release_cost: float | None = None
    temp_cost_per_hour: npt.ArrayLike | None = None
    temp_productivity: float = 1.0
    temp_most_hours: npt.ArrayLike = inf
    temp_most_hours_per_head: npt.ArrayLike = inf
    overtime_cost_per_hour: npt.ArrayLike | None = None
    overtime_most_hours_per_head: npt.ArrayLike = 0.0
    overtime_productivity: float = 1.0
    outsourced_cost_per_hour: npt.ArrayLike | None = None
    outsourced_most_hours: npt.ArrayLike = inf
    least_heads: npt.ArrayLike = 0.0
    least_present: npt.ArrayLike = 0.0
    most_heads: npt.ArrayLike = inf
    most_starts: npt.ArrayLike = inf
    work_cost_per_hour: float = 0.0
    storage: Storage | None = None


@dataclass(frozen=True)
class Transfer:
    """People of one role may move to another: what a move costs, and the share of their first month that is lost."""

    from_role: str
    to_role: str
    cost: float = 0.0
    lost_share: float = 0.0


def ramp_by_month(weeks_to_full_speed: float, start_share: float) -> tuple[float, ...]:
    """Which share of a trained head's work does a newcomer do in each month on board?

    Speed rises in a straight line from `start_share` to 1 over the weeks; a month's share is the mean over its weeks.

    >>> [round(share, 3) for share in ramp_by_month(8, 0.35)]
    [0.526, 0.874]
    """
    checked(
        {"weeks_to_full_speed": Allowed("0 or more weeks", at_least=0, below=inf), "start_share": SPEED},
        weeks_to_full_speed=weeks_to_full_speed,
        start_share=start_share,
    )
    month = WEEKS_PER_YEAR / MONTHS_PER_YEAR
    if weeks_to_full_speed == 0:
        return ()
    edges = np.minimum(np.arange(ceil(weeks_to_full_speed / month) + 1) * month, weeks_to_full_speed)
    missing = (1 - start_share) * np.diff(edges - edges**2 / (2 * weeks_to_full_speed))
    return tuple((1 - missing / month).tolist())


def lead_months(weeks_to_fill: float) -> int:
    """How many whole months before the start must an advertisement be out?

    >>> lead_months(4), lead_months(6), lead_months(9)
    (1, 2, 3)
    """
    checked({"weeks_to_fill": Allowed("0 or more weeks", at_least=0, below=inf)}, weeks_to_fill=weeks_to_fill)
    return ceil(weeks_to_fill * MONTHS_PER_YEAR / WEEKS_PER_YEAR - 1e-9)
