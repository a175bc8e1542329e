"""What does a head really cost? Judges of the factor, of contributions along the pay, and of the reserve."""

from datetime import date
from typing import Any

from ecteam.inputs.calendar_units import MONTHS_PER_YEAR
from ecteam.inputs.scenario import PLACES
from ecteam.pay import payslip
from ecteam.pay.severance import severance_reserve
from ecteam.view.pay import cost_of_a_head
from ecteam.workshop.answers import NotYet
from ecteam.workshop.lesson import Lesson

ROLE = "cs_agent"
SHARE = 0.3
LEAVERS_PER_YEAR, OWED_SHARE = 0.4, 0.5
ON = date(2026, 7, 1)
TOLERANCE = 0.02


def my_factor(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """How many times the monthly pay of a service agent is the full cost?"""
    steps = cost_of_a_head(lesson.plan, ROLE)
    pay, full = float(steps["pay"]), float(steps.sum())
    found = {"made": made, "pay": pay, "full": full, "factor": full / pay}
    if abs(made / found["factor"] - 1) <= TOLERANCE:
        return "passed", found
    by_law = 1 + float(steps["contributions"]) / pay
    if abs(made / by_law - 1) <= TOLERANCE:
        return "only_contributions", found
    return ("upside_down" if 0 < made < 1 else "not_that"), found


def my_pay(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """Is this a pay at which the employer's contributions are less than the share?"""
    if not 1 <= made <= 1e7:
        raise NotYet("Write a monthly pay in CNY, such as 6000.", "请写一个月薪（元），例如 6000。")
    place = PLACES[lesson.shop.city]["place"]
    extra, usual = (float(payslip.employer_extra(pay, place, ON)) / pay for pay in (round(made, 2), 10_000.0))
    found = {"made": made, "share": f"{extra:.0%}", "asked": f"{SHARE:.0%}"}
    if extra < SHARE:
        return "passed", found
    return ("below_floor" if extra > usual + 0.005 else "still_flat"), found


def my_reserve(made: float, lesson: Lesson) -> tuple[str, dict[str, Any]]:
    """What does the team put aside for severance in a year?"""
    pay = float(cost_of_a_head(lesson.plan, ROLE)["pay"])
    each = float(severance_reserve(pay, LEAVERS_PER_YEAR, OWED_SHARE, PLACES[lesson.shop.city]["place"], ON))
    heads = int(lesson.plan.totals()["heads_last_month"])
    right = each * heads * MONTHS_PER_YEAR
    found = {"made": made, "each": each, "heads": heads, "year": right}
    if abs(made / right - 1) <= TOLERANCE:
        return "passed", found
    if made <= 0:
        return "nothing", found
    if abs(made / (each * MONTHS_PER_YEAR) - 1) <= TOLERANCE:
        return "one_head", found
    return ("one_month" if abs(made / (each * heads) - 1) <= TOLERANCE else "not_that"), found
