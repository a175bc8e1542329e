"""Payroll of a place, for one person's month or for many: gross pay, net pay, and what the employer pays; also what
single events pay: part months, raises, overtime, an annual bonus, severance. The rules are those of the place's country
pack, data/payroll/*.yaml, with the figures in force on the month's last day, in the place's own currency.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecteam.inputs.checks import InputError, did_you_mean
from ecteam.inputs.words import Name, Note
from ecteam.pay.country_pack import BonusRule, Pack, Rounding, Side, figures, load_pack, places
from ecteam.pay.payroll import (
    DEFAULT_MONTH,
    ONE_DAY,
    Choices,
    Days,
    YearSoFar,
    as_pack,
    bonus_tax,
    case_of,
    check_choices,
    contributions,
    currency,
    declared_bases,
    exact,
    known_day,
    known_range,
    major,
    minimum_wage,
    minor,
    month_ends,
    rounded,
    side_total,
    stale_note,
    table_tax,
    year_begins,
)

__all__ = [
    "BonusChoice",
    "Pack",
    "Payslip",
    "Severance",
    "bonus_choice",
    "bonus_cliffs",
    "currency",
    "employer_cost",
    "employer_extra",
    "figures",
    "known_range",
    "load_pack",
    "minimum_wage",
    "month_pay",
    "overtime_pay",
    "payslip",
    "places",
    "severance",
    "stale_note",
]


def bonus_rule(pack: Pack, day: date, person: str) -> BonusRule:
    """How a bonus is taxed apart from the wage; refused where or when the law has no such rule."""
    rule = pack.bonus.get(pack.persons[person].tax)
    if rule is None:
        raise InputError(f"{pack.place} has no bonus taxed apart from the wage; use bonus instead of bonus_separate")
    if rule.until and day > rule.until:
        raise InputError(f"a bonus is taxed apart until {rule.until} only, and the month asked for is {day:%Y-%m}")
    return rule


@dataclass(frozen=True)
class BonusChoice:
    """Tax of a bonus both ways; a smaller one, `cliff_at`, may leave the employee `cliff_loss` more."""

    bonus: Decimal
    tax_separate: Decimal
    tax_merged: Decimal
    better: Literal["separate", "merged"]
    cliff_at: Decimal | None
    cliff_loss: Decimal


def bonus_choice(
    bonus: float | Decimal,
    gross_per_month: float | Decimal,
    place: str | Pack = "cn/shanghai",
    on: date = DEFAULT_MONTH,
    *,
    special_deductions: Mapping[str, float] | None = None,
    base_per_month: Any = None,
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> BonusChoice:
    """Is an annual bonus better taxed apart from the wage or with it, and is it just above a cliff?

    `bonus` of a year; the rest as in `payslip`. Formula: separate is the bonus times the rate of a twelfth of it, less
    one month's quick deduction; merged is table(12 months' taxable wage + bonus) - table(12 months' taxable wage), the
    year taken as twelve months like the asked one. Ties go to merged, which needs no election. Raises InputError where
    the law knows no bonus taxed apart. Source: MOF/STA 2023 No.30.

    >>> bonus_choice(36_001, 20_000, "cn/shanghai", date(2026, 1, 1))
    BonusChoice(bonus=Decimal('36001.00'), tax_separate=Decimal('3390.10'), tax_merged=Decimal('6600.20'),
                better='separate', cliff_at=Decimal('36000.00'), cliff_loss=Decimal('2309.10'))
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    settled = Choices("employee", choices or {}, tuple(without))
    case = case_of(pack, day, float(gross_per_month), base_per_month, special_deductions, settled)
    rule = bonus_rule(pack, day, settled.person)
    amount = minor(pack, "bonus", float(bonus))
    apart = bonus_tax(pack, rule, day, amount)
    nothing = case.wage * 0
    so_far = YearSoFar(nothing, nothing, nothing, nothing)
    for _ in range(12 - 1):
        so_far = case.month(day, case.wage, nothing, nothing, so_far)[2]
    without_bonus = case.month(day, case.wage, nothing, nothing, so_far)[1]
    merged = case.month(day, case.wage, amount, nothing, so_far)[1] - without_bonus
    cliff = next((start for start, end in bonus_cliffs(pack, on) if start < exact(pack, amount) < end), None)
    loss = Decimal(0)
    if cliff is not None and rule.method == "rate_of_part":
        at_cliff = minor(pack, "bonus", float(cliff))
        loss = exact(pack, at_cliff - bonus_tax(pack, rule, day, at_cliff) - (amount - apart))
    return BonusChoice(
        exact(pack, amount),
        exact(pack, apart),
        exact(pack, merged),
        "separate" if apart < merged else "merged",
        cliff if loss > 0 else None,
        max(loss, Decimal(0)),
    )


def bonus_cliffs(place: str | Pack = "cn/shanghai", on: date = DEFAULT_MONTH) -> list[tuple[Decimal, Decimal]]:
    """Between which gross bonuses does an employee keep less than at the lower end, if the bonus is taxed apart?

    Formula: above a limit L of the table, bonus x (1 - rate) + quick deduction reaches L - tax(L) again at
    (L - tax(L) - quick deduction) / (1 - rate). Raises InputError where the law knows no bonus taxed apart.

    >>> [(float(start), float(end)) for start, end in bonus_cliffs("cn/shanghai", date(2026, 1, 1))][:2]
    [(36000.0, 38566.67), (144000.0, 160500.0)]
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    rule = bonus_rule(pack, day, "employee")
    table, ranges = pack.table(rule.bands, day), []
    for row, tax_at_limit in zip(table.rows[1:], table.tax_at_start[1:], strict=True):
        limit = row.above * rule.parts
        at_limit = minor(pack, "bonus", float(limit))
        kept = exact(pack, at_limit - bonus_tax(pack, rule, day, at_limit))
        end = (kept - row.above * row.rate + tax_at_limit) / (1 - row.rate)
        ranges.append((exact(pack, at_limit), _half_up(pack, end)))
    return ranges


def _amount(pack: Pack, name: str, value: float | Decimal) -> Decimal:
    return exact(pack, minor(pack, name, float(value)))


def _half_up(pack: Pack, amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1) / pack.minor_units, ROUND_HALF_UP)


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

    `gross_per_month`, contract wage; `on`, any day of the month; `joined` and `left`, first and last day employed;
    `raised_to` (a month) from `raised_on`; `unpaid_days`, working days without pay.
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

    def weekdays(begin: date, end: date) -> int:
        return max(int(np.busday_count(begin, end + ONE_DAY)), 0)

    month_days = weekdays(first, last)
    divisor = (
        pack.value(pack.paid_days_per_month, known_day(pack, on)) if pack.paid_days_per_month else Decimal(month_days)
    )
    change = min(max(raised_on or end + ONE_DAY, start), end + ONE_DAY)
    old_days, new_days = weekdays(start, change - ONE_DAY), weekdays(change, end)
    if start == first and end == last:
        pay = (wage * old_days + new_wage * new_days) / month_days
    else:
        pay = min((wage * old_days + new_wage * new_days) / divisor, max(wage, new_wage))
    last_wage = new_wage if new_days else wage
    return _half_up(pack, max(pay - last_wage * Decimal(str(unpaid_days)) / divisor, Decimal(0)))


def overtime_pay(gross_per_month: float | Decimal, place: str | Pack, on: date, hours: Mapping[str, float]) -> Decimal:
    """What do hours of overtime pay in a month, by kind of day, {"weekday": 2, "rest_day": 3, "holiday": 8}?

    Formula: wage / paid days / hours a day x multiplier x hours (1.5, 2 and 3 in China, on top of the month's wage).
    Raises InputError for an unknown kind of day, negative hours, or more than are lawful in a month (36 in China).
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
    # Where the law names no days: twelve equal months of the year's 52 weeks of five days.
    days = pack.value(pack.paid_days_per_month, day) if pack.paid_days_per_month else Decimal(52 * 5) / 12
    hour = wage / days / pack.value(pack.hours_per_day, day)
    times = sum(
        (Decimal(str(number)) * pack.value(pack.overtime.multipliers[kind], day) for kind, number in hours.items()),
        Decimal(0),
    )
    return _half_up(pack, hour * times)


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

    `gross_per_month`, average of the last twelve months with all variable pay; `ending`, in China "N", "N+1" (without
    notice) or "2N" (unlawful), by default the first the pack knows; `last_gross_per_month` pays the notice (the average
    when None).
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
    amount = compensation + notice
    return Severance(pack.place, pack.currency, ending, years, counted, capped, compensation, notice, amount, tax)


@dataclass(frozen=True)
class YearToDate:
    """What counts of a tax year at one employer: pay and, where tax is withheld on the year, deductions and tax."""

    year_begins: date
    months: int
    income: Decimal
    deducted: Decimal
    income_tax: Decimal


@dataclass(frozen=True)
class Payslip:
    """One person's month: net = gross - own contributions - both taxes; cost = gross + employer_extra."""

    place: str
    month: date
    currency: str
    gross: Decimal
    contributions: dict[str, dict[str, Decimal]]
    employee_contributions: Decimal
    income_tax: Decimal
    bonus_tax: Decimal
    net: Decimal
    employer_extra: Decimal
    employer_cost: Decimal
    notes: tuple[Note, ...]
    year_to_date: YearToDate


def payslip(
    gross_per_month: float | Decimal,
    place: str | Pack = "cn/shanghai",
    on: date = DEFAULT_MONTH,
    *,
    joined: date | None = None,
    left: date | None = None,
    raised_to: float | Decimal | None = None,
    raised_on: date | None = None,
    unpaid_days: float = 0,
    overtime_hours: Mapping[str, float] | None = None,
    bonus: float | Decimal = 0,
    bonus_separate: float | Decimal = 0,
    special_deductions: Mapping[str, float] | None = None,
    base_per_month: Any = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
    earlier: Payslip | None = None,
) -> Payslip:
    """What does one person get and cost in one month?

    `gross_per_month`, contract wage, which is also the declared base unless `base_per_month` says otherwise (in China a
    twelfth of last year's pay, bonuses included); `on`, any day of the month; `joined` to `unpaid_days` as in
    `month_pay`; `overtime_hours` as in `overtime_pay`; `bonus` taxed with the wage, `bonus_separate` apart;
    `special_deductions`, {"child_education": 2, "rent": 1} as counts of the pack's monthly figures; `person`,
    `choices`, `without` as in `employer_extra`; `earlier`, the last payslip of this employment, without which the tax
    year before this month is taken to have paid the same wage since it began, or since `joined`. Formula: net = gross -
    employee's contributions - income tax - bonus tax; employer_cost = gross + employer's. Raises InputError as
    `employer_extra` does; a wage below the minimum and an old pack are said in `notes`.

    >>> slip = payslip(20_000, "cn/shanghai", date(2025, 12, 1), joined=date(2025, 12, 1))
    >>> slip.net, slip.income_tax, slip.contributions["housing_fund"]["employer"]
    (Decimal('16155.00'), Decimal('345.00'), Decimal('1400.00'))
    """
    pack = as_pack(place)
    day = known_day(pack, on)
    if (joined and joined > day) or (left and left < day.replace(day=1)):
        raise InputError(f"nobody is employed in {day:%Y-%m} who joined on {joined} and left on {left}")
    settled = Choices(person, choices or {}, tuple(without))
    case = case_of(pack, day, float(gross_per_month), base_per_month, special_deductions, settled)
    pay = month_pay(
        gross_per_month,
        pack,
        on,
        joined=joined,
        left=left,
        raised_to=raised_to,
        raised_on=raised_on,
        unpaid_days=unpaid_days,
    )
    overtime = overtime_pay(gross_per_month, pack, on, overtime_hours) if overtime_hours else Decimal(0)
    regular = minor(pack, "pay of the month", float(pay))
    extra = minor(pack, "bonus", float(bonus)) + minor(pack, "overtime", float(overtime))
    apart = minor(pack, "bonus_separate", float(bonus_separate))
    if earlier is not None:
        so_far = _resume(pack, earlier, day)
    else:
        first_month = month_pay(gross_per_month, pack, joined, joined=joined) if joined else pay
        so_far = case.year_before(day, joined, minor(pack, "pay", float(first_month)))
    due, tax, after = case.month(day, regular, extra, apart, so_far)
    on_bonus = bonus_tax(pack, bonus_rule(pack, day, person), day, apart) if apart else apart
    employee, employer = side_total(due, "employee"), side_total(due, "employer")
    gross = regular + extra + apart
    by_item: dict[str, dict[str, Decimal]] = {}
    for (item, side), amount in due.items():
        by_item.setdefault(item, {})[side] = exact(pack, amount)
    year = YearToDate(
        year_begins(pack, day),
        int(after.months),
        exact(pack, after.income),
        exact(pack, after.deducted),
        exact(pack, after.tax),
    )
    return Payslip(
        place=pack.place,
        month=day.replace(day=1),
        currency=pack.currency,
        gross=exact(pack, gross),
        contributions=by_item,
        employee_contributions=exact(pack, employee),
        income_tax=exact(pack, tax),
        bonus_tax=exact(pack, on_bonus),
        net=exact(pack, gross - employee - tax - on_bonus),
        employer_extra=exact(pack, employer),
        employer_cost=exact(pack, gross + employer),
        notes=_notes(pack, on, exact(pack, case.wage), exact(pack, employee), settled),
        year_to_date=year,
    )


def _resume(pack: Pack, earlier: Payslip, day: date) -> YearSoFar:
    """The year so far after an earlier payslip; a new tax year begins at nothing."""
    if earlier.place != pack.place or earlier.month >= day.replace(day=1):
        raise InputError(f"earlier is of {earlier.place} {earlier.month:%Y-%m}, not of {pack.place} before {day:%Y-%m}")
    year = earlier.year_to_date
    same = year.year_begins == year_begins(pack, day)
    amounts = (year.income, year.deducted, year.income_tax) if same else (Decimal(0),) * 3
    months = np.array(year.months if same else 0, dtype=np.int64)
    return YearSoFar(months, *(np.array(int(amount * pack.minor_units), dtype=np.int64) for amount in amounts))


def _notes(pack: Pack, on: date, wage: Decimal, employee: Decimal, settled: Choices) -> tuple[Note, ...]:
    least = minimum_wage(pack, on, choices=settled.figures)
    after = pack.minimum_wage is not None and pack.minimum_wage.after_contributions
    kept = wage - employee if after else wage
    notes = []
    if least is not None and wage > 0 and kept < least:
        key = "net_below_minimum" if after else "gross_below_minimum"
        notes.append(Note(key, gross=wage, kept=kept, place=Name(pack.place), least=least, currency=pack.currency))
    stale = stale_note(pack, on)
    return (*notes, stale) if stale else tuple(notes)


def _months(pack: Pack, on: Any) -> Days:
    """The last day of every asked month; refused where a month lies outside the pack's range."""
    stamps = on.to_timestamp() if hasattr(on, "to_timestamp") else on
    months = np.asarray(stamps, dtype="datetime64[D]").astype("datetime64[M]")
    for month in (months.min(), months.max()) if months.size else ():
        known_day(pack, month.astype("datetime64[D]").item())
    return np.asarray((months + 1).astype("datetime64[D]") - 1, dtype="datetime64[D]")


def employer_extra(
    gross_per_month: ArrayLike,
    place: str | Pack = "cn/shanghai",
    on: Any = DEFAULT_MONTH,
    *,
    extra_pay: ArrayLike = 0,
    base_per_month: Any = None,
    earned_before: ArrayLike | None = None,
    person: str = "employee",
    choices: Mapping[str, float] | None = None,
    without: Collection[str] = (),
) -> NDArray[np.float64]:
    """What does an employer pay on top of gross pay? Contributions of the employer's side, per month; arrays broadcast.

    `gross_per_month`, contract wage, 0 where nobody is employed; `on`, months (dates, datetime64, a DatetimeIndex);
    `extra_pay`, bonus and overtime of the month, which in China move the declared base of the next year, not this one;
    `base_per_month`, declared base where it is not the wage, or {"housing_fund": ...} by group; `earned_before`, pay
    earlier in the tax year at this employer, for yearly caps (when None: the same wage since it began); `person`,
    "employee", "pensioner" ...; `choices`, figures inside the pack's range, {"housing_fund_rate": 0.05}; `without`,
    contributions the person stays out of. Formula: sum over items of rate x (base within floor, cap and threshold),
    each rounded by law; exact to the currency's smallest unit. Source: the pack's `figures`. Raises InputError for an
    unknown place, a month outside the pack's range, negative pay, a choice out of range.

    >>> float(employer_extra(20_000, "cn/shanghai", "2026-07"))
    6580.0
    """
    pack = as_pack(place)
    days = _months(pack, on)
    settled = Choices(person, choices or {}, tuple(without))
    check_choices(pack, settled, days)
    wage = minor(pack, "gross_per_month", gross_per_month)
    paid = wage + minor(pack, "extra_pay", extra_pay)
    month_of_year = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    level = wage * ((month_of_year - pack.tax_year_starts_month) % 12)
    before = level if earned_before is None else minor(pack, "earned_before", earned_before)
    bases = declared_bases(pack, base_per_month)
    sides: list[Side] = ["employer"]
    due = contributions(pack, days, wage, paid, bases, before, settled, sides)
    shape = np.broadcast_shapes(paid.shape, days.shape, before.shape)
    return major(pack, side_total(due, "employer", shape))


def employer_cost(
    gross_per_month: ArrayLike,
    place: str | Pack = "cn/shanghai",
    on: Any = DEFAULT_MONTH,
    *,
    extra_pay: ArrayLike = 0,
    **terms: Any,
) -> NDArray[np.float64]:
    """What does a team cost its employer, for every person and month? Gross pay, extra pay and `employer_extra`.

    >>> employer_cost([[8000], [50_000]], "uk", ["2026-04", "2026-05"]).round(2)
    array([[ 9247.52,  9247.52],
           [57547.52, 57547.52]])
    """
    pack = as_pack(place)
    extra = employer_extra(gross_per_month, pack, on, extra_pay=extra_pay, **terms)
    paid = minor(pack, "gross_per_month", gross_per_month) + minor(pack, "extra_pay", extra_pay)
    return major(pack, paid + np.rint(extra * pack.minor_units).astype(np.int64))
