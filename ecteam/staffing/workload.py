"""How many hours does each duty ask for? drivers x minutes -> hours per duty and month.

Arrays end in a month axis `(..., months)`; an axis of draws may stand before it. A value is a number or has the shape
`(draws, 1)`, so that one call answers for every draw.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ecteam.inputs.calendar_units import MINUTES_PER_HOUR, MONTHS_PER_YEAR
from ecteam.inputs.checks import InputError

Floats = npt.NDArray[np.float64]


def driver_amounts(
    formulas: Iterable[tuple[str, Callable[[Mapping[str, Any]], Any] | None]], given: Mapping[str, Any]
) -> dict[str, Any]:
    """How often does each cause of work happen in a month?

    Parameters
    ----------
    formulas : (driver, formula) in an order in which each formula needs only what stands before it; None where the
        amount is given
    given : scenario fields, assumptions, and the given drivers (orders, heads ...): numbers or (..., months)

    Returns: driver -> amount a month, a number or (..., months). Raises `InputError` where a formula divides by 0 or
    grows without end.

    >>> orders = np.array([1000.0, 2000.0])
    >>> lines = driver_amounts([("lines", lambda v: v["orders"] * v["lines_per_order"])],
    ...                        {"orders": orders, "lines_per_order": 1.5})["lines"]
    >>> lines.tolist()
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

    Parameters
    ----------
    basis : minutes_per_unit, hours_per_unit, days_per_unit, units_per_hour, units_per_day (a person's day),
        units_per_fte (a person's month), units_per_fte_year
    rate : the figure in that basis; numbers or arrays
    hours_per_day : paid hours of a working day
    productive_hours_per_month : hours one full-time person really works on tasks in an average month

    Eighty lines an hour are three quarters of a minute each; 5 accounts per specialist and 132 hours a month:

    >>> minutes_per_unit("units_per_hour", 80, hours_per_day=8, productive_hours_per_month=132)
    0.75
    >>> minutes_per_unit("units_per_fte", 5, hours_per_day=8, productive_hours_per_month=132)
    1584.0
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
