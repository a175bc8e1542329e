"""When do we hire whom? Month by month: heads, starts, leavers, temps, overtime, outsourcing, moves, and their cost.

How whole heads and expected leavers go together: a hire that adds a post, a release and a move are whole people. Who
leaves is a chance, so leavers and those hired in their place are expected numbers (0.04 a month is one person in two
years). `staff` is therefore a decimal, the people expected on board; `heads` are the whole posts they sit on, the rest
of the last one being vacant for the moment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.hiring.hiring_blocker import blockers
from ecteam.hiring.hiring_problem import Problem, problem_of, separate
from ecteam.hiring.hiring_scenarios import Recourse, recourse, solve_over_scenarios
from ecteam.hiring.programme import Whole, programme, solve
from ecteam.hiring.result import HiringPlan, put_together
from ecteam.hiring.terms import RoleTerms, Transfer
from ecteam.inputs.arguments import Allowed, Floats, checked
from ecteam.inputs.checks import InputError, did_you_mean

WHOLE = ("heads", "heads_and_work", "nothing")
GAP = 1e-4
"""A plan may cost this share more than the best one, unless asked for less."""


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
    for kept in separate(problem):
        part = problem.part(kept)
        blocks, bound = _solved(part, whole, gap, method)
        if blocks is None:
            mistakes += blockers(part, whole)
        parts.append(blocks)
        bounds.append(bound)
    if mistakes:
        raise InputError(mistakes)
    return put_together(problem, whole, [part for part in parts if part is not None], float(sum(bounds)))


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
    >>> value_of_scenarios(months, [[[100]], [[300]]], [terms]).iloc[:4].to_dict()
    {'wait_and_see': 2000.0, 'two_stage': 3000.0, 'mean_plan': 3000.0, 'knowing_is_worth': 1000.0}
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


def without(terms: RoleTerms, *covers: str) -> RoleTerms:
    """The same terms with some covers not allowed: "temps", "overtime", "outsourcing", "release".

    >>> packer = RoleTerms(role="packer", hours_per_head=140, cost_per_head=6_000, temp_cost_per_hour=26)
    >>> without(packer, "temps").temp_cost_per_hour is None
    True
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
    barred: dict[str, Any] = {fields[cover]: None for cover in covers}
    return replace(terms, **barred)
