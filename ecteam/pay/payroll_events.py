"""What single events pay: part months, raises, overtime, unused leave, severance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.pay.country_pack import Pack, Rounding
from ecteam.pay.payroll import exact, minor, rounded, table_tax
from ecteam.pay.payroll_place import ONE_DAY, as_pack, known_day, month_ends


def _amount(pack: Pack, name: str, value: float | Decimal) -> Decimal:
    return exact(pack, minor(pack, name, float(value)))


def _half_up(pack: Pack, amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1) / pack.minor_units, ROUND_HALF_UP)


def _weekdays(first: date, last: date) -> int:
    return int(np.busday_count(first, last + ONE_DAY)) if first <= last else 0


def month_pay(
    gross_per_month: float | Decimal,
    place: str | Pack,
    on: date,
    *,
    joined: date | None = None,
    left: date | None = None,
    raised_to: float | Decimal | None = None,
    raised_on: date | None = None,
    unpaid_days: float = 0,
) -> Decimal:
    """What does a month pay somebody who joins, leaves, is raised or takes unpaid days in it?

    Parameters: `gross_per_month`, contract wage in the place's currency; `on`, any day of the month; `joined`
    and `left`, first and last day employed; `raised_to` (a month) from `raised_on`; `unpaid_days`, working
    days without pay.
    Formula: wage / paid days (21.75 in China, else the month's own weekdays) x weekdays employed, never above
    the wage; a raise splits the month by its weekdays; an unpaid day costs wage / paid days. Weekdays count
    public holidays, which are paid. Raises InputError for negative pay or days, or dates in the wrong order.
    Source: 人社部发〔2025〕2号 for the 21.75 days; the split of a part month is practice, law is silent.

    >>> month_pay(21_750, "cn/shanghai", date(2025, 12, 1), joined=date(2025, 12, 15))
    Decimal('13000.00')
    """
    pack = as_pack(place)
    first, last = month_ends(on)
    wage = _amount(pack, "gross_per_month", gross_per_month)
    new_wage = wage if raised_to is None else _amount(pack, "raised_to", raised_to)
    if (raised_to is None) != (raised_on is None):
        raise InputError("raised_to and raised_on belong together: the new wage and the day it begins")
    if unpaid_days < 0:
        raise InputError(f"unpaid_days is {unpaid_days}; it must be 0 or more working days")
    start, end = max(first, joined or first), min(last, left or last)
    if joined and left and left < joined:
        raise InputError(f"left is {left}, before joined, which is {joined}")
    month_days = _weekdays(first, last)
    divisor = (
        pack.value(pack.paid_days_per_month, known_day(pack, on)) if pack.paid_days_per_month else Decimal(month_days)
    )
    change = min(max(raised_on or end + ONE_DAY, start), end + ONE_DAY)
    old_days, new_days = _weekdays(start, change - ONE_DAY), _weekdays(change, end)
    if start == first and end == last:
        pay = (wage * old_days + new_wage * new_days) / month_days
    else:
        pay = min((wage * old_days + new_wage * new_days) / divisor, max(wage, new_wage))
    last_wage = new_wage if new_days else wage
    return _half_up(pack, max(pay - last_wage * Decimal(str(unpaid_days)) / divisor, Decimal(0)))


def _day_wage(pack: Pack, wage: Decimal, day: date) -> Decimal:
    if pack.paid_days_per_month:
        return wage / pack.value(pack.paid_days_per_month, day)
    # Twelve equal months of the year's 52 weeks of five days.
    return wage * 12 / (52 * 5)


def overtime_pay(gross_per_month: float | Decimal, place: str | Pack, on: date, hours: Mapping[str, float]) -> Decimal:
    """What do hours of overtime pay in a month?

    Parameters: `hours` by kind of day, {"weekday": 2, "rest_day": 3, "holiday": 8}.
    Formula: wage / paid days / hours a day x multiplier x hours (1.5, 2 and 3 in China, on top of the month's
    wage).
    Raises InputError for an unknown kind of day, negative hours, or more hours than are lawful in a month (36
    in China).
    Source: Labour Law arts.41 and 44.

    >>> overtime_pay(21_750, "cn/kunming", date(2026, 1, 1), {"weekday": 2})
    Decimal('375.00')
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    wage = _amount(pack, "gross_per_month", gross_per_month)
    if pack.overtime is None:
        raise InputError(f"the pack of {pack.place} says nothing of overtime")
    for kind, number in hours.items():
        if kind not in pack.overtime.multipliers:
            raise InputError(f"overtime has {kind!r}{did_you_mean(kind, pack.overtime.multipliers)}")
        if number < 0:
            raise InputError(f"overtime on a {kind} is {number} hours; it must be 0 or more")
    cap = pack.value(pack.overtime.hours_cap, day) if pack.overtime.hours_cap else None
    if cap is not None and sum(hours.values()) > cap:
        raise InputError(f"overtime is {sum(hours.values()):g} hours; {pack.place} allows 0 to {cap} hours a month")
    hour = _day_wage(pack, wage, day) / pack.value(pack.hours_per_day, day)
    times = sum(
        (Decimal(str(number)) * pack.value(pack.overtime.multipliers[kind], day) for kind, number in hours.items()),
        Decimal(0),
    )
    return _half_up(pack, hour * times)


def leave_days_per_year(place: str | Pack, on: date, years_of_work: float = 1) -> Decimal:
    """How many days of paid leave does law give somebody with so many years of work?

    >>> leave_days_per_year("cn/shanghai", date(2026, 7, 1), years_of_work=12)
    Decimal('10')
    """
    pack = as_pack(place)
    if pack.leave is None:
        raise InputError(f"the pack of {pack.place} says nothing of leave")
    reached = [years for years in pack.leave.days_from_years if years <= years_of_work]
    return pack.value(pack.leave.days_from_years[max(reached)], known_day(pack, on)) if reached else Decimal(0)


def unused_leave_pay(gross_per_month: float | Decimal, place: str | Pack, on: date, days: float) -> Decimal:
    """What do unused days of leave pay on top of the wage?

    Formula: day's wage x days x 2 in China, which with the wage itself makes 300 %. Raises InputError for
    negative days.

    >>> unused_leave_pay(43_500, "cn/shanghai", date(2026, 3, 13), days=1)
    Decimal('4000.00')
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    wage = _amount(pack, "gross_per_month", gross_per_month)
    if days < 0:
        raise InputError(f"days is {days}; it must be 0 or more days of leave")
    if pack.leave is None or pack.leave.unused_extra is None:
        return Decimal(0)
    return _half_up(pack, _day_wage(pack, wage, day) * pack.value(pack.leave.unused_extra, day) * Decimal(str(days)))


@dataclass(frozen=True)
class Severance:
    """What an ending costs: amount = compensation + notice_pay; `income_tax` falls on what is not exempt."""

    place: str
    currency: str
    ending: str
    years_counted: Decimal
    wage_counted: Decimal
    capped: bool
    compensation: Decimal
    notice_pay: Decimal
    amount: Decimal
    income_tax: Decimal


def _years_counted(years: Decimal, counting: str) -> Decimal:
    if counting == "exact":
        return years
    whole = years // 1
    rest = years - whole
    if counting == "whole_years" or rest == 0:
        return whole
    return whole + (Decimal("0.5") if rest < Decimal("0.5") else 1)


def severance(
    gross_per_month: float | Decimal,
    place: str | Pack,
    on: date,
    years_of_service: float,
    *,
    ending: str | None = None,
    last_gross_per_month: float | Decimal | None = None,
) -> Severance:
    """What does it cost to end an employment?

    Parameters: `gross_per_month`, average of the last twelve months with all variable pay;
    `years_of_service`; `ending`, in China "N", "N+1" (without notice) or "2N" (unlawful), by default the
    first the pack knows; `last_gross_per_month`, last month's wage, which pays the notice (the average when
    None).
    Formula: months per year x years counted x wage, the wage and then the years capped (China: three times
    the local average wage, then twelve years), x times of the ending, + notice months x last month's wage. In
    China what exceeds three local yearly wages is taxed on the annual table.
    Raises InputError for an unknown ending, negative pay or years. Source: Labour Contract Law arts.40, 47,
    87; 财税〔2018〕164号; the pack's `figures`.

    >>> severance(43_500, "cn/shanghai", date(2026, 3, 13), 0.28).compensation
    Decimal('18865.50')
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    rule = pack.severance
    if rule is None:
        raise InputError(f"the pack of {pack.place} says nothing of severance")
    ending = next(iter(rule.endings)) if ending is None else ending
    if ending not in rule.endings:
        raise InputError(f"ending is {ending!r}{did_you_mean(ending, rule.endings)}")
    if years_of_service < 0:
        raise InputError(f"years_of_service is {years_of_service}; it must be 0 or more years")

    def value(name: str | None) -> Decimal | None:
        return pack.value(name, day) if name else None

    wage = _amount(pack, "gross_per_month", gross_per_month)
    last = wage if last_gross_per_month is None else _amount(pack, "last_gross_per_month", last_gross_per_month)
    average = value(rule.average_wage)
    cap = value(rule.wage_cap)
    if average is not None and rule.wage_cap_of_average:
        cap = average * pack.value(rule.wage_cap_of_average, day)
    capped = cap is not None and wage > cap
    counted = cap if capped and cap is not None else wage
    years = _years_counted(Decimal(str(years_of_service)), rule.counting)
    if years < (value(rule.least_years) or 0):
        years = Decimal(0)
    for limit in (value(rule.most_years), value(rule.years_if_capped) if capped else None):
        years = years if limit is None else min(years, limit)
    parts = rule.endings[ending]
    times = value(parts.get("times")) or Decimal(0)
    compensation = _half_up(pack, pack.value(rule.months_per_year, day) * years * counted * times)
    notice = _half_up(pack, last * (value(parts.get("notice_months")) or 0))
    tax = Decimal(0)
    if average is not None and rule.bands and rule.exempt_annual_averages:
        exempt = 12 * average * pack.value(rule.exempt_annual_averages, day)
        over = max(compensation + notice - exempt, Decimal(0))
        taxable = np.array(int(over * pack.minor_units), dtype=np.int64)
        tax = exact(pack, rounded(table_tax(pack, pack.table(rule.bands, day), taxable), Rounding(), pack))
    return Severance(
        pack.place,
        pack.currency,
        ending,
        years,
        counted,
        capped,
        compensation,
        notice,
        compensation + notice,
        tax,
    )


def overtime_cap(place: str | Pack, on: date) -> Decimal | None:
    """How many hours of overtime a month are lawful? None where the pack knows no limit by the month.

    >>> overtime_cap("cn/hangzhou", date(2026, 7, 1)), overtime_cap("uk", date(2026, 7, 1))
    (Decimal('36'), None)
    """
    pack = as_pack(place)
    if pack.overtime is None or pack.overtime.hours_cap is None:
        return None
    return pack.value(pack.overtime.hours_cap, known_day(pack, on))
