"""What does a team cost? The fully loaded cost per role and month, item by item, in the currency of the shop's place.

Arrays have the shape `(roles, ..., months)`; an axis of draws may stand between.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecteam.inputs.arguments import Floats, whole
from ecteam.inputs.calendar_units import DAYS_PER_MONTH, MONTHS_PER_YEAR, WEEKS_PER_YEAR
from ecteam.inputs.checks import InputError
from ecteam.inputs.words import Name, Note
from ecteam.pay import payslip
from ecteam.pay.severance import severance_reserve

ROLE_ITEMS = (
    "pay",
    "year_end_pay",
    "contributions",
    "recruiting",
    "learning",
    "equipment",
    "seat",
    "welfare",
    "software",
    "temps",
    "bought_hours",
    "severance_reserve",
    "overhead",
    "owner_time",
)
SHOP_ITEMS = ("shop_system", "warehouse_rent", "logistics_company", "outsourcing")
CASH_FREE_ITEMS = ("owner_time",)
"""Items that are no payment: shown apart and left out of totals."""


def payroll_months(months: pd.PeriodIndex, place: str) -> tuple[npt.NDArray[np.datetime64], Note | None]:
    """Which month's statutory figures stand for each month of the plan, and a note where they are not its own.

    A month before the pack is refused; a month after it takes the last known figures, and that is said.

    >>> payroll_months(pd.period_range("2027-05", periods=4, freq="M"), "cn/hangzhou")[0].astype(str).tolist()
    ['2027-05', '2027-06', '2027-06', '2027-06']
    """
    first, last = payslip.known_range(place)
    asked = months.to_timestamp().to_numpy().astype("datetime64[M]")
    if asked[0] < np.datetime64(first, "M"):
        raise InputError(f"start_month is {months[0]}; the payroll figures of {place} begin in {first:%Y-%m}")
    if last is None or asked[-1] <= np.datetime64(last, "M"):
        return asked, None
    end = np.datetime64(last, "M")
    return np.minimum(asked, end), Note("contributions_of_last_month", last=str(end), place=Name(place))


def below_minimum_wage(gross_per_month: Mapping[str, float], place: str, on: npt.NDArray[np.datetime64]) -> list[Note]:
    """A note for each role's full-time pay that is below the place's minimum wage in one of the months, with both
    figures.

    >>> august = np.array(["2026-08"], dtype="datetime64[M]")
    >>> import ecteam.inputs.scenario  # which names the places
    >>> print(*below_minimum_wage({"picker": 1500, "packer": 5800}, "cn/hangzhou", august))
    pay_picker comes to 1,500 CNY a month, below the minimum wage (Hangzhou), 2,660 CNY a month from 2026-08.
    """
    currency = payslip.currency(place)
    least = {month: _minimum_wage(place, str(month)) for month in np.unique(on)}
    found = []
    for role, gross in gross_per_month.items():
        first = next((month for month, wage in least.items() if wage is not None and gross < wage), None)
        if first is not None:
            pay = f"pay_{role}"
            found.append(
                Note(
                    "below_minimum_wage",
                    field=pay,
                    field_name=Name(pay),
                    gross=gross,
                    currency=currency,
                    place=Name(place),
                    least=least[first],
                    month=str(first),
                )
            )
    return found


@cache
def _minimum_wage(place: str, month: str) -> float | None:
    """The minimum wage of a month; kept, since every plan of a place asks for the same."""
    least = payslip.minimum_wage(place, date.fromisoformat(f"{month}-01"))
    return None if least is None else float(least)


def team_cost(
    heads: Floats,
    employed_fte: Floats,
    hires: Floats,
    temp_hours: Floats,
    bought_hours: Floats,
    is_owner: npt.NDArray[np.bool_],
    has_seat: npt.NDArray[np.bool_],
    *,
    place: str,
    on: npt.NDArray[np.datetime64],
    rates: Mapping[str, Any],
) -> dict[str, Floats]:
    """Every item of the loaded cost of a team.

    Parameters
    ----------
    heads, hires : (roles, ..., months), people on board and people who start
    employed_fte : the same, their full-time equivalents on the payroll: one of a role may work part-time
    temp_hours, bought_hours : the same, paid hours of temps, and hours of work bought from outside
    is_owner, has_seat : (roles,), whose time is valued but not paid; who works in the office and not in the warehouse
    place, on : the payroll pack, and the month whose figures hold in each month
    rates : arrays that broadcast to (roles, ..., months): gross_per_month, pay_months_per_year, hire_cost,
        ramp_start_share, ramp_weeks, training_months_per_hire, equipment, equipment_life_months, seat_cost,
        welfare_cost, software_cost, temp_pay_per_hour, temp_agency_share, bought_price_per_hour, leavers_per_year,
        severance_owed_share, overhead_share

    Formula: pay = employed FTE x gross; year-end pay = pay x (months paid a year - 12)/12; contributions = employed FTE
    x those of a full-time head by the pack, whose base is all that a year pays over its months: a 13th month raises it
    by a twelfth (China: a year's pay with its bonuses, divided by 12, is the base of the next, circular 60/2006 of the
    social insurance centre, https://china-audit.com; elsewhere what is paid counts); recruiting = hires x cost of a
    hire; learning = hires x FTE of a head x pay, year-end pay and contributions of a full-time head x months lost
    (`months_lost_to_learning`, and those of a colleague who trains, where that is no duty of its own; the plan counts a
    head from when it works at full speed); equipment spread evenly over its life; temps = hours x pay x (1 + agency
    share); bought hours = hours x price; severance reserve as in `severance_reserve`; overhead = share of pay, year-end
    pay and contributions. An owner costs no pay: that of the role is the value of owner_time.
    """
    owner, seated = (each.reshape(-1, *([1] * (heads.ndim - 1))) for each in (is_owner, has_seat))
    paid = np.where(owner, 0.0, employed_fte)
    share = np.divide(employed_fte, heads, out=np.ones_like(heads), where=heads > 0)
    gross = np.asarray(rates["gross_per_month"], dtype=float)
    pay = paid * gross
    year_end_of_a_head = gross * (rates["pay_months_per_year"] - MONTHS_PER_YEAR) / MONTHS_PER_YEAR
    year_end = paid * year_end_of_a_head
    burden_of_a_head = payslip.employer_extra(gross + year_end_of_a_head, place, on)
    burden = paid * burden_of_a_head
    lost = months_lost_to_learning(rates["ramp_start_share"], rates["ramp_weeks"]) + rates["training_months_per_hire"]
    reserve = severance_reserve(
        gross + year_end_of_a_head, rates["leavers_per_year"], rates["severance_owed_share"], place, on
    )
    return {
        "pay": pay,
        "year_end_pay": year_end,
        "contributions": burden,
        "recruiting": np.where(owner, 0.0, hires) * rates["hire_cost"],
        "learning": np.where(owner, 0.0, hires) * share * (gross + year_end_of_a_head + burden_of_a_head) * lost,
        "equipment": heads * rates["equipment"] / rates["equipment_life_months"],
        "seat": np.where(seated, heads, 0.0) * rates["seat_cost"],
        "welfare": np.where(owner, 0.0, heads) * rates["welfare_cost"],
        "software": heads * rates["software_cost"],
        "temps": temp_hours * rates["temp_pay_per_hour"] * (1 + rates["temp_agency_share"]),
        "bought_hours": bought_hours * rates["bought_price_per_hour"],
        "severance_reserve": paid * reserve,
        "overhead": (pay + year_end + burden) * rates["overhead_share"],
        "owner_time": np.where(owner, employed_fte * gross, 0.0),
    }


def months_lost_to_learning(start_share: Any, weeks: Any) -> Any:
    """How many months of a newcomer's work are lost until full speed: (1 - share at the start)/2 x weeks x 12/52.

    >>> round(months_lost_to_learning(0.35, 8), 2)
    0.6
    """
    return (1 - start_share) / 2 * weeks * MONTHS_PER_YEAR / WEEKS_PER_YEAR


def outside_desk(staffed_hours: Any, seat_hours: Any, seat_cost: Any) -> Any:
    """What does a service provider ask for a month in which somebody sits at its desk for so many hours?

    Seats x price, where seats = staffed hours / hours a month that the provider fills a seat, made whole.

    >>> float(outside_desk(300, 176, 7000))
    14000.0
    """
    return whole(np.asarray(staffed_hours / seat_hours, dtype=float)) * seat_cost


LOGISTICS_FEES = (
    "lines_per_order",
    "logistics_fee_per_order",
    "logistics_fee_per_extra_line",
    "return_share",
    "logistics_return_fee",
    "logistics_storage_markup",
    "warehouse_rent_per_square_metre",
    "warehouse_area_per_daily_order",
)
"""What the price of a logistics company follows from, in the order of its arguments."""


def logistics_company(
    orders: Any,
    lines_per_order: Any,
    fee_per_order: Any,
    fee_per_extra_line: Any,
    return_share: Any,
    return_fee: Any,
    storage_markup: Any,
    rent_per_square_metre: Any,
    area_per_daily_order: Any,
) -> Any:
    """What does a logistics company ask for a month's orders, their returns and the storage included?

    orders x (fee + fee per further line x (lines - 1) + return share x fee of a return
    + markup x rent x area for each order a day / days of a month)

    >>> logistics_company(1000, 1.5, 3.0, 0.8, 0.1, 2.0, 0.0, 25.0, 0.8)
    3600.0
    """
    storage = storage_markup * rent_per_square_metre * area_per_daily_order / DAYS_PER_MONTH
    return orders * (fee_per_order + fee_per_extra_line * (lines_per_order - 1) + return_share * return_fee + storage)


def warehouse_area(orders: Any, least: Any, per_daily_order: Any) -> Any:
    """How many square metres does an own warehouse have for a month's orders, at least `least`?

    >>> float(warehouse_area(0, 50, 0.8))
    50.0
    """
    return np.maximum(least, per_daily_order * orders / DAYS_PER_MONTH)
