"""The terms of a shop's hiring plan: what its people, temps, overtime and outside seats give and cost, by role."""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import permutations

import numpy as np
import numpy.typing as npt

from ecteam.hiring.terms import RoleTerms, Transfer, lead_months, ramp_by_month
from ecteam.inputs.calendar_units import MONTHS_PER_YEAR, WEEKS_PER_YEAR
from ecteam.pay import loaded_cost
from ecteam.pay.payroll_events import overtime_cap, overtime_pay, severance
from ecteam.plan.cost import role_items
from ecteam.plan.solution import Solution

Floats = npt.NDArray[np.float64]

USUAL = ("temps", "overtime")
"""What covers a need besides hires unless more is asked for."""
MOVING_GROUPS = ("service", "warehouse")
"""Groups of roles within which people may move from post to post."""


def roles_of(solution: Solution) -> list[str]:
    """The roles that a hiring plan is about: those with people, the owner aside."""
    used = solution.results.heads[:, 0].max(axis=1) > 0
    return [role for role, there in zip(solution.results.roles, used, strict=True) if there and role != "owner"]


def terms_of(solution: Solution, may: Collection[str] = USUAL) -> tuple[RoleTerms, ...]:
    """The terms of every role of `roles_of`, from the plan's assumptions and payroll pack.

    Recruiting for expected leavers never stops (as in the plan itself, which spreads it over the year).
    """
    values, roles, results = solution.values, roles_of(solution), solution.results
    at = [results.roles.index(role) for role in roles]
    columns = solution.assumptions.role_columns
    unit = _unit_prices(solution)
    hours = hours_per_head(solution)
    first_heads = results.heads[:, 0, 0] if solution.scenario.team_in_place else np.zeros(len(results.roles))
    day = [month.astype(date) for month in solution.inputs.payroll_months]
    willing = values["overtime_most_hours"]
    law = [overtime_cap(solution.scenario.place, on) for on in day]
    most_overtime = [willing if cap is None else min(willing, float(cap)) for cap in law]
    temps_per_head = values["temp_most_share"] / (1 - values["temp_most_share"])
    terms = []
    for r, role in zip(at, roles, strict=True):
        group, shrinkage = columns["group"][role], values[columns["shrinkage"][role]]
        temps = "temps" in may and columns["temp_pay"][role] != ""
        ramp = ramp_by_month(values[f"ramp_weeks_{group}"], values["ramp_start_share"])
        hire = unit["hire"][r].copy()
        if not solution.scenario.team_in_place:
            hire[0] += unit["learning"][r, 0]
        there = np.where(results.seats[r, 0] > 0, 1.0, 0.0)
        present = results.on_shift[r, 0]
        terms.append(
            RoleTerms(
                role=role,
                heads_at_start=float(first_heads[r]),
                replaced_ahead=True,
                trained_before=not solution.scenario.team_in_place,
                hours_per_head=hours[r],
                cost_per_head=unit["head"][r],
                lead_months=lead_months(values[f"time_to_fill_weeks_{group}"]),
                ramp=ramp,
                attrition_per_month=values[columns["attrition"][role]] / MONTHS_PER_YEAR,
                hire_cost=hire,
                release_cost=_release_cost(solution, unit["gross"][r, 0], day[0]) if "release" in may else None,
                temp_cost_per_hour=unit["temp"][r] if temps else None,
                temp_productivity=values["temp_productivity"],
                temp_most_hours_per_head=temps_per_head * results.paid_hours[0],
                overtime_cost_per_hour=_overtime_prices(solution, unit["gross"][r], day) if "overtime" in may else None,
                overtime_most_hours_per_head=most_overtime,
                # Breaks, leave and illness take their share of an hour of overtime too.
                overtime_productivity=1 - shrinkage,
                outsourced_cost_per_hour=_seat_price(solution) if "outsourcing" in may and group == "service" else None,
                least_heads=there if temps else np.maximum(there, present),
                least_present=present,
            )
        )
    return tuple(terms)


def hours_per_head(solution: Solution) -> Floats:
    """Hours of work of a trained head, (roles, months)."""
    columns = solution.assumptions.role_columns["shrinkage"]
    productive = [1 - solution.values[columns[role]] for role in solution.results.roles]
    return np.array(productive)[:, None] * solution.results.paid_hours[:1]


def _unit_prices(solution: Solution) -> dict[str, Floats]:
    """What a head a month, a hire and an hour of a temp cost, (roles, months): the plan's own cost of one more each.

    `hire` is recruiting and the hours of whom trains; `learning` the slow weeks, which the hiring plan counts as work
    that is not done, and a founding team has behind it.
    """
    results = solution.results
    shape = results.heads[:, :1].shape
    one, none = np.ones(shape), np.zeros(shape)

    def items(heads: Floats, hires: Floats, temp_hours: Floats) -> dict[str, Floats]:
        by_item = role_items(solution.inputs, solution.values, results.roles, heads, hires, temp_hours)
        return {name: by_item[name][:, 0] for name in loaded_cost.ROLE_ITEMS if name not in loaded_cost.CASH_FREE_ITEMS}

    head, hire, temp = items(one, none, none), items(none, one, none), items(none, none, one)
    groups = solution.assumptions.role_columns["group"]
    weeks = np.array([solution.values[f"ramp_weeks_{groups[role]}"] for role in results.roles])
    lost = loaded_cost.months_lost_to_learning(solution.values["ramp_start_share"], weeks)[:, None]
    learning = lost * (head["pay"] + head["year_end_pay"] + head["contributions"])
    return {
        "head": sum(head.values(), np.zeros(shape[::2])),
        "hire": sum(hire.values(), np.zeros(shape[::2])) - learning,
        "learning": learning,
        "temp": temp["temps"],
        "gross": head["pay"],
    }


def _overtime_prices(solution: Solution, gross: Floats, days: Sequence[date]) -> Floats:
    """An hour of weekday overtime by the payroll pack, (months,)."""
    known = {
        (pay, day): float(overtime_pay(pay, solution.scenario.place, day, {"weekday": 1}))
        for pay, day in dict.fromkeys(zip(np.round(gross, 2).tolist(), days, strict=True))
    }
    return np.array([known[key] for key in zip(np.round(gross, 2).tolist(), days, strict=True)])


def _release_cost(solution: Solution, gross: float, day: date) -> float:
    """Severance by the payroll pack's first way of ending, and the notice that is paid and not worked."""
    owed = severance(round(gross, 2), solution.scenario.place, day, solution.values["release_service_years"])
    notice = gross * solution.values["release_notice_weeks"] * MONTHS_PER_YEAR / WEEKS_PER_YEAR
    return float(owed.amount) + notice


def _seat_price(solution: Solution) -> float:
    """An hour of work at a provider's desk: a seat is filled through leave and illness."""
    return solution.values["outsourced_seat_cost"] / (
        solution.values["hours_per_day"] * solution.values["working_days_per_month"]
    )


def transfers_of(solution: Solution, may: Collection[str]) -> tuple[Transfer, ...]:
    """Moves between the roles of a group that work alike."""
    if "transfers" not in may:
        return ()
    groups = solution.assumptions.role_columns["group"]
    pairs = permutations(roles_of(solution), 2)
    return tuple(
        Transfer(a, b, lost_share=solution.values["move_lost_share"])
        for a, b in pairs
        if groups[a] == groups[b] and groups[a] in MOVING_GROUPS
    )
