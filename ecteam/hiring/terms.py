"""On which terms is work covered? What people, temps, overtime and outsourcing give and cost, as checked arrays.

Work is counted in hours. It may be counted in any other unit (pieces), if need and capacity are in the same one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, inf, isfinite

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR, WEEKS_PER_YEAR
from ecteam.inputs.checks import InputError, did_you_mean

SPEED = Allowed("a share of a trained worker, more than 0 and at most 1", at_most=1, above=0)


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
    hour. Outsourced and part-time hours are hours of work; those of a role's one part-time person follow the need up to
    `part_time_most_hours` a month. `least_heads` own heads must be there; `least_present` with temps, counted by the
    work they do.
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
    part_time_cost_per_hour: npt.ArrayLike | None = None
    part_time_most_hours: npt.ArrayLike = 0.0
    least_heads: npt.ArrayLike = 0.0
    least_present: npt.ArrayLike = 0.0


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


_HOURS = Allowed("0 or more hours", at_least=0, below=inf)
_LIMIT = Allowed("0 or more (infinite where there is no limit)", at_least=0)
_HEADS = Allowed("0 or more heads", at_least=0, below=inf)
_MONEY = Allowed("0 or more", at_least=0, below=inf)
_WHOLE_MONTHS = Allowed("a whole number of months, 0 or more", at_least=0, below=inf, whole=True)
_ALLOWED = {
    "heads_at_start": _HEADS,
    "signed_starts": _HEADS,
    "hours_per_head": _HOURS,
    "cost_per_head": _MONEY,
    "lead_months": _WHOLE_MONTHS,
    "attrition_per_month": Allowed("a share of heads, 0 or more and below 1", at_least=0, below=1),
    "hire_cost": _MONEY,
    "release_cost": _MONEY,
    "temp_cost_per_hour": _MONEY,
    "temp_productivity": SPEED,
    "temp_most_hours": _LIMIT,
    "temp_most_hours_per_head": _LIMIT,
    "overtime_cost_per_hour": _MONEY,
    "overtime_most_hours_per_head": _HOURS,
    "overtime_productivity": SPEED,
    "outsourced_cost_per_hour": _MONEY,
    "part_time_cost_per_hour": _MONEY,
    "part_time_most_hours": _HOURS,
    "least_heads": _HEADS,
    "least_present": _HEADS,
}
_OPTIONAL = (
    "release_cost",
    "temp_cost_per_hour",
    "overtime_cost_per_hour",
    "outsourced_cost_per_hour",
    "part_time_cost_per_hour",
)


@dataclass(frozen=True, eq=False)
class Problem:
    """The terms as arrays: (roles, months) but for `learning` (roles, months on board) and the transfers' own.

    opening_loss: work lost by those who began before.
    """

    roles: tuple[str, ...]
    months: pd.PeriodIndex
    need: Floats
    of: dict[str, Floats]
    learning: Floats
    trained: npt.NDArray[np.bool_]
    ahead: npt.NDArray[np.bool_]
    allowed: dict[str, npt.NDArray[np.bool_]]
    first_start: npt.NDArray[np.int64]
    moves: npt.NDArray[np.int64]
    move_cost: Floats
    move_loss: Floats

    def part(self, kept: npt.NDArray[np.int64]) -> "Problem":
        """The same problem for some of the roles, and the transfers among them."""
        inside = np.isin(self.moves, kept).all(axis=1)
        return replace(
            self,
            roles=tuple(self.roles[r] for r in kept),
            need=self.need[kept],
            of={name: array[kept] for name, array in self.of.items()},
            learning=self.learning[kept],
            trained=self.trained[kept],
            ahead=self.ahead[kept],
            allowed={name: array[kept] for name, array in self.allowed.items()},
            first_start=self.first_start[kept],
            moves=np.searchsorted(kept, self.moves[inside]),
            move_cost=self.move_cost[inside],
            move_loss=self.move_loss[inside],
        )


def problem_of(
    months: pd.PeriodIndex,
    need_hours: npt.ArrayLike,
    terms: Sequence[RoleTerms],
    transfers: Sequence[Transfer] = (),
    advertise_from: pd.Period | None = None,
) -> Problem:
    """The arrays of a plan, or every mistake in its terms at once: role, field, value, what is allowed."""
    names = [one.role for one in terms]
    mistakes = [f"terms has {role!r} twice" for role in dict.fromkeys(r for r in names if names.count(r) > 1)]
    if not len(months):
        mistakes.append("the plan has 0 months; it must have 1 or more")
    if not names:
        mistakes.append("terms has no role; it must have at least one")
    if mistakes:
        raise InputError(mistakes)
    need = _need(months, need_hours, names, mistakes)
    one_by_one = [_arrays(one, months, mistakes) for one in terms]
    moves = [_move(one, names, mistakes) for one in transfers]
    begin = [_first_start(one, months, advertise_from, mistakes) for one in terms]
    if mistakes:
        raise InputError(mistakes)
    longest = max((len(one.ramp) for one in terms), default=0)
    learning = np.array([[1 - share for share in one.ramp] + [0.0] * (longest - len(one.ramp)) for one in terms])
    of = {name: np.stack([arrays[name] for arrays in one_by_one]) for name in one_by_one[0]}
    allowed = {
        name.removesuffix("_cost").removesuffix("_cost_per_hour"): np.array(
            [getattr(one, name) is not None for one in terms]
        )
        for name in _OPTIONAL
    }
    of["opening_loss"] = np.stack(
        [_opening_loss(one, learning[r], of["signed_starts"][r], months) for r, one in enumerate(terms)]
    )
    return Problem(
        tuple(names),
        months,
        need,
        of,
        learning.reshape(len(names), -1),
        np.array([one.trained_before for one in terms]),
        np.array([one.replaced_ahead for one in terms]),
        allowed,
        np.array(begin, dtype=np.int64),
        np.array([move[:2] for move in moves], dtype=np.int64).reshape(-1, 2),
        np.array([move[2] for move in moves], dtype=float),
        np.array([move[3] for move in moves], dtype=float),
    )


def separate(problem: Problem) -> list[npt.NDArray[np.int64]]:
    """Roles that moves tie together; the others are planned each by itself."""
    group = np.arange(len(problem.roles))
    for source, target in problem.moves:
        group[group == group[target]] = group[source]
    return [np.flatnonzero(group == one) for one in dict.fromkeys(group.tolist())]


def _need(months: pd.PeriodIndex, need_hours: npt.ArrayLike, names: list[str], mistakes: list[str]) -> Floats:
    shape = (len(names), len(months))
    try:
        need = np.asarray(checked({"need_hours": _HOURS}, need_hours=need_hours)["need_hours"], dtype=float)
    except InputError as error:
        mistakes += error.mistakes
        return np.zeros(shape)
    if need.shape != shape:
        mistakes.append(f"need_hours has the shape {need.shape}; it must be ({shape[0]} roles, {shape[1]} months)")
        return np.zeros(shape)
    return need


def _arrays(one: RoleTerms, months: pd.PeriodIndex, mistakes: list[str]) -> dict[str, Floats]:
    """Every figure of a role as (months,)."""
    arrays = {}
    for name, rule in _ALLOWED.items():
        field, value = f"{name} of {one.role!r}", getattr(one, name)
        try:
            array = np.asarray(checked({field: rule}, **{field: 0.0 if value is None else value})[field], dtype=float)
            arrays[name] = np.array(np.broadcast_to(array, len(months)))
        except InputError as error:
            mistakes += error.mistakes
        except ValueError:
            mistakes.append(
                f"{field} has {np.size(value)} figures; it must be one, or one for each of {len(months)} months"
            )
        arrays.setdefault(name, np.zeros(len(months)))
    share = Allowed("a share of a trained head's work, 0 to 1", at_least=0, at_most=1)
    for name, rule, values in (("ramp", share, one.ramp), ("recent_starts", _HEADS, one.recent_starts)):
        field = f"{name} of {one.role!r}"
        try:
            checked({field: rule}, **{field: values})
        except InputError as error:
            mistakes += error.mistakes
    return arrays


def _move(one: Transfer, names: list[str], mistakes: list[str]) -> tuple[int, int, float, float]:
    for role in (one.from_role, one.to_role):
        if role not in names:
            mistakes.append(f"a transfer names {role!r}, which has no terms{did_you_mean(role, names)}")
            return 0, 0, 0.0, 0.0
    if one.from_role == one.to_role:
        mistakes.append(f"a transfer leads from {one.from_role!r} to itself; it must lead to another role")
    which = f"of the transfer from {one.from_role!r} to {one.to_role!r}"
    rules = {
        f"cost {which}": _MONEY,
        f"lost_share {which}": Allowed("a share of the first month, 0 to 1", at_least=0, at_most=1),
    }
    try:
        checked(rules, **dict(zip(rules, (one.cost, one.lost_share), strict=True)))
    except InputError as error:
        mistakes += error.mistakes
    return names.index(one.from_role), names.index(one.to_role), one.cost, one.lost_share


def _first_start(one: RoleTerms, months: pd.PeriodIndex, advertise_from: pd.Period | None, mistakes: list[str]) -> int:
    """The first month, counted from 0, in which somebody who is advertised for can start."""
    lead = one.lead_months
    if not (isinstance(lead, int | float | np.number) and isfinite(lead) and lead >= 0):
        return 0
    first = 0 if advertise_from is None else max((advertise_from - months[0]).n + int(lead), 0)
    if lead >= len(months) and advertise_from is not None and first >= len(months):
        mistakes.append(
            f"lead_months of {one.role!r} is {lead:g}; the plan has {len(months)} months from {months[0]}, so nobody "
            f"advertised for from {advertise_from} on starts in it; it must be shorter, or the plan longer"
        )
    return first


def _opening_loss(one: RoleTerms, learning: Floats, signed: Floats, months: pd.PeriodIndex) -> Floats:
    """Heads' worth of work that is lost each month to the learning of those who began before or have signed."""
    kept = 1 - one.attrition_per_month
    starts = np.concatenate([np.asarray(one.recent_starts, dtype=float)[::-1], signed])
    stay = learning * kept ** np.arange(len(learning))
    if not len(learning):
        return np.zeros(len(months))
    return np.convolve(starts, stay)[len(one.recent_starts) :][: len(months)]
