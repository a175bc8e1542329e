"""How many hours does each duty ask for? drivers x minutes -> hours per duty and month.

Arrays end in a month axis `(..., months)`; a value is a number or has the shape `(draws, 1)`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ecteam.inputs.calendar_units import MINUTES_PER_HOUR, MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError


def driver_amounts(
    formulas: Iterable[tuple[str, Callable[[Mapping[str, Any]], Any] | None]], given: Mapping[str, Any]
) -> dict[str, Any]:
    """How often does each cause of work happen in a month?

    formulas : (driver, formula) in an order in which each needs only what stands before it; None where the amount is
        given
    given : scenario fields, assumptions, and the given drivers (orders, heads ...): numbers or (..., months)

    Returns: driver -> amount a month. Raises `InputError` where a formula divides by 0 or grows without end.

    >>> driver_amounts([("lines", lambda v: v["orders"] * v["lines_per_order"])],
    ...                {"orders": np.array([1000.0, 2000.0]), "lines_per_order": 1.5})["lines"].tolist()
    [1500.0, 3000.0]
    """
    known = dict(given)
    amounts: dict[str, Any] = {}
    for driver, formula in formulas:
        try:
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                amount = known[driver] if formula is None else formula(known)
        except ArithmeticError:
            amount = np.nan
        if not np.isfinite(amount).all():
            raise InputError(f"with these figures the formula of the driver {driver!r} gives no number that counts")
        known[driver] = amounts[driver] = amount
    return amounts


def minutes_per_unit(basis: str, rate: Any, *, hours_per_day: Any, productive_hours_per_month: Any) -> Any:
    """How many minutes of work is one unit, whichever way the rate is written down?

    basis : minutes_per_unit, hours_per_unit, days_per_unit, units_per_hour, units_per_day (a person's day),
        units_per_fte (a person's month), units_per_fte_year
    hours_per_day : paid hours of a working day; productive_hours_per_month : on tasks, of one full-time person

    >>> minutes_per_unit("units_per_hour", 80, hours_per_day=8, productive_hours_per_month=132)
    0.75
    """
    match basis:
        case "minutes_per_unit":
            return rate
        case "hours_per_unit":
            return MINUTES_PER_HOUR * rate
        case "days_per_unit":
            return MINUTES_PER_HOUR * hours_per_day * rate
        case "units_per_hour":
            return MINUTES_PER_HOUR / rate
        case "units_per_day":
            return MINUTES_PER_HOUR * hours_per_day / rate
        case "units_per_fte":
            return MINUTES_PER_HOUR * productive_hours_per_month / rate
        case "units_per_fte_year":
            return MINUTES_PER_HOUR * MONTHS_PER_YEAR * productive_hours_per_month / rate
    raise ValueError(
        f"basis is {basis!r}; it must be one of minutes_per_unit, hours_per_unit, days_per_unit, "
        "units_per_hour, units_per_day, units_per_fte, units_per_fte_year"
    )


def duty_hours(amount: Any, minutes: Any) -> Any:
    """Hours a month = amount x minutes / 60.

    >>> duty_hours(1500, 0.75)
    18.75
    """
    return amount * minutes / MINUTES_PER_HOUR
