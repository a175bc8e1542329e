"""When do we hire whom? Month by month: heads, starts, leavers, temps, overtime, outsourcing, moves, and their cost.

How whole heads and expected leavers go together: a hire that adds a post, a release and a move are whole people. Who
leaves is a chance, so leavers and those hired in their place are expected numbers (0.04 a month is one person in two
years). `staff` is therefore a decimal, the people expected on board; `heads` are the whole posts they sit on, the rest
of the last one being vacant for the moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.errors import InputError, did_you_mean
from ecteam.model.arguments import Allowed, Floats, checked
from ecteam.model.hiring_blocker import blockers
from ecteam.model.hiring_milp import Whole, programme, solve
from ecteam.model.hiring_scenarios import Recourse, recourse, solve_over_scenarios
from ecteam.model.hiring_terms import Problem, RoleTerms, Transfer, problem_of

ITEMS = (
    "staff_cost",
    "hiring",
    "severance",
    "transfers",
    "temps",
    "overtime",
    "outsourcing",
    "material",
    "work_ahead",
    "work_late",
)
WHOLE = ("heads", "heads_and_work", "nothing")
GAP = 1e-4
"""A plan may cost this share more than the best one, unless asked for less."""
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class HiringPlan:
    """A plan and how far it may be from the best one.

    table : one row a month and role: month, role, need_hours, heads (whole posts), staff (people expected on board),
        starts, advertise_by (month, where somebody starts a new post), signed (starts settled before), replacements,
        leavers, released, moved_in, moved_out, temp_hours, overtime_hours, outsourced_hours (paid hours), own_hours
        (work of staff, overtime aside), stock_hours (work done ahead), late_hours, spare_hours. Over demand scenarios
        hours are expected ones, need included.
    cost : month, role, item, amount; items that are 0 throughout are left out
    total, bound : the plan's cost, and what no plan costs less than; gap = (total - bound) / total
    """

    problem: Problem
    whole: Whole
    table: pd.DataFrame
    cost: pd.DataFrame
    total: float
    bound: float

    @property
    def gap(self) -> float:
        """The share of its cost that the plan may be dearer than the best one."""
        return max(self.total - self.bound, 0.0) / self.total if self.total > 0 else 0.0

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """Whom to advertise for: advertise_by, month (of the start), role, new_posts, replacements, as whole people.

        Expected replacements are summed up until they make a person: half a person early or late at most.
        """
        table, lead = self.table, pd.Series(dict(zip(self.problem.roles, _leads(self.problem), strict=True)))
        so_far = table.groupby("role", sort=False)["replacements"].cumsum()
        people = np.floor(so_far + 0.5 - _ROUNDING)
        replaced = people.groupby(table["role"], sort=False).diff().fillna(people).astype(int)
        place = (table["month"].astype("int64") - table["month"].iloc[0].ordinal).to_numpy()
        months = np.array([lead[role][t] for role, t in zip(table["role"], place, strict=True)], dtype=int)
        posts = table["starts"] + table["signed"]
        frame = pd.DataFrame(
            {
                "advertise_by": pd.PeriodIndex.from_ordinals(table["month"].astype("int64") - months, freq="M"),
                "month": table["month"],
                "role": table["role"],
                "new_posts": posts,
                "replacements": replaced,
            }
        )
        begun = frame[(posts > 0) | (replaced > 0)]
        return begun.sort_values(["advertise_by", "month"], kind="stable", ignore_index=True)

    @property
    def cash_out(self) -> pd.Series:
        """What is paid each month."""
        return self.cost.groupby("month")["amount"].sum().reindex(self.problem.months, fill_value=0.0)


def hiring_plan(
    months: pd.PeriodIndex,
    need_hours: npt.ArrayLike,
    terms: Sequence[RoleTerms],
    transfers: Sequence[Transfer] = (),
    *,
    chances: npt.ArrayLike | None = None,
    whole: Whole = "heads",
    advertise_from: pd.Period | None = None,
    gap: float = GAP,
    method: str = "tangents",
) -> HiringPlan:
    """When does who start, and what covers the rest of the work, at the least cost?

    Parameters
    ----------
    months : of the plan, one after another
    need_hours : (roles, months) of work, or (scenarios, roles, months): then starts, releases, moves and booked temps
        are decided now, overtime, temps on call and outsourcing when demand is seen
    terms : one a role, in the order of `need_hours`; see `RoleTerms`
    transfers : the moves that are allowed
    chances : of the scenarios; by default all are alike
    whole : "heads" are whole people; "heads_and_work" also whole hours (or pieces) of work; "nothing": decimals
    advertise_from : the month from which advertisements may run; None: early enough for the first month
    gap : share of the cost to which the best plan is looked for
    method : over scenarios "tangents", or "extensive" for one large programme (the same answer, slower)

    Formula
    -------
    min  staff cost + hiring + severance + moves + temps + expected cost of overtime, temps on call, outsourcing
    so that in every month t (and scenario)
        staff_t = (1 - attrition) staff_(t-1) + starts_t + replacements_t - released_t + moved in - moved out    (1)
        replacements so far <= leavers so far                                                                 (2)
        work_t <= hours x (staff_t - learning_t) + productivity x (temps_t + overtime_t) + outsourced_t         (3)
        overtime_t <= most overtime x staff_t;  staff_t >= least_heads;  starts_t = 0 before the lead time      (4)
        work_t = need_t, or with storage: stock_(t-1) + work_t + late_t = need_t + late_(t-1) + stock_t         (5)
    Nothing is counted after the last month: a head hired late looks dear, one kept idle at the end is not let go for
    what comes later. Of equal plans the one with later starts is taken.

    Raises
    ------
    InputError for wrong terms, and where there is no plan: the month, the role and the limit that block it.

    Examples
    --------
    A peak of one month in a year: three people, and temps for what exceeds them.

    >>> terms = RoleTerms(role="packer", hours_per_head=140, cost_per_head=6_000, hire_cost=900, lead_months=1,
    ...     ramp=(0.7,), heads_at_start=2, temp_cost_per_hour=33, temp_productivity=0.65)
    >>> need = [[280, 280, 280, 420, 420, 900]]
    >>> plan = hiring_plan(pd.period_range("2027-06", periods=6, freq="M"), need, [terms])
    >>> plan.table[["month", "heads", "starts", "advertise_by", "temp_hours"]].tail(3)
         month  heads  starts advertise_by  temp_hours
    3  2027-09      3       1      2027-08   64.615385
    4  2027-10      3       0          NaT    0.000000
    5  2027-11      3       0          NaT  738.461538
    """
    if whole not in WHOLE:
        raise InputError(f"whole is {whole!r}{did_you_mean(whole, WHOLE)}")
    if method not in ("tangents", "extensive"):
        raise InputError(f"method is {method!r}{did_you_mean(method, ('tangents', 'extensive'))}")
    checked({"gap": Allowed("a share of the cost, 0 or more and below 1", at_least=0, below=1)}, gap=gap)
    problem = problem_of(months, need_hours, terms, transfers, chances, advertise_from)
    parts, bounds, mistakes = [], [], []
    for kept in _separate(problem):
        part = problem.part(kept)
        blocks, bound = _solved(part, whole, gap, method)
        if blocks is None:
            mistakes += blockers(part, whole)
        parts.append(blocks)
        bounds.append(bound)
    if mistakes:
        raise InputError(mistakes)
    return _put_together(problem, whole, [part for part in parts if part is not None], float(sum(bounds)))


def value_of_scenarios(
    months: pd.PeriodIndex,
    need_hours: npt.ArrayLike,
    terms: Sequence[RoleTerms],
    transfers: Sequence[Transfer] = (),
    *,
    chances: npt.ArrayLike | None = None,
    whole: Whole = "heads",
    advertise_from: pd.Period | None = None,
    gap: float = GAP,
) -> pd.Series:
    """What is it worth to plan over scenarios rather than their mean, and what would it be worth to know the demand?

    Parameters as `hiring_plan`, `need_hours` over scenarios.

    Returns
    -------
    wait_and_see (mean cost if each scenario's best plan could be had), two_stage (the plan), mean_plan (people planned
    for the mean need, then met by the scenarios; infinite where they cannot be met), knowing_is_worth (EVPI)
    = two_stage - wait_and_see and planning_is_worth (VSS) = mean_plan - two_stage; both 0 or more but for the gap.

    Examples
    --------
    >>> terms = RoleTerms(role="packer", hours_per_head=100, cost_per_head=1_000, temp_cost_per_hour=20)
    >>> months = pd.period_range("2027-01", periods=1, freq="M")
    >>> value_of_scenarios(months, [[[100]], [[300]]], [terms]).to_dict()
    {'wait_and_see': 2000.0, 'two_stage': 3000.0, 'mean_plan': 3000.0, 'knowing_is_worth': 1000.0, 'planning_is_worth': 0.0}
    """
    problem = problem_of(months, need_hours, terms, transfers, chances, advertise_from)
    options: dict[str, Any] = {"whole": whole, "advertise_from": advertise_from, "gap": gap}
    two_stage = hiring_plan(months, need_hours, terms, transfers, chances=chances, **options).total
    seen = [hiring_plan(months, need, terms, transfers, **options).total for need in problem.need]
    mean = np.tensordot(problem.chances, problem.need, axes=1)
    on_mean = programme(problem.with_need(mean[None], np.ones(1)), whole)
    x, _ = solve(on_mean, gap)
    cost_of_mean = np.inf
    if x is not None:
        decided = {name: x[on_mean.places[name]] for name in ("starts", "replacements", "released", "moved")}
        model, found, _ = solve_over_scenarios(problem, "nothing", gap, decided)
        if found is not None:
            cost_of_mean = _first_stage_cost(problem, model.places, model.cost, found) + _later(
                problem, model.places, found
            )
    waited = float(problem.chances @ np.array(seen))
    return pd.Series(
        {
            "wait_and_see": waited,
            "two_stage": two_stage,
            "mean_plan": float(cost_of_mean),
            "knowing_is_worth": two_stage - waited,
            "planning_is_worth": float(cost_of_mean - two_stage),
        }
    )


def _separate(problem: Problem) -> list[npt.NDArray[np.int64]]:
    """Roles that moves tie together; the others are planned each by itself."""
    group = np.arange(len(problem.roles))
    for source, target in problem.moves:
        group[group == group[target]] = group[source]
    return [np.flatnonzero(group == one) for one in dict.fromkeys(group.tolist())]


def _solved(problem: Problem, whole: Whole, gap: float, method: str) -> tuple[dict[str, Floats] | None, float]:
    """The blocks of a cheapest plan, with their hours when demand is seen, and a bound on its cost."""
    later = len(problem.chances) == 1 or method == "extensive"
    if later:
        model = programme(problem, whole)
        x, bound = solve(model, gap)
    else:
        model, x, bound = solve_over_scenarios(problem, whole, gap)
    if x is None:
        return None, bound
    blocks = {name: x[columns] for name, columns in model.places.items() if name != "later_cost"}
    if not later:
        seen = _seen(problem, model.places, x)
        blocks |= dict(seen.hours)
        bought = blocks["outsourced"] + problem.of["temp_productivity"] * blocks["temps"]
        blocks |= {"worked": problem.need - bought, "stock": np.zeros_like(bought), "late": np.zeros_like(bought)}
    return blocks, bound


def _seen(problem: Problem, at: Mapping[str, Any], x: Floats) -> Recourse:
    return recourse(problem, x[at["staff"]], x[at["booked"]], x[at["capacity"]])


def _first_stage_cost(problem: Problem, at: Mapping[str, Any], cost: Floats, x: Floats) -> float:
    return float(cost @ x - x[at["later_cost"]].sum())


def _later(problem: Problem, at: Mapping[str, Any], x: Floats) -> float:
    return float(_seen(problem, at, x).cost.sum())


def _put_together(problem: Problem, whole: Whole, parts: list[dict[str, Floats]], bound: float) -> HiringPlan:
    """The parts as tables."""
    shape = (len(problem.roles), len(problem.months))
    names = [name for name in parts[0] if name != "moved"]
    blocks = {name: np.zeros((len(problem.chances), *shape) if parts[0][name].ndim == 3 else shape) for name in names}
    moved = np.zeros((len(problem.moves), shape[1]))
    for kept, part in zip(_separate(problem), parts, strict=True):
        for name in names:
            blocks[name][..., kept, :] = part[name]
        moved[np.isin(problem.moves, kept).all(axis=1)] = part["moved"]
    expected = {n: np.tensordot(problem.chances, b, axes=1) if b.ndim == 3 else b for n, b in blocks.items()}
    moved_in, moved_out = np.zeros(shape), np.zeros(shape)
    np.add.at(moved_in, problem.moves[:, 1], moved)
    np.add.at(moved_out, problem.moves[:, 0], moved)
    table = _table(problem, whole, expected, moved_in, moved_out)
    cost = _cost(problem, expected, moved)
    return HiringPlan(problem, whole, table, cost, float(cost["amount"].sum()), bound)


def _table(problem: Problem, whole: Whole, of: dict[str, Floats], moved_in: Floats, moved_out: Floats) -> pd.DataFrame:
    roles, months = len(problem.roles), problem.months
    staff, terms = of["staff"], problem.of
    before = np.concatenate([terms["heads_at_start"][:, :1], staff[:, :-1]], axis=1)
    heads = staff if whole == "nothing" else np.ceil(staff - _ROUNDING)
    booked_work = terms["temp_productivity"] * of["booked"]
    own = of["capacity"] - booked_work
    temps = of["booked"] + of["temps"]
    overtime_work = terms["overtime_productivity"] * of["overtime"]
    spare = np.maximum(of["capacity"] + overtime_work - of["worked"], 0.0)
    counted = int if whole != "nothing" else float
    # Months down, roles across: the order of the rows.
    by_month = np.tile(np.arange(roles), len(months)), np.repeat(np.arange(len(months)), roles)
    columns: dict[str, Any] = {
        "need_hours": np.tensordot(problem.chances, problem.need, axes=1),
        "heads": heads.astype(counted),
        "staff": staff,
        "starts": of["starts"].astype(counted),
        "signed": terms["signed_starts"],
        "replacements": of["replacements"],
        "leavers": before * terms["attrition_per_month"],
        "released": of["released"].astype(counted),
        "moved_in": moved_in.astype(counted),
        "moved_out": moved_out.astype(counted),
        "temp_hours": temps,
        "overtime_hours": of["overtime"],
        "outsourced_hours": of["outsourced"],
        "own_hours": own,
        "stock_hours": of["stock"],
        "late_hours": of["late"],
        "spare_hours": spare,
    }
    frame = pd.DataFrame({name: values[by_month] for name, values in columns.items()})
    frame.insert(0, "month", months[by_month[1]])
    frame.insert(1, "role", np.array(problem.roles, dtype=object)[by_month[0]])
    before_start = frame["month"].astype("int64") - _leads(problem)[by_month]
    advert = pd.PeriodIndex.from_ordinals(before_start, freq="M")
    frame.insert(6, "advertise_by", pd.Series(advert).where(frame["starts"] > 0))
    return frame


def _leads(problem: Problem) -> npt.NDArray[np.int64]:
    """Months from advertisement to start, (roles, months); a founding team learns before the first month."""
    lead = problem.of["lead_months"].astype(np.int64)
    lead[:, 0] += np.where(problem.trained, (problem.learning > 0).sum(axis=1), 0)
    return lead


def _cost(problem: Problem, of: dict[str, Floats], moved: Floats) -> pd.DataFrame:
    terms, months = problem.of, problem.months
    moving = np.zeros((len(problem.roles), len(months)))
    np.add.at(moving, problem.moves[:, 1], moved * problem.move_cost[:, None])
    amounts = {
        "staff_cost": of["staff"] * terms["cost_per_head"],
        "hiring": (of["starts"] + of["replacements"]) * terms["hire_cost"],
        "severance": of["released"] * terms["release_cost"],
        "transfers": moving,
        "temps": (of["booked"] + of["temps"]) * terms["temp_cost_per_hour"],
        "overtime": of["overtime"] * terms["overtime_cost_per_hour"],
        "outsourcing": of["outsourced"] * terms["outsourced_cost_per_hour"],
        "material": (of["worked"] + terms["temp_productivity"] * of["temps"]) * terms["work_cost_per_hour"],
        "work_ahead": of["stock"] * terms["holding_cost_per_hour"],
        "work_late": of["late"] * terms["late_cost_per_hour"],
    }
    long = pd.DataFrame(
        {
            "month": np.tile(months.repeat(len(problem.roles)), len(ITEMS)),
            "role": np.tile(np.array(problem.roles, dtype=object), len(ITEMS) * len(months)),
            "item": np.repeat(np.array(ITEMS, dtype=object), moving.size),
            "amount": np.concatenate([amounts[item].T.ravel() for item in ITEMS]),
        }
    )
    long["month"] = pd.PeriodIndex(long["month"], freq="M")
    used = long.groupby("item", sort=False)["amount"].transform(lambda a: a.ne(0).any())
    return long[used].reset_index(drop=True)


def without(terms: RoleTerms, *covers: str) -> RoleTerms:
    """The same terms with some covers not allowed: "temps", "overtime", "outsourcing", "release".

    >>> without(RoleTerms(role="a", hours_per_head=1, cost_per_head=1, temp_cost_per_hour=9), "temps").temp_cost_per_hour
    """
    fields = {
        "temps": "temp_cost_per_hour",
        "overtime": "overtime_cost_per_hour",
        "outsourcing": "outsourced_cost_per_hour",
        "release": "release_cost",
    }
    mistakes = [f"cover is {cover!r}{did_you_mean(cover, fields)}" for cover in covers if cover not in fields]
    if mistakes:
        raise InputError(mistakes)
    return replace(terms, **{fields[cover]: None for cover in covers})
